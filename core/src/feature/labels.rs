//! From slots back to names, where the names are known.

use super::hash::{self, Kind};
use super::value::{Object, Value, is_text};
use super::{Space, crossed, limits, named};
use crate::map::Map;

/// The app's own words for slots.
#[derive(Clone, Debug, Default)]
pub struct Labels(Map<u32, String>);

impl Labels {
    /// Names the slots of a candidate's features in its context, and of their crosses. Words have no name here.
    pub fn add(&mut self, space: Space, surface: &str, context: &Object, candidate: &Object) {
        let (context, candidate) = (all(context), all(candidate));
        self.put(space, hash::feature(Kind::Constant, surface, ""), || [surface, " in general"].concat());
        for (hash, label) in context.iter().chain(&candidate) {
            self.put(space, *hash, || label.clone());
        }
        let pairs = context.iter().flat_map(|c| candidate.iter().map(move |d| (c, d)));
        for ((c, context), (d, candidate)) in pairs.take(limits::CROSSES).filter(|((c, _), (d, _))| crossed(*c, *d)) {
            self.put(space, hash::cross(*c, *d), || [context, " × ", candidate].concat());
        }
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

fn all(object: &Object) -> Vec<(u32, String)> {
    let mut all = Vec::new();
    for (name, value) in &object.0 {
        match value {
            Value::List(items) => items.iter().for_each(|item| name_one(&mut all, name, item)),
            other => name_one(&mut all, name, other),
        }
    }
    all
}

fn name_one(all: &mut Vec<(u32, String)>, name: &str, value: &Value) {
    match value {
        Value::Text(text) if !is_text(text) => {
            all.push((named(Kind::Category, name, text), [name, "=", text].concat()));
        }
        Value::Number(_) => all.push((named(Kind::Number, name, ""), name.into())),
        Value::Flag(true) => all.push((named(Kind::Flag, name, ""), name.into())),
        _ => {}
    }
}
