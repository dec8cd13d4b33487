//! Which step towards new weights may be published.
//!
//! The gate of a server: weights that predict newcomers' most recent signals worse than those that are out are not
//! published as they are, but half the way to them, or a quarter, or an eighth; or not at all, which is an alarm.

use crate::belief::{Evidence, Model, Others, Site, Weights, Widened, to_fixed};
use crate::error::Result;
use crate::learner::{Observation, predict};
use crate::math;

/// The steps that are tried where the whole one does harm.
const SMALLER: [f64; 3] = [0.5, 0.25, 0.125];

/// Mean log-loss of what a newcomer's page would have expected of each of these, by its weight; 0 for none.
#[must_use]
pub fn loss(model: &Model, weights: &Weights, recent: &[Observation]) -> f64 {
    let nobody = Site::new();
    let belief = Widened::new(model, Others { model, weights, own: &nobody }, &nobody);
    let (mut sum, mut total) = (0.0, 0.0);
    for said in recent {
        sum += said.weight * math::log_loss(predict(&belief, &said.vector).probability, said.verdict);
        total += said.weight;
    }
    if total > 0.0 { sum / total } else { 0.0 }
}

/// Weights on the way from `current` to `candidate`: means and precisions at `step` ∈ [0, 1] between theirs.
///
/// # Errors
/// As [`Weights::set`], for weights of another model.
pub fn between(model: &Model, current: &Weights, candidate: &Weights, step: f64) -> Result<Weights> {
    let mut weights = current.clone();
    // A cell of the current weights that the candidate has no more is reached by the first iterator.
    for (slot, _) in current.cells().chain(candidate.cells()) {
        let (from, to) = (current.value(current.cell(slot)), candidate.value(candidate.cell(slot)));
        let part = |from: f64, to: f64| from + step * (to - from);
        let (precision, mean) = (part(from.0, to.0), part(from.1, to.1));
        // Cells behind the slots of features hold a sum and have no precision.
        let shift = if slot < model.space.slots() { precision * mean } else { mean };
        let sum = Evidence { precision: to_fixed(precision - model.prior_precision), shift: to_fixed(shift) };
        weights.set(slot, Weights::quantise(model, slot, sum))?;
    }
    weights.set_head(candidate.head().version, candidate.head().seq);
    Ok(weights)
}

/// What may be published: the candidate if it predicts `recent` no worse than the current weights do, else the best
/// of the smaller steps if one is better than the current weights, else nothing.
///
/// # Errors
/// As [`between`].
pub fn pass(
    model: &Model,
    current: &Weights,
    candidate: Weights,
    recent: &[Observation],
) -> Result<Option<(f64, Weights)>> {
    let now = loss(model, current, recent);
    if loss(model, &candidate, recent) <= now {
        return Ok(Some((1.0, candidate)));
    }
    let (mut best, mut least) = (None, now);
    for step in SMALLER {
        let weights = between(model, current, &candidate, step)?;
        let loss = loss(model, &weights, recent);
        if loss < least {
            (best, least) = (Some((step, weights)), loss);
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(mean: f64) -> Weights {
        let model = Model::default();
        let mut weights = Weights::new(&model);
        let sum = Evidence { precision: to_fixed(99.0), shift: to_fixed(100.0 * mean) };
        weights.set(7, Weights::quantise(&model, 7, sum)).expect("inside");
        weights.set_head(3, 9);
        weights
    }

    /// Three of four liked it: the logit is 1.1.
    fn recent() -> Vec<Observation> {
        let say = |verdict| Observation { vector: vec![(7, 1.0)], verdict, weight: 1.0 };
        [1.0, 1.0, 1.0, 0.0].map(say).into()
    }

    fn step(from: f64, to: f64) -> Option<f64> {
        let passed = pass(&Model::default(), &weights(from), weights(to), &recent()).expect("the same model");
        passed.map(|(step, weights)| {
            assert_eq!(weights.head().version, 3);
            step
        })
    }

    #[test]
    fn what_is_better_passes_what_overshoots_is_stepped_back_and_what_only_harms_stays_out() {
        assert_eq!(step(0.0, 1.0), Some(1.0));
        assert_eq!(step(1.0, 1.0), Some(1.0));
        assert_eq!(step(0.0, 3.0), Some(0.5));
        assert_eq!(step(0.0, 5.0), Some(0.25));
        assert_eq!(step(1.2, -2.0), None);
        assert!(pass(&Model::default(), &weights(0.0), weights(9.0), &[]).is_ok_and(|passed| passed.is_some()));
    }

    #[test]
    fn a_whole_step_is_the_candidate_and_none_the_current() {
        let (from, to) = (weights(0.5), weights(-1.0));
        for (step, expected) in [(0.0, &from), (1.0, &to)] {
            let got = between(&Model::default(), &from, &to, step).expect("the same model");
            assert!(got.cells().eq(expected.cells()), "{step}");
        }
    }
}
