//! The published weights of one app, and the steps between their versions.

use flywheel_core::base64;
use flywheel_core::belief::{Head, Model, Weights, encode_delta};
use flywheel_core::wire::WeightsHead;
use std::collections::HashMap;

/// Most bytes of weights inside a reply; larger ones are fetched from their own, cacheable address.
pub(super) const INLINE_BYTES: usize = 16 << 10;
/// Every cell takes three bytes and at least one bit, so more cells than this can never be inline.
const INLINE_CELLS: usize = INLINE_BYTES / 3;
/// Steps that are kept ready, by the version that they start from.
const STEPS: usize = 256;
/// Slots whose newest change is kept together, so that a step need not look at all of them.
const BLOCK: usize = 256;

/// What is published now.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) weights: Weights,
    changes: Changes,
    /// From this version on it is known which slots changed when.
    since: u64,
    /// Steps to this version that were asked for; none for those that are too large.
    steps: HashMap<u64, Option<String>>,
}

/// The version in which each slot last changed, in blocks; a block that never changed takes no room.
#[derive(Debug, Default)]
struct Changes(Vec<(u64, Option<Box<[u64; BLOCK]>>)>);

impl Changes {
    fn note(&mut self, slot: u32, version: u64) {
        let (block, place) = (slot as usize / BLOCK, slot as usize % BLOCK);
        if block >= self.0.len() {
            self.0.resize_with(block + 1, Default::default);
        }
        if let Some((newest, versions)) = self.0.get_mut(block) {
            *newest = version.max(*newest);
            if let Some(place) = versions.get_or_insert_with(|| Box::new([0; BLOCK])).get_mut(place) {
                *place = version;
            }
        }
    }

    /// Slots that changed after a version, in rising order.
    fn since(&self, version: u64) -> impl Iterator<Item = u32> {
        let blocks = self.0.iter().zip((0u32..).step_by(BLOCK));
        let changed = blocks.filter(move |((newest, _), _)| *newest > version);
        let slots = changed.filter_map(|((_, versions), first)| versions.as_ref().map(|all| all.iter().zip(first..)));
        slots.flatten().filter(move |(changed, _)| **changed > version).map(|(_, slot)| slot)
    }
}

impl Published {
    /// Weights as they were stored; `changed` says which slots changed in which version, from version `since` on.
    pub(super) fn new(weights: Weights, changed: impl IntoIterator<Item = (u32, u64)>, since: u64) -> Self {
        let mut published = Self { weights, changes: Changes::default(), since, steps: HashMap::new() };
        changed.into_iter().for_each(|(slot, version)| published.changes.note(slot, version));
        published
    }

    /// Puts the next version in the place of this one.
    pub(super) fn advance(&mut self, weights: Weights, changed: &[u32]) {
        let version = weights.head().version;
        changed.iter().for_each(|slot| self.changes.note(*slot, version));
        self.weights = weights;
        self.steps.clear();
    }

    /// What a page that has version `have` needs: nothing, the step when it is small, else the address of the whole.
    pub(super) fn offer(&mut self, model: &Model, have: u64, app: &str) -> Option<WeightsHead> {
        let head = self.weights.head();
        if have == head.version {
            return None;
        }
        // A version that is not from here (the database was lost or set back), or too old, has nothing to start from.
        let base = if have > head.version || have < self.since { 0 } else { have };
        let delta = match self.steps.get(&base) {
            Some(step) => step.clone(),
            None => {
                // Where much was cleared, everything can be smaller than the step to it.
                let step = self.step(model, base).or_else(|| self.step(model, 0));
                let step = step.map(|bytes| base64::encode(&bytes));
                if self.steps.len() < STEPS {
                    self.steps.insert(base, step.clone());
                }
                step
            }
        };
        let url = delta.is_none().then(|| format!("v1/weights/{app}/{}", address(head)));
        Some(WeightsHead { head, delta, url })
    }

    fn step(&self, model: &Model, base: u64) -> Option<Vec<u8>> {
        // An empty cell clears a slot, which from nothing is not needed.
        let needed = |slot: &u32| base > 0 || !self.weights.cell(*slot).is_empty();
        let slots: Vec<_> = self.changes.since(base).filter(needed).take(INLINE_CELLS + 1).collect();
        if slots.len() > INLINE_CELLS {
            return None;
        }
        let cells: Vec<_> = slots.into_iter().map(|slot| (slot, self.weights.cell(slot))).collect();
        let bytes = encode_delta(model, base, self.weights.head(), &cells);
        (bytes.len() <= INLINE_BYTES).then_some(bytes)
    }
}

/// The last part of the address of a version.
pub(super) fn address(head: Head) -> String {
    format!("{}-{:016x}", head.version, head.hash)
}
