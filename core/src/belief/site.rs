//! A person's own evidence, the differences that made it, and everybody's sums.

use super::{Evidence, Model, from_fixed, to_fixed};
use crate::error::{Code, Error, Result};
use crate::math;
use crate::slots::SlotMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What one signal added to a site. As the learner gives it, a slot may stand there twice and in any order; what
/// [`Diff::plus`], [`Diff::tidy`] and [`Diff::from_bytes`] give has slots in rising order, each once, none of them zero.
/// Adding it to a site comes to the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff(pub Vec<(u32, Evidence)>);

impl Diff {
    /// The same with the opposite sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self(self.0.iter().map(|&(slot, evidence)| (slot, -evidence)).collect())
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).copied().collect()).tidy()
    }

    /// The same with slots in rising order, each once, none of them zero.
    #[must_use]
    pub fn tidy(self) -> Self {
        // On a server most are; a page has no room to ask.
        if cfg!(not(target_arch = "wasm32")) && self.is_tidy() {
            return self;
        }
        let mut all = self.0;
        crate::sort::sort_by_key(&mut all, |(slot, _)| *slot);
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1 + next.1;
            }
            same
        });
        all.retain(|(_, evidence)| !evidence.is_zero());
        Self(all)
    }

    fn is_tidy(&self) -> bool {
        self.0.is_sorted_by(|(before, _), (slot, _)| before < slot) && self.0.iter().all(|(_, it)| !it.is_zero())
    }

    /// As bytes: for each slot the gap to the one before, then precision and shift, all as variable-length integers
    /// (LEB128, the signed ones zigzag-coded).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 8);
        let mut before = 0;
        for (slot, evidence) in self.clone().tidy().0 {
            put(&mut bytes, u64::from(slot.wrapping_sub(before)));
            put(&mut bytes, zigzag(evidence.precision));
            put(&mut bytes, zigzag(evidence.shift));
            before = slot;
        }
        bytes
    }

    /// Reads the bytes out of base64, as they are stored and sent.
    ///
    /// # Errors
    /// As [`Diff::from_bytes`].
    pub fn from_base64(text: &str) -> Result<Self> {
        Self::from_bytes(&crate::base64::decode(text).ok_or_else(corrupt)?)
    }

    /// Reads what [`Diff::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Code::Corrupt`] if it was not written by it: slots out of order, a number cut off, more than 2²⁰ slots, or a slot
    /// that no model has.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let mut all: Vec<(u32, Evidence)> = Vec::new();
        while !rest.is_empty() {
            let gap = u32::try_from(take(&mut rest)?).map_err(|_| corrupt())?;
            let before = all.last().map(|(slot, _)| *slot);
            let slot = before.unwrap_or(0).checked_add(gap).ok_or_else(corrupt)?;
            if before.is_some_and(|before| slot <= before) || all.len() >= 1 << 20 || slot == u32::MAX {
                return Err(corrupt());
            }
            let precision = unzigzag(take(&mut rest)?);
            let shift = unzigzag(take(&mut rest)?);
            all.push((slot, Evidence { precision, shift }));
        }
        Ok(Self(all))
    }
}

fn corrupt() -> Error {
    Error::new(Code::Corrupt, "a stored difference cannot be read")
}

const fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

const fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -((n & 1).cast_signed())
}

/// Appends an unsigned LEB128 number.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn put(bytes: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        bytes.push((n as u8) | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

/// Takes an unsigned LEB128 number off the front.
pub(super) fn take(bytes: &mut &[u8]) -> Result<u64> {
    let mut n = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(corrupt)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7F);
        if shift == 63 && part > 1 {
            return Err(corrupt());
        }
        n |= part << shift;
        if byte & 0x80 == 0 {
            return Ok(n);
        }
    }
    Err(corrupt())
}

impl Serialize for Diff {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::base64::encode(&self.to_bytes()))
    }
}

impl<'de> Deserialize<'de> for Diff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(|error| de::Error::custom(&error.detail))
    }
}

/// A person's own evidence over all slots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site(SlotMap<Evidence>);

impl Site {
    /// A site without evidence.
    #[must_use]
    pub const fn new() -> Self {
        Self(SlotMap::new())
    }

    /// The evidence at a slot.
    #[must_use]
    #[inline(always)] // read for every feature
    pub fn at(&self, slot: u32) -> Evidence {
        self.0.get(slot)
    }

    /// Adds a difference; subtracting is adding its negation. Exact, and the order of additions does not matter.
    pub fn add(&mut self, diff: &Diff) {
        for &(slot, evidence) in &diff.0 {
            let place = self.0.entry(slot);
            *place = *place + evidence;
        }
    }

    /// Everything in it, as one difference.
    #[must_use]
    pub fn to_diff(&self) -> Diff {
        Diff(self.0.sorted())
    }

