//! Which candidate comes first, and with what probability.

use crate::rng::Rng;
use crate::sort::sort_by_key;

/// How candidates are ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// ε, in [0, 1]: the share of decisions whose first place is drawn uniformly, so that off-policy estimates are
    /// valid. 0 never explores beyond ties; 1 always draws.
    pub epsilon: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { epsilon: 0.02 }
    }
}

/// An order and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Places of the candidates, best first.
    pub order: Vec<usize>,
    /// The exact probability of what stands in the first place, in (0, 1]. Later places are not randomised on purpose,
    /// and nothing is claimed about them.
    pub propensity: f64,
    /// Whether the uniform share chose the first place.
    pub explored: bool,
}

/// Orders by score, the highest first, ties at random; with probability ε the first place is drawn uniformly.
///
/// With T candidates tied for the best of K, one of them has propensity (1 − ε)/T + ε/K, any other ε/K.
#[must_use]
#[allow(clippy::cast_precision_loss)] // at most a thousand candidates
pub fn rank(policy: Policy, scores: &[f64], rng: &mut Rng) -> Ranking {
    let mut keyed: Vec<(usize, f64, u64)> =
        scores.iter().enumerate().map(|(place, score)| (place, *score, rng.next_u64())).collect();
    sort_by_key(&mut keyed, |(_, score, tie)| (descending(*score), *tie));
    let best = keyed.first().map_or(0.0, |(_, score, _)| *score);
    let tied = keyed.iter().take_while(|(_, score, _)| *score == best).count().max(1) as f64;
    let mut order: Vec<usize> = keyed.iter().map(|(place, _, _)| *place).collect();
    let count = scores.len().max(1) as f64;
    // The draw is made even when it cannot matter, so that a seed gives the same stream for every policy.
    let explored = rng.unit() < policy.epsilon && scores.len() > 1;
    let drawn = rng.below(order.len());
    if explored {
        // The drawn one moves to the front, the others keep their order.
        order.get_mut(..=drawn).into_iter().for_each(|front| front.rotate_right(1));
    }
    let first = order.first().and_then(|place| scores.get(*place)).copied().unwrap_or(best);
    let greedy = if first == best { (1.0 - policy.epsilon) / tied } else { 0.0 };
    Ranking { order, propensity: greedy + policy.epsilon / count, explored }
}

/// A whole number that falls as the score rises (IEEE 754, `totalOrder`, negated).
const fn descending(score: f64) -> i64 {
    let bits = score.to_bits().cast_signed();
    !(bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_propensities_are_the_frequencies() {
        let policy = Policy { epsilon: 0.2 };
        let scores = [1.0, 2.0, 2.0, 0.0];
        let mut rng = Rng::new(11);
        let (mut counts, mut claimed) = ([0u32; 4], [0.0; 4]);
        let rounds = 200_000;
        for _ in 0..rounds {
            let ranking = rank(policy, &scores, &mut rng);
            counts[ranking.order[0]] += 1;
            claimed[ranking.order[0]] = ranking.propensity;
        }
        assert!((claimed.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for (count, claim) in counts.iter().zip(claimed) {
            let seen = f64::from(*count) / f64::from(rounds);
            // Five standard errors of a frequency.
            assert!((seen - claim).abs() < 5.0 * (claim / f64::from(rounds)).sqrt(), "{seen} for {claim}");
        }
    }

    #[test]
    fn every_candidate_stands_in_the_order_once() {
        let mut rng = Rng::new(12);
        for k in 1..40 {
            let scores: Vec<f64> = (0..k).map(|n| f64::from(n % 7)).collect();
            let mut order = rank(Policy { epsilon: 0.5 }, &scores, &mut rng).order;
            order.sort_unstable();
            assert!(order.into_iter().eq(0..scores.len()));
        }
    }

    #[test]
    fn a_single_candidate_is_certain() {
        let ranking = rank(Policy::default(), &[0.3], &mut Rng::new(1));
        assert_eq!((ranking.order, ranking.explored), (vec![0], false));
        assert!((ranking.propensity - 1.0).abs() < 1e-12);
    }
}
