//! Published weights: what everybody knows, three bytes a slot.

use super::{Evidence, Model, from_fixed, half};
use crate::error::{Code, Error, Result};
use crate::math;
use crate::rng::mix64;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The belief about one weight as it is published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// log of the precision in steps of 1/16: Λ = τ₀ e^(code/16), ±3.1 %, up to 8.3 · 10⁶ τ₀. 0 is "nothing known".
    pub precision: u8,
    /// The mean as an IEEE half, relative error 2⁻¹¹.
    pub mean: u16,
}

impl Cell {
    /// Whether nothing is known.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.precision == 0 && self.mean == 0
    }
}

/// Steps of the precision per factor e.
const STEPS: f64 = 16.0;

/// Which weights these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the version, from 1; 0 means no weights yet.
    pub version: u64,
    /// Signals with a number up to this are contained.
    pub seq: u64,
    /// Checksum of all cells, independent of their order. It finds accidents and mix-ups; it is not cryptographic.
    #[serde(with = "hex")]
    pub hash: u64,
}

mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(hash: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        // A JavaScript number would lose the last bits.
        serializer.serialize_str(&format!("{hash:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map_err(|_| de::Error::custom("not a hexadecimal number"))
    }
}

const CHUNK: usize = 256;
type Chunk = [Cell; CHUNK];

/// One version of the weights. Copies share memory until one of them is changed, so that a server can keep many.
#[derive(Clone, Debug)]
pub struct Weights {
    head: Head,
    prior_precision: f64,
    chunks: Vec<Option<Arc<Chunk>>>,
    /// e^(code/16), so that reading a cell is a look-up.
    scale: Arc<[f64]>,
}

impl Weights {
    /// No weights: everything at the prior.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self {
            head: Head::default(),
            prior_precision: model.prior_precision,
            chunks: vec![None; (model.cells() as usize).div_ceil(CHUNK)],
            scale: (0..=255u8).map(|code| math::exp(f64::from(code) / STEPS)).collect(),
        }
    }

    /// Which version this is.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Names the version after a change.
    pub const fn set_head(&mut self, version: u64, seq: u64) {
        self.head.version = version;
        self.head.seq = seq;
    }

    /// The cell at a slot.
    #[must_use]
    #[inline(always)] // read for every feature
    pub fn cell(&self, slot: u32) -> Cell {
        let slot = slot as usize;
        match self.chunks.get(slot / CHUNK) {
            Some(Some(chunk)) => chunk.get(slot % CHUNK).copied().unwrap_or_default(),
            _ => Cell::default(),
        }
    }

    /// Precision and mean that a cell stands for.
    #[must_use]
    #[inline(always)] // read for every feature
    pub fn value(&self, cell: Cell) -> (f64, f64) {
        let scale = self.scale.get(usize::from(cell.precision)).copied().unwrap_or(1.0);
        (self.prior_precision * scale, half::to_f64(cell.mean))
    }

    /// The cell for everybody's sum at a slot. Of a weight: Λ = τ₀ + Σρ, μ = Σρm / Λ. Of evidence about s²: the sum.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=255
    pub fn quantise(model: &Model, slot: u32, sum: Evidence) -> Cell {
        if slot >= model.space.slots() {
            return Cell { precision: 0, mean: half::from_f64(from_fixed(sum.shift)) };
        }
        let precision = model.prior_precision + from_fixed(sum.precision).max(0.0);
        let steps = math::round(math::ln(precision / model.prior_precision) * STEPS).clamp(0.0, 255.0);
        Cell { precision: steps as u8, mean: half::from_f64(from_fixed(sum.shift) / precision) }
    }

    /// Sets a cell and returns whether that changed anything.
    ///
    /// # Errors
    /// [`Code::InvalidWeights`] if the slot is outside the model.
    pub fn set(&mut self, slot: u32, cell: Cell) -> Result<bool> {
        let before = self.cell(slot);
        if before == cell {
            return Ok(false);
        }
        let place = self.chunks.get_mut(slot as usize / CHUNK);
        let chunk = place
            .map(|chunk| Arc::make_mut(chunk.get_or_insert_with(|| Arc::new([Cell::default(); CHUNK]))))
            .and_then(|chunk| chunk.get_mut(slot as usize % CHUNK))
            .ok_or_else(|| Error::new(Code::InvalidWeights, "a slot is outside the model"))?;
        *chunk = cell;
        self.head.hash = self.head.hash.wrapping_sub(mark(slot, before)).wrapping_add(mark(slot, cell));
        Ok(true)
    }

    /// All cells that say something, in the order of slots.
    pub fn cells(&self) -> impl Iterator<Item = (u32, Cell)> + '_ {
        self.chunks.iter().zip(0u32..).filter_map(|(chunk, n)| chunk.as_ref().map(|c| (c, n))).flat_map(|(chunk, n)| {
            let first = n * 256;
            chunk.iter().zip(first..).filter(|(cell, _)| !cell.is_empty()).map(|(cell, slot)| (slot, *cell))
        })
    }
}