    /// How many bytes of memory it holds.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// What a person with this evidence at a slot adds to the global sums.
///
/// Of a weight: (ρ, ρ m) with ρ = λ / (1 + λ s²) and ρ m = η / (1 + λ s²) (DESIGN.md, "The model"); ρ < 1/s² and
/// |ρ m| ≤ reach/s² however much was clicked. The bound is on the vote ρ m and not on m: of a rare outcome one signal
/// says m = 200 with a ρ of 0.005, and cutting that to 4 would make everything rarer than 2 % look like 2 %. Of evidence about s²: the evidence within ±[`super::spread::VOICE`].
#[must_use]
pub fn contribution(model: &Model, slot: u32, evidence: Evidence) -> Evidence {
    if slot < model.space.slots() { of_weight(model, evidence) } else { super::spread::voice(evidence) }
}

fn of_weight(model: &Model, evidence: Evidence) -> Evidence {
    let precision = from_fixed(evidence.precision).max(0.0);
    let shrunk = 1.0 + precision * model.shrinkage;
    let weight = precision / shrunk;
    let vote = math::within(from_fixed(evidence.shift) / shrunk, model.vote());
    Evidence { precision: to_fixed(weight), shift: to_fixed(vote) }
}

/// The sums of everybody's contributions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums(SlotMap<Evidence>);

impl Sums {
    /// No contributions.
    #[must_use]
    pub const fn new() -> Self {
        Self(SlotMap::new())
    }

    /// The sum at a slot.
    #[must_use]
    pub fn at(&self, slot: u32) -> Evidence {
        self.0.get(slot)
    }

    /// Adds to the sum at a slot.
    pub fn add(&mut self, slot: u32, change: Evidence) {
        let place = self.0.entry(slot);
        *place = *place + change;
    }

    /// All sums that are not zero, in the order of slots.
    #[must_use]
    pub fn sorted(&self) -> Vec<(u32, Evidence)> {
        self.0.sorted()
    }

    /// Moves a person's part from what `site` stands for to what it stands for after `diff`, and moves the site.
    /// Returns what changed in the sums, so that it can be stored or taken back.
    pub fn move_person(&mut self, model: &Model, site: &mut Site, diff: &Diff) -> Vec<(u32, Evidence)> {
        let mut changes = Vec::with_capacity(diff.0.len());
        for &(slot, added) in &diff.0 {
            let before = site.at(slot);
            // Who has said nothing about a weight adds nothing to it.
            let part = if before.is_zero() { before } else { contribution(model, slot, before) };
            let change = contribution(model, slot, before + added) - part;
            self.add(slot, change);
            changes.push((slot, change));
        }
        site.add(diff);
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn random_diff(rng: &mut Rng) -> Diff {
        let mut diff = Diff::default();
        for _ in 0..rng.below(12) {
            let evidence = Evidence { precision: to_fixed(rng.unit() * 0.25), shift: to_fixed(rng.unit() * 2.0 - 1.0) };
            diff = diff.plus(&Diff(vec![(rng.below(40) as u32, evidence)]));
        }
        diff
    }

    #[test]
    fn a_difference_reads_back_and_broken_ones_are_refused() {
        let mut rng = Rng::new(1);
        for _ in 0..200 {
            let diff = random_diff(&mut rng);
            let bytes = diff.to_bytes();
            assert_eq!(Diff::from_bytes(&bytes).as_ref(), Ok(&diff));
            if bytes.len() > 1 {
                // Cutting the last byte leaves a number without its end, or a slot without its numbers.
                assert!(Diff::from_bytes(&bytes[..bytes.len() - 1]).is_err());
            }
        }
        assert!(Diff::from_bytes(&[0x80; 12]).is_err());
        assert!(Diff::from_bytes(&[5, 1, 1, 0, 1, 1]).is_err(), "a slot twice");
        let extreme = Diff(vec![(u32::MAX - 1, Evidence { precision: i64::MIN, shift: i64::MAX })]);
        assert_eq!(Diff::from_bytes(&extreme.to_bytes()), Ok(extreme));
    }

    #[test]
    fn order_of_adding_does_not_matter_and_taking_out_is_exact() {
        let mut rng = Rng::new(2);
        let model = Model::default();
        let diffs: Vec<_> = (0..60).map(|_| random_diff(&mut rng)).collect();
        let (mut forwards, mut backwards) = (Sums::new(), Sums::new());
        let mut sites = vec![Site::new(); 6];
        for (n, diff) in diffs.iter().enumerate() {
            forwards.move_person(&model, &mut sites[n % 6], diff);
        }
        let mut again = vec![Site::new(); 6];
        for (n, diff) in diffs.iter().enumerate().rev() {
            backwards.move_person(&model, &mut again[n % 6], diff);
        }
        assert_eq!(forwards, backwards);
        // Without person 3 the sums are those of the other five alone.
        let gone = sites[3].to_diff().negated();
        forwards.move_person(&model, &mut sites[3], &gone);
        let mut others = Sums::new();
        for n in [0, 1, 2, 4, 5] {
            let all = again[n].to_diff();
            others.move_person(&model, &mut Site::new(), &all);
        }
        assert_eq!(forwards, others);
    }

    #[test]
    fn influence_is_bounded_however_much_is_clicked() {
        let model = Model::default();
        for clicks in [1.0, 10.0, 1e3, 1e6] {
            let evidence = Evidence { precision: to_fixed(0.25 * clicks), shift: to_fixed(3.0 * clicks) };
            let part = contribution(&model, 0, evidence);
            assert!(from_fixed(part.precision) < 1.0 / model.shrinkage);
            assert!(from_fixed(part.shift).abs() <= model.reach / model.shrinkage);
        }
    }
}
