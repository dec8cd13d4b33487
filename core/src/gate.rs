//! Which step towards new weights may be published.
//!
//! The gate of a server: weights that predict newcomers' most recent signals worse than those that are out are not
//! published as they are, but half the way to them, or a quarter, or an eighth; or not at all, which is an alarm.

use crate::belief::{Cell, Evidence, Model, Others, Site, Weights, Widened, contribution, to_fixed};
use crate::error::Result;
use crate::learner::{Observation, predict};
use crate::math;

/// The steps that are tried where the whole one does harm.
const SMALLER: [f64; 3] = [0.5, 0.25, 0.125];

/// By how many standard errors weights must predict worse to be held back. The candidate has learned the signals that
/// it is judged by, the current weights most of them: the differences are small and mostly chance, and holding back
/// what is not worse costs everybody time (docs/decisions/0030).
const ERRORS: f64 = 1.5;

/// Log-losses of what a newcomer's page would have expected of each of these, times its weight.
fn losses<'a>(model: &'a Model, weights: &'a Weights, recent: &'a [Observation]) -> Vec<f64> {
    let nobody = Site::new();
    let belief = Widened::new(model, Others { model, weights, own: &nobody }, &nobody);
    let loss =
        |said: &Observation| said.weight * math::log_loss(predict(&belief, &said.vector).probability, said.verdict);
    recent.iter().map(loss).collect()
}

/// Mean log-loss of what a newcomer's page would have expected of each of these, by its weight; 0 for none.
#[must_use]
pub fn loss(model: &Model, weights: &Weights, recent: &[Observation]) -> f64 {
    let total: f64 = recent.iter().map(|said| said.weight).sum();
    if total > 0.0 { losses(model, weights, recent).iter().sum::<f64>() / total } else { 0.0 }
}

/// How much worse the second is than the first on the whole, and the standard error of that, from the differences in
/// pairs.
#[allow(clippy::cast_precision_loss)] // a few hundred
fn worse(first: &[f64], second: &[f64]) -> (f64, f64) {
    let differences = || first.iter().zip(second).map(|(first, second)| second - first);
    let (count, sum) = (first.len().max(1) as f64, differences().sum::<f64>());
    let spread: f64 = differences().map(|one| (one - sum / count) * (one - sum / count)).sum();
    (sum, math::sqrt(spread))
}

