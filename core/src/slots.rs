//! A map from slot to value with the same order everywhere.

/// The key of a cell that holds nothing: no model has so many slots.
const FREE: u32 = u32::MAX;

/// Open addressing with linear probing over `u32` keys. Nothing is ever removed: a value that is the default counts as
/// absent. Look-ups cost a multiplication and, nearly always, one probe.
#[derive(Clone, Debug, Default)]
pub struct SlotMap<V> {
    cells: Vec<(u32, V)>,
    used: usize,
}

impl<V: Copy + Default + PartialEq> SlotMap<V> {
    /// An empty map, without memory.
    #[must_use]
    pub const fn new() -> Self {
        Self { cells: Vec::new(), used: 0 }
    }

    #[inline(always)]
    const fn start(slot: u32, mask: usize) -> usize {
        // Fibonacci hashing: neighbouring slots land far apart.
        (slot.wrapping_mul(0x9E37_79B9) >> 8) as usize & mask
    }

    /// The value at `slot`, the default when there is none.
    #[must_use]
    #[inline(always)] // a dozen instructions, read for every feature
    pub fn get(&self, slot: u32) -> V {
        if self.cells.is_empty() {
            return V::default();
        }
        let mask = self.cells.len() - 1;
        let mut place = Self::start(slot, mask);
        loop {
            match self.cells.get(place) {
                Some((key, value)) if *key == slot => return *value,
                Some((key, _)) if *key != FREE => place = (place + 1) & mask,
                _ => return V::default(),
            }
        }
    }

    /// The place of the value at `slot`, made when it is missing.
    pub fn entry(&mut self, slot: u32) -> &mut V {
        if (self.used + 1) * 4 > self.cells.len() * 3 {
            self.grow();
        }
        let mask = self.cells.len() - 1;
        let mut place = Self::start(slot, mask);
        while matches!(self.cells.get(place), Some((key, _)) if *key != slot && *key != FREE) {
            place = (place + 1) & mask;
        }
        // `grow` made the table larger than its content, so `place` is inside it and the loop has ended.
        #[allow(clippy::indexing_slicing)]
        let cell = &mut self.cells[place];
        if cell.0 == FREE {
            self.used += 1;
            cell.0 = slot;
        }
        &mut cell.1
    }

    fn grow(&mut self) {
        let size = (self.cells.len() * 2).max(16);
        let old = core::mem::replace(&mut self.cells, vec![(FREE, V::default()); size]);
        self.used = 0;
        // What went back to the default is left behind here.
        for (slot, value) in old.into_iter().filter(|(_, value)| *value != V::default()) {
            *self.entry(slot) = value;
        }
    }

    /// All that is not the default, in the order of slots.
    #[must_use]
    pub fn sorted(&self) -> Vec<(u32, V)> {
        let mut all: Vec<_> = self.cells.iter().filter(|(_, v)| *v != V::default()).copied().collect();
        crate::sort::sort_by_key(&mut all, |(slot, _)| *slot);
        all
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|(_, value)| *value == V::default())
    }

    /// How many bytes of memory it holds.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.cells.len() * size_of::<(u32, V)>()
    }
}

impl<V: Copy + Default + PartialEq> PartialEq for SlotMap<V> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn it_agrees_with_a_tree_on_random_work() {
        let (mut map, mut tree, mut rng) = (SlotMap::<i64>::new(), BTreeMap::new(), Rng::new(3));
        for step in 0..20_000i64 {
            let slot = (rng.next_u64() % 3_000) as u32;
            *map.entry(slot) += step - 9_000;
            *tree.entry(slot).or_insert(0i64) += step - 9_000;
            let probe = (rng.next_u64() % 4_000) as u32;
            assert_eq!(map.get(probe), tree.get(&probe).copied().unwrap_or(0));
        }
        tree.retain(|_, v| *v != 0);
        assert_eq!(map.sorted(), tree.into_iter().collect::<Vec<_>>());
    }
}
