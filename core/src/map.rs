//! A map in one sorted list: keys come mostly in rising order here (ids are made from the time), so that inserting is
//! appending. The standard tree costs the page six times the code, for each kind of value.

use core::borrow::Borrow;
use serde::{Serialize, Serializer};

/// Keys in rising order, each once, and their values in the same order: apart, so that looking up is the same code for
/// all kinds of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V> {
    keys: Vec<K>,
    values: Vec<Box<V>>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }
}

/// Where a key is, or where it belongs.
#[inline(never)]
fn find<K: Borrow<Q>, Q: Ord + ?Sized>(keys: &[K], key: &Q) -> Result<usize, usize> {
    match keys.last() {
        Some(last) if last.borrow() < key => Err(keys.len()),
        _ => keys.binary_search_by(|other| other.borrow().cmp(key)),
    }
}

impl<K: Ord, V> Map<K, V> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self { keys: Vec::new(), values: Vec::new() }
    }

    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        find(&self.keys, key).ok().and_then(|at| self.values.get(at)).map(|value| &**value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        find(&self.keys, key).ok().and_then(|at| self.values.get_mut(at)).map(|value| &mut **value)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        find(&self.keys, key).is_ok()
    }

    /// Sets the value of a key; the one that it had is lost.
    pub fn insert(&mut self, key: K, value: V) {
        match find(&self.keys, &key) {
            Ok(at) => {
                if let Some(place) = self.values.get_mut(at) {
                    **place = value;
                }
            }
            Err(at) => {
                self.keys.insert(at, key);
                self.values.insert(at, Box::new(value));
            }
        }
    }

    /// Takes a key out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = find(&self.keys, key).ok()?;
        self.keys.remove(at);
        Some(*self.values.remove(at))
    }

    /// Takes so many of the smallest keys out.
    pub fn take_first(&mut self, count: usize) -> impl Iterator<Item = (K, Box<V>)> {
        let count = count.min(self.keys.len());
        self.keys.drain(..count).zip(self.values.drain(..count))
    }

    /// Keys and values, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.keys.iter().zip(self.values())
    }

    /// Values, in the order of keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.values.iter().map(|value| &**value)
    }
}

impl<K: Ord, V: Default> Map<K, V> {
    /// The value of a key, made if it is not there.
    pub fn entry(&mut self, key: K) -> &mut V {
        let at = match find(&self.keys, &key) {
            Ok(at) => at,
            Err(at) => {
                self.keys.insert(at, key);
                self.values.insert(at, Box::default());
                at
            }
        };
        // `at` was found or filled just now.
        #[allow(clippy::indexing_slicing)]
        &mut self.values[at]
    }
}

impl<V: Serialize> Serialize for Map<String, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn it_agrees_with_a_tree_on_random_work() {
        let (mut map, mut tree, mut rng) = (Map::new(), BTreeMap::new(), Rng::new(5));
        for step in 0..20_000u64 {
            let key = rng.below(300) as u32;
            match rng.below(5) {
                0 => assert_eq!(map.remove(&key), tree.remove(&key)),
                1 => {
                    map.insert(key, step);
                    tree.insert(key, step);
                }
                2 => *map.entry(key) += 1,
                3 => assert_eq!(map.get(&key), tree.get(&key)),
                _ if step % 50 == 0 => {
                    assert!(map.take_first(1).map(|(key, value)| (key, *value)).eq(tree.pop_first()))
                }
                _ => assert_eq!(map.contains_key(&key), tree.contains_key(&key)),
            }
            if let Some(value) = map.get(&key) {
                tree.insert(key, *value);
            }
        }
        assert!(map.len() > 50 && map.iter().eq(tree.iter()));
    }
}
