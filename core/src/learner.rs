//! One rule for every signal: predict, then move the mean and the precision.

use crate::belief::spread::{self, GRID};
use crate::belief::{Diff, Evidence, Posterior, Prior, Widened, to_fixed};
use crate::feature::Vector;
use crate::math;

/// What the model expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// m: the mean of the logit.
    pub mean: f64,
    /// v: the variance of the logit, ≥ 0.
    pub variance: f64,
    /// p = σ(κ m) with κ = 1/√(1 + π v / 8): the probability, in (0, 1), of a good outcome. MacKay 1992, "The evidence
    /// framework applied to classification networks", eq. 9.
    pub probability: f64,
}

impl Prediction {
    /// κ, in (0, 1]: how much of the logit counts.
    #[must_use]
    pub fn kappa(&self) -> f64 {
        kappa(self.variance)
    }
}

/// One thing to learn: the features of what was judged, the verdict and its weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// x.
    pub vector: Vector,
    /// y: 0 for bad, 1 for good, or between.
    pub verdict: f64,
    /// ω, above 0 and at most 64: how much it counts. Above 1 it is taken in several steps of at most 1.
    pub weight: f64,
}

impl Observation {
    /// The weight in steps of at most 1.
    pub fn steps(&self) -> impl Iterator<Item = f64> + use<> {
        let weight = self.weight.clamp(0.0, 64.0);
        (0u8..64).map(move |n| (weight - f64::from(n)).min(1.0)).take_while(|step| *step > 0.0)
    }
}

/// The mean and the variance of a logit, summed feature by feature: m = Σ x·mean, v = Σ x²·variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Logit {
    mean: f64,
    variance: f64,
}

impl Logit {
    /// Adds a feature.
    #[inline(always)] // the innermost loop of ranking
    pub fn add(&mut self, x: f64, weight: Posterior) {
        self.mean += x * weight.mean;
        self.variance += x * x * weight.variance;
    }

    /// Adds another part of the same logit.
    pub fn join(&mut self, part: Self) {
        self.mean += part.mean;
        self.variance += part.variance;
    }

    /// What it lets expect.
    #[must_use]
    pub fn predict(self) -> Prediction {
        // The last bits depend on the order of the features, and must not decide between equals.
        let mean = math::settle(self.mean);
        let variance = if self.variance > 1e-6 { math::settle(self.variance) } else { self.variance };
        Prediction { mean, variance, probability: math::sigmoid(kappa(variance) * mean) }
    }
}

/// What the belief expects of `vector`.
#[must_use]
pub fn predict<P: Prior>(belief: &Widened<'_, P>, vector: &Vector) -> Prediction {
    let mut logit = Logit::default();
    for &(slot, x) in vector {
        logit.add(x, belief.posterior(slot));
    }
    logit.predict()
}

fn kappa(variance: f64) -> f64 {
    1.0 / math::sqrt(1.0 + math::PI * variance / 8.0)
}