/// Weights on the way from `current` to `candidate`: means and precisions at `step` ∈ [0, 1] between theirs.
///
/// # Errors
/// As [`Weights::set`], for weights of another model.
pub fn between(model: &Model, current: &Weights, candidate: &Weights, step: f64) -> Result<Weights> {
    let mut weights = current.clone();
    // A cell of the current weights that the candidate has no more is reached by the first iterator.
    for (slot, _) in current.cells().chain(candidate.cells()) {
        // What does not change stays as it is, to the bit.
        if current.cell(slot) == candidate.cell(slot) {
            continue;
        }
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

/// Weights without one person's part, where the sums that they came from are not to be published: `own` is the
/// person's evidence as far as the weights contain it. As exact as the steps in which cells are published.
///
/// # Errors
/// As [`Weights::set`].
pub fn without(model: &Model, current: &Weights, own: &Site) -> Result<Weights> {
    let mut weights = current.clone();
    for (slot, evidence) in own.to_diff().0 {
        let (cell, own) = (current.cell(slot), contribution(model, slot, evidence));
        let (precision, mean) = current.value(cell);
        let shift = if slot < model.space.slots() { precision * mean } else { mean };
        let all = Evidence { precision: to_fixed(precision - model.prior_precision), shift: to_fixed(shift) };
        // What the person alone would have given holds nobody else.
        let alone = Weights::quantise(model, slot, own) == cell;
        weights.set(slot, if alone { Cell::default() } else { Weights::quantise(model, slot, all - own) })?;
    }
    Ok(weights)
}

/// What may be published: the candidate unless it predicts `recent` clearly worse than the current weights do, else the
/// best of the smaller steps if one is better than the current weights, else nothing.
///
/// # Errors
/// As [`between`].
pub fn pass(
    model: &Model,
    current: &Weights,
    candidate: Weights,
    recent: &[Observation],
) -> Result<Option<(f64, Weights)>> {
    let now = losses(model, current, recent);
    let (harm, error) = worse(&now, &losses(model, &candidate, recent));
    if harm <= ERRORS * error {
        return Ok(Some((1.0, candidate)));
    }
    let (mut best, mut least) = (None, 0.0);
    for step in SMALLER {
        let weights = between(model, current, &candidate, step)?;
        let (harm, _) = worse(&now, &losses(model, &weights, recent));
        if harm < least {
            (best, least) = (Some((step, weights)), harm);
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::belief::{Diff, Sums};

    fn weights(mean: f64) -> Weights {
        let model = Model::default();
        let mut weights = Weights::new(&model);
        let sum = Evidence { precision: to_fixed(99.0), shift: to_fixed(100.0 * mean) };
        weights.set(7, Weights::quantise(&model, 7, sum)).expect("inside");
        weights.set_head(3, 9);
        weights
    }

    /// Three of four liked it, often enough that no difference is chance: the logit is 1.1.
    fn recent() -> Vec<Observation> {
        let say = |verdict| Observation { vector: vec![(7, 1.0)], verdict, weight: 1.0 };
        [1.0, 1.0, 1.0, 0.0].repeat(500).into_iter().map(say).collect()
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
    fn what_is_worse_by_chance_passes_and_what_is_clearly_worse_does_not() {
        let model = Model::default();
        let says = |verdict| Observation { vector: vec![(7, 1.0)], verdict, weight: 1.0 };
        let passed = |recent: &[Observation]| {
            let passed = pass(&model, &weights(1.0), weights(0.6), recent).expect("the same model");
            passed.is_some_and(|(step, _)| step == 1.0)
        };
        // Seven of nine liked it: 1.0 predicts that better than 0.6, but nine signals are no proof; ninety are.
        let few: Vec<_> = (0..9).map(|n| says(if n < 7 { 1.0 } else { 0.0 })).collect();
        let many: Vec<_> = (0..30).flat_map(|_| few.clone()).collect();
        assert!(loss(&model, &weights(0.6), &few) > loss(&model, &weights(1.0), &few));
        assert!(passed(&few) && !passed(&many));
    }

    #[test]
    fn without_a_person_weights_are_the_others_within_a_step_and_nothing_where_there_are_none() {
        let model = Model::default();
        let site = |precision: f64, shift: f64, slot: u32| {
            let mut site = Site::new();
            site.add(&Diff(vec![(slot, Evidence { precision: to_fixed(precision), shift: to_fixed(shift) })]));
            site
        };
        let (mut sums, mut alone) = (Sums::new(), Sums::new());
        let (other, gone) = (site(4.0, 2.0, 7), [site(3.0, -3.0, 7), site(1.0, 1.0, 9)]);
        for (sums, person) in [(&mut sums, &other), (&mut alone, &other)] {
            sums.move_person(&model, &mut Site::new(), &person.to_diff());
        }
        let mut own = Site::new();
        gone.iter().for_each(|part| own.add(&part.to_diff()));
        sums.move_person(&model, &mut Site::new(), &own.to_diff());
        let publish = |sums: &Sums| {
            let mut weights = Weights::new(&model);
            for (slot, sum) in sums.sorted() {
                weights.set(slot, Weights::quantise(&model, slot, sum)).expect("inside");
            }
            weights
        };
        let (left, expected) = (without(&model, &publish(&sums), &own).expect("the same model"), publish(&alone));
        assert_eq!(left.cell(9), Cell::default(), "nobody else had it");
        let (a, b) = (left.value(left.cell(7)), expected.value(expected.cell(7)));
        assert!((a.0 / b.0 - 1.0).abs() < 0.1 && (a.1 - b.1).abs() < 0.1, "{a:?} {b:?}");
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
