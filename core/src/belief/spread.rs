//! How much people differ: s², learned.
//!
//! Nobody knows beforehand whether people of an app are all alike or all different, and the best s² differs by a
//! factor of a hundred between the two. So each signal is also predicted under every s² of a grid, before it is
//! learned, and the logarithms of those predictions are kept as evidence (empirical Bayes by the prequential
//! likelihood: Dawid 1984, "The prequential approach"). The evidence is kept like any other, in slots of its own after
//! those of the features, so that it is added, taken back, summed over people, published and erased by the same four
//! operations.

use super::{Diff, Evidence, Model, to_fixed};
use crate::math;

/// The values of s² that are compared, each three times the one before.
pub const GRID: [f64; 7] = [0.3 / 27.0, 0.3 / 9.0, 0.1, 0.3, 0.9, 2.7, 8.1];
/// The place in [`GRID`] that the others are compared with; it needs no evidence of its own.
pub const REFERENCE: usize = 3;
/// What one person can say for or against a value, in nats: enough to be heard where people differ much, and little
/// enough that those who turn everything round do not make the rest believe so (docs/decisions/0130).
pub const VOICE: f64 = 5.0;

/// What others can say against a value for somebody, in nats.
const TRUST: f64 = 6.0;
/// What it takes, in nats, to believe in a value one step further from the reference.
const STEP: f64 = 0.5;

/// The value there.
const GRID_REFERENCE: f64 = 0.3;
/// ln 3: from one value of [`GRID`] to the next.
const LN_FACTOR: f64 = 1.098_612_288_668_109_8;
/// ln s² moves in such steps, an eighth of a factor e: what follows from it need not be worked out anew after each signal.
const LN_STEP: f64 = 0.125;

/// One number for each value of [`GRID`].
pub type PerSpread = [f64; GRID.len()];

/// The slot that holds the evidence for the value at a place of the grid.
#[must_use]
pub fn slot(model: &Model, place: usize) -> u32 {
    model.space.slots() + u32::try_from(place).unwrap_or(0)
}

/// A person's part in the evidence for a value: what the person's own signals say, within ±[`VOICE`].
#[must_use]
pub fn voice(evidence: Evidence) -> Evidence {
    let bound = to_fixed(VOICE);
    Evidence { precision: 0, shift: evidence.shift.clamp(-bound, bound) }
}

/// s² from what others' and the person's own signals say: the geometric mean over the grid, weighted by the evidence.
/// The others count with at most 6 nats against any value, so that somebody who is unlike everybody else is
/// believed in the end.
#[must_use]
pub fn infer(others: &PerSpread, own: &PerSpread) -> f64 {
    let top = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total: PerSpread = [0.0; GRID.len()];
    for (place, (sum, (others, own))) in total.iter_mut().zip(others.iter().zip(own)).enumerate() {
        #[allow(clippy::cast_precision_loss)] // at most six
        let distance = place.abs_diff(REFERENCE) as f64;
        *sum = (others - top).max(-TRUST) + own - STEP * distance;
    }
    let top = total.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut weights, mut steps) = (0.0, 0.0);
    for (place, sum) in total.iter().enumerate() {
        let weight = math::exp(sum - top);
        weights += weight;
        #[allow(clippy::cast_precision_loss)] // at most six
        (steps += weight * (place as f64 - REFERENCE as f64));
    }
    let log = steps / weights * LN_FACTOR;
    GRID_REFERENCE * math::exp(math::round(log / LN_STEP) * LN_STEP)
}

/// The evidence of one signal: how much better than the reference each value predicted it.
#[must_use]
pub fn evidence(model: &Model, log_likelihoods: &PerSpread) -> Diff {
    let reference = log_likelihoods.get(REFERENCE).copied().unwrap_or(0.0);
    let all = log_likelihoods
        .iter()
        .enumerate()
        .map(|(place, value)| (slot(model, place), Evidence { precision: 0, shift: to_fixed(value - reference) }));
    Diff(all.filter(|(_, evidence)| !evidence.is_zero()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: PerSpread = [0.0; GRID.len()];

    fn for_value(place: usize, nats: f64) -> PerSpread {
        core::array::from_fn(|at| if at == place { nats } else { 0.0 })
    }

    #[test]
    fn without_evidence_it_is_the_reference() {
        assert_eq!(infer(&SILENT, &SILENT).to_bits(), GRID[REFERENCE].to_bits());
    }

    #[test]
    fn evidence_moves_it_and_a_person_unlike_the_others_is_believed_in_the_end() {
        let alike = infer(&for_value(0, 1e4), &SILENT);
        assert!(alike < 0.015, "{alike}");
        let slightly = infer(&for_value(0, 1e4), &for_value(5, 3.0));
        assert!(slightly < 0.1, "{slightly}");
        let unlike = infer(&for_value(0, 1e4), &for_value(5, 20.0));
        assert!(math::ln(unlike / 2.7).abs() <= LN_STEP, "{unlike}");
    }

    #[test]
    fn extreme_evidence_keeps_it_inside_the_grid() {
        for nats in [1e300, -1e300, f64::MAX, f64::MIN] {
            let spread = infer(&for_value(2, nats), &for_value(6, -nats));
            assert!((0.011..=8.2).contains(&spread), "{spread} for {nats}");
        }
    }
}