/// What one step of at most weight 1 adds to the site: with a = ω κ (y − p), the mean of each weight moves by
/// a x / precision and its precision grows by ω κ p (1 − p) x² (DESIGN.md, "The model"; what else was tried:
/// docs/learning.md). The slots stand in the order of the vector.
#[must_use]
pub fn observe<P: Prior>(belief: &Widened<'_, P>, vector: &Vector, verdict: f64, weight: f64) -> Diff {
    // One look at each weight serves the prediction, the step, and the comparison of values of s².
    let mut logit = Logit::default();
    // Of what the person has said nothing about, s² changes the variance alone, and of all such weights alike.
    let (mut untouched, mut squares) = (Logit::default(), 0.0);
    let (mut weights, mut touched) = (Vec::with_capacity(vector.len()), Vec::with_capacity(vector.len()));
    for &(slot, x) in vector {
        let parts = belief.parts(slot);
        let posterior = parts.under(belief.spread);
        logit.add(x, posterior);
        match parts.untouched() {
            Some(prior) => {
                untouched.add(x, prior);
                squares += x * x;
            }
            None => touched.push((x, parts)),
        }
        weights.push(posterior);
    }
    let p = logit.predict().probability;
    let step = weight * kappa(logit.variance);
    let (pull, growth) = (step * (verdict - p), step * p * (1.0 - p));
    let mut diff = Vec::with_capacity(vector.len() + GRID.len());
    for (&(slot, x), before) in vector.iter().zip(weights) {
        let added = growth * x * x;
        // (T + dT)(mean + a x / T) − T mean, written without the cancellation.
        let shift = added * before.mean + pull * x * (1.0 + added * before.variance);
        let evidence = Evidence { precision: to_fixed(added), shift: to_fixed(shift) };
        if !evidence.is_zero() {
            diff.push((slot, evidence));
        }
    }
    // Where the person has said nothing yet, s² only says how sure to be, and nothing can be seen of it
    // (docs/decisions/0182).
    if touched.is_empty() {
        return Diff(diff);
    }
    // Value by value: the two sums of one stay in registers.
    let likelihoods = GRID.map(|spread| {
        let mut logit = Logit::default();
        touched.iter().for_each(|(x, parts)| logit.add(*x, parts.under(spread)));
        logit.join(untouched);
        logit.variance += squares * spread;
        weight * math::log_likelihood(kappa(logit.variance) * logit.mean, verdict)
    });
    diff.extend(spread::evidence(belief.model, &likelihoods).0);
    Diff(diff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::belief::{Model, Others, Site, Weights};

    fn learn(vectors: &[(Vector, f64)]) -> (Model, Site) {
        let model = Model::default();
        let (weights, none) = (Weights::new(&model), Site::new());
        let mut site = Site::new();
        for (vector, verdict) in vectors {
            let others = Others { model: &model, weights: &weights, own: &none };
            let diff = observe(&Widened::new(&model, others, &site), vector, *verdict, 1.0);
            site.add(&diff);
        }
        (model, site)
    }

    fn expect(model: &Model, site: &Site, vector: &Vector) -> Prediction {
        let (weights, none) = (Weights::new(model), Site::new());
        predict(&Widened::new(model, Others { model, weights: &weights, own: &none }, site), vector)
    }

    #[test]
    fn before_any_evidence_everything_is_even() {
        let (model, site) = learn(&[]);
        let prediction = expect(&model, &site, &vec![(1, 1.0), (2, 1.0)]);
        assert_eq!((prediction.mean, prediction.probability), (0.0, 0.5));
        assert!((prediction.variance - 2.0 * 1.3).abs() < 1e-9);
    }

    #[test]
    fn it_moves_towards_the_verdict_and_becomes_surer() {
        let vector = vec![(1, 1.0), (2, 1.0)];
        let (model, site) = learn(&[(vector.clone(), 1.0)]);
        let once = expect(&model, &site, &vector);
        let (_, site) = learn(&vec![(vector.clone(), 1.0); 5]);
        let five = expect(&model, &site, &vector);
        assert!(0.5 < once.probability && once.probability < five.probability);
        assert!(five.variance < once.variance && once.variance < 2.6);
    }

    #[test]
    fn how_much_people_differ_is_seen_only_where_the_person_has_spoken_before() {
        let vector = vec![(1, 1.0), (2, 1.0)];
        let seen = |turns: &[(Vector, f64)]| {
            let (model, site) = learn(turns);
            (0..GRID.len()).any(|place| !site.at(spread::slot(&model, place)).is_zero())
        };
        assert!(!seen(&[(vector.clone(), 1.0)]));
        assert!(!seen(&[(vector.clone(), 1.0), (vec![(3, 1.0)], 0.0)]), "about something else");
        assert!(seen(&[(vector.clone(), 1.0), (vector, 1.0)]));
    }

    #[test]
    fn extreme_and_contradicting_input_keeps_the_belief_finite() {
        let loud: Vector = (0..300).map(|slot| (slot, if slot % 2 == 0 { 8.0 } else { -8.0 })).collect();
        let turns: Vec<_> = (0..2_000).map(|n| (loud.clone(), f64::from(n % 2))).collect();
        let (model, site) = learn(&turns);
        let prediction = expect(&model, &site, &loud);
        assert!(prediction.mean.is_finite() && prediction.variance >= 0.0);
        assert!(prediction.probability > 0.0 && prediction.probability < 1.0);
    }
}
