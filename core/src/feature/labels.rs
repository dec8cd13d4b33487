//! From slots back to names, where the names are known.

use super::hash::{self, Kind};
use super::value::{Object, Value, is_text};
use super::{Features, Space, crossed, limits, named, number};
use crate::map::Map;
use crate::math;

/// The app's own words for slots.
#[derive(Clone, Debug, Default)]
pub struct Labels(Map<u32, String>);

impl Labels {
    /// Names the slots of a candidate's features in its context, and of their crosses. Words have no name here.
    pub fn add(&mut self, space: Space, surface: &str, context: &Object, candidate: &Object) {
        self.put(space, hash::feature(Kind::Constant, surface, ""), || [surface, " in general"].concat());
        for (hash, label) in all(context, "") {
            self.put(space, hash, || label);
        }
        self.add_choice(space, context, candidate, "");
    }

    /// Names what a choice can change: the slots of the candidate's features and of their crosses. `number` stands
    /// before the names of numbers.
    pub fn add_choice(&mut self, space: Space, context: &Object, candidate: &Object, number: &str) {
        let (context, candidate) = (all(context, number), all(candidate, number));
        for (hash, label) in &candidate {
            self.put(space, *hash, || label.clone());
        }
        let pairs = context.iter().flat_map(|c| candidate.iter().map(move |d| (c, d)));
        for ((c, context), (d, candidate)) in pairs.take(limits::CROSSES).filter(|((c, _), (d, _))| crossed(*c, *d)) {
            self.put(space, hash::cross(*c, *d), || [context, " × ", candidate].concat());
        }
    }

    /// Gives all words of a text one name.
    pub fn add_words(&mut self, space: Space, features: &Features, name: &str) {
        for (hash, _) in &features.words {
            self.put(space, *hash, || name.into());
        }
    }

    /// Names the surface's feature of the day.
    pub fn add_day(&mut self, space: Space, surface: &str, at: u64) {
        self.put(space, space.day(space.constant(surface), at), || [surface, " on that day"].concat());
    }

    /// The name of a slot.
    #[must_use]
    pub fn get(&self, slot: u32) -> Option<&str> {
        self.0.get(&slot).map(String::as_str)
    }

    fn put(&mut self, space: Space, hash: u32, label: impl FnOnce() -> String) {
        let slot = space.slot(hash);
        if !self.0.contains_key(&slot) {
            self.0.insert(slot, label());
        }
    }
}

impl Labels {
    /// Slots and their names, in the order of slots.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.0.iter().map(|(slot, label)| (*slot, label.as_str()))
    }
}

fn all(object: &Object, number: &str) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for (name, value) in &object.0 {
        match value {
            Value::List(items) => items.iter().for_each(|item| name_one(&mut all, name, item, number)),
            other => name_one(&mut all, name, other, number),
        }
    }
    all
}

fn name_one(all: &mut Vec<(u32, String)>, name: &str, value: &Value, number: &str) {
    match value {
        Value::Text(text) if !is_text(text) => {
            all.push((named(Kind::Category, name, text), [name, "=", text].concat()));
        }
        Value::Number(size) => number::features(named(Kind::Number, name, ""), *size, &mut |hash, _, knot| {
            let (before, after) = if knot == 0 { (number, String::new()) } else { ("", about(knot)) };
            all.push((hash, [before, name, &after].concat()));
        }),
        Value::Flag(true) => all.push((named(Kind::Flag, name, ""), name.into())),
        _ => {}
    }
}

/// What stands after the name: the number at a knot, in whole numbers. (Half of its power of e is near enough to sinh.)
#[allow(clippy::cast_possible_truncation)] // saturates
fn about(knot: i32) -> String {
    let size = (math::exp(f64::from(knot.abs())) / 2.0 + 0.5) as i64;
    [" about ", &(size * i64::from(knot.signum())).to_string()].concat()
}