impl Weights {
    /// Slots whose cell is another one than in `before`, in rising order. What both share costs nothing.
    pub fn changed_from<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = u32> + 'a {
        let same = |n: usize| match (self.chunks.get(n), before.chunks.get(n)) {
            (Some(Some(chunk)), Some(Some(other))) => Arc::ptr_eq(chunk, other),
            (Some(None), Some(None)) => true,
            _ => false,
        };
        let chunks = (0..self.chunks.len().max(before.chunks.len())).zip((0u32..).step_by(CHUNK));
        let slots = chunks.filter(move |(n, _)| !same(*n)).flat_map(|(_, first)| first..first + CHUNK as u32);
        slots.filter(|slot| self.cell(*slot) != before.cell(*slot))
    }
}

/// A cell's part of the checksum; an empty cell has none.
fn mark(slot: u32, cell: Cell) -> u64 {
    if cell.is_empty() {
        return 0;
    }
    mix64((u64::from(slot) << 24) | (u64::from(cell.precision) << 16) | u64::from(cell.mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::belief::to_fixed;

    #[test]
    fn the_checksum_depends_on_the_content_and_not_on_the_way_there() {
        let model = Model::default();
        let cell = |precision, mean| Cell { precision, mean };
        let (mut a, mut b) = (Weights::new(&model), Weights::new(&model));
        for (slot, c) in [(1, cell(3, 9)), (70_000, cell(1, 1)), (5, cell(2, 2))] {
            assert_eq!(a.set(slot, c), Ok(true));
        }
        for (slot, c) in [(5, cell(9, 9)), (70_000, cell(1, 1)), (5, cell(2, 2)), (1, cell(3, 9)), (8, cell(1, 0))] {
            assert_eq!(b.set(slot, c), Ok(true));
        }
        assert_ne!(a.head().hash, b.head().hash);
        assert_eq!(b.set(8, Cell::default()), Ok(true));
        assert_eq!(a.head().hash, b.head().hash);
        assert!(a.cells().eq(b.cells()));
        assert!(a.set((1 << 18) + 256, cell(1, 1)).is_err());
    }

    #[test]
    fn what_changed_between_two_versions_is_found() {
        let model = Model::default();
        let cell = Cell { precision: 1, mean: 7 };
        let mut before = Weights::new(&model);
        for slot in [0, 3, 300, 262_150] {
            before.set(slot, cell).expect("inside");
        }
        let mut after = before.clone();
        for (slot, cell) in [(3, Cell::default()), (301, cell), (9_000, cell), (300, cell)] {
            after.set(slot, cell).expect("inside");
        }
        assert!(after.changed_from(&before).eq([3, 301, 9_000]));
        assert!(before.changed_from(&after).eq([3, 301, 9_000]));
        assert_eq!(after.changed_from(&after.clone()).count(), 0);
    }

    #[test]
    fn quantising_keeps_the_belief_within_its_documented_error() {
        let model = Model::default();
        let weights = Weights::new(&model);
        for (rho, mean) in [(0.5, 0.3), (11.0, -2.0), (4_000.0, 3.5), (1e6, -0.001)] {
            let sum = Evidence { precision: to_fixed(rho), shift: to_fixed(rho * mean) };
            let (precision, got) = weights.value(Weights::quantise(&model, 0, sum));
            assert!((precision / (1.0 + rho) - 1.0).abs() < 0.032, "{precision} for {rho}");
            let exact = rho * mean / (1.0 + rho);
            assert!((got - exact).abs() <= exact.abs() / 2048.0 + 1e-6, "{got} for {exact}");
        }
    }
}
