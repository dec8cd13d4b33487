//! Which candidate comes first, and with what probability.

mod rule;
#[cfg(test)]
mod tests;
mod thompson;

pub use rule::{Rule, check_rules};

use crate::error::{Code, Error, Result};
use crate::learner::Prediction;
use crate::math;
use crate::rng::Rng;
use crate::signal::check_share;
use crate::sort::sort_by_key;

/// Whether there is more than the mean and a uniform share, ties in the given order, and a hold-out with records of
/// decisions. The usual entry of the package has no room for that (docs/learning.md, decisions 120 and 121).
pub(crate) const MORE: bool = cfg!(feature = "insight");

/// How candidates are ordered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// What decides the first place where the uniform share does not.
    pub by: By,
    /// ε, in [0, 1]: the share of decisions whose first place is drawn uniformly, so that off-policy estimates are
    /// valid. 0 never explores beyond what `by` does; 1 always draws.
    pub epsilon: f64,
    /// Who comes first among those that are alike.
    pub ties: Ties,
}

/// Who comes first among candidates that nothing tells apart; before anything is known, that is all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// Any of them, by chance: what nobody has tried yet is tried, and propensities are shared alike.
    #[default]
    Random,
    /// The one that the app gave first: a list stays as it is until something is known about it.
    #[cfg(feature = "insight")]
    Given,
}

/// What decides the first place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum By {
    /// The highest predicted mean, ties at random.
    #[default]
    Mean,
    /// The highest mean plus this many standard deviations of what *everybody* knows, in [0, 10]. (With the person's
    /// own uncertainty it made personal choices worse: DESIGN.md, "What is known about personal gain".)
    Bonus(f64),
    /// The highest of independent Gaussian draws around the means, their standard deviations times this, in [0, 10];
    /// 0 is the mean, 1 is Thompson sampling but that terms which candidates share are drawn for each.
    Thompson(f64),
    /// The worse it is predicted to do than the best of K, the less often: 1 / (K + γ · difference of probabilities),
    /// γ in [0, 10⁶] (Foster and Rakhlin 2020, "Beyond UCB", algorithm 1, `SquareCB`). 0 draws uniformly.
    SquareCb(f64),
}

impl Policy {
    /// The mean, without any exploration.
    pub const GREEDY: Self = Self { by: By::Mean, epsilon: 0.0, ties: Ties::Random };

    /// The policy of a name: `greedy` or `epsilon`, and with feature `insight` `bonus`, `thompson` or `squarecb`; what is
    /// not given takes its default: 0.5 for a bonus, 0.25 for Thompson, 1,000 for γ, and 0.02 for ε, which is 0 for
    /// `greedy`.
    ///
    /// # Errors
    /// [`Code::InvalidValue`] for another name, and as [`Policy::check`].
    pub fn named(name: &str, parameter: Option<f64>, epsilon: Option<f64>) -> Result<Self> {
        let or = |usual: f64| parameter.unwrap_or(usual);
        let by = match name {
            "greedy" | "epsilon" => By::Mean,
            "bonus" if MORE => By::Bonus(or(0.5)),
            "thompson" if MORE => By::Thompson(or(0.25)),
            "squarecb" if MORE => By::SquareCb(or(1_000.0)),
            _ => return Err(Error::new(Code::InvalidValue, "there is no policy of that name here")),
        };
        let usual = if name == "greedy" { 0.0 } else { Self::default().epsilon };
        let policy = Self { by, epsilon: epsilon.unwrap_or(usual), ties: Ties::Random };
        policy.check().map(|()| policy)
    }

    /// Checks the numbers against their ranges.
    ///
    /// # Errors
    /// [`Code::OutOfRange`] or [`Code::NotFinite`].
    pub fn check(&self) -> Result<()> {
        check_share("epsilon", self.epsilon)?;
        let (parameter, most) = match self.by {
            By::Mean => (0.0, 0.0),
            By::Bonus(scale) | By::Thompson(scale) => (scale, 10.0),
            By::SquareCb(gamma) => (gamma, 1e6),
        };
        if (0.0..=most).contains(&parameter) {
            return Ok(());
        }
        Err(Error::new(Code::OutOfRange, "a policy's parameter is outside its range"))
    }

    /// Whether what is alike stays in the order in which the app gave it.
    const fn keeps_order(self) -> bool {
        !matches!(self.ties, Ties::Random)
    }

    /// What it orders by, before any draw.
    fn index(&self, prediction: &Prediction) -> f64 {
        match self.by {
            By::Mean | By::Thompson(_) => prediction.mean,
            By::Bonus(scale) => prediction.mean + scale * math::sqrt(prediction.variance),
            By::SquareCb(_) => prediction.probability,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { by: By::Mean, epsilon: 0.02, ties: Ties::Random }
    }
}

/// An order and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Places of the candidates, best first.
    pub order: Vec<usize>,
    /// The exact probability of what stands in the first place, in (0, 1], the app's rules included. Later places are
    /// not randomised on purpose, and nothing is claimed about them.
    pub propensity: f64,
    /// Whether the uniform share chose the first place.
    pub explored: bool,
}

/// Orders candidates: the first place is drawn with [`Chances`], the others follow by what the policy orders by, ties
/// as it says, forbidden ones last.
///
/// `predictions` and `rules` are as for [`Chances::new`].
#[must_use]
pub fn rank(policy: Policy, predictions: &[Prediction], rules: &[Rule], rng: &mut Rng) -> Ranking {
    let chances = Chances::new(policy, predictions, rules);
    let mut keyed: Vec<(usize, bool, f64, u64)> = Vec::with_capacity(predictions.len());
    for (place, prediction) in predictions.iter().enumerate() {
        let is_last = matches!(rules.get(place), Some(Rule::Forbidden));
        keyed.push((place, is_last, policy.index(prediction), if policy.keeps_order() { 0 } else { rng.next_u64() }));
    }
    sort_by_key(&mut keyed, |(_, is_last, index, tie)| (*is_last, descending(*index), *tie));
    let mut order: Vec<usize> = keyed.iter().map(|(place, ..)| *place).collect();
    // Two draws are made even when they cannot matter, so that a seed gives the same stream for every policy.
    let (mut left, second) = (rng.unit(), rng.unit());
    let chance = |place: &usize| chances.first.get(*place).copied().unwrap_or(0.0);
    // From the back, so that what rounding leaves over falls to the best.
    let mut first = order.iter().position(|place| chance(place) > 0.0).unwrap_or(0);
    for (at, place) in order.iter().enumerate().rev() {
        left -= chance(place);
        if left < 0.0 {
            first = at;
            break;
        }
    }
    // The drawn one moves to the front, the others keep their order.
    order.get_mut(..=first).into_iter().for_each(|front| front.rotate_right(1));
    let propensity = order.first().map_or(1.0, chance);
    Ranking { order, propensity, explored: second * propensity < chances.uniform && predictions.len() > 1 }
}

/// The probability of each candidate to stand first.
#[derive(Clone, Debug, PartialEq)]
pub struct Chances {
    /// Of each candidate; they sum to 1.
    pub first: Vec<f64>,
    /// The part of it that a candidate which may be drawn owes to the uniform share.
    uniform: f64,
}

impl Chances {
    /// What the policy makes of these predictions under these rules: none at all, or one for each candidate
    /// ([`check_rules`]; if nevertheless all are forbidden, none is). For [`By::Bonus`] the variances are those of
    /// everybody's weights.
    ///
    /// With T candidates tied for the best of K, the mean gives one of them (1 − ε)/T + ε/K and any other ε/K; T is 1
    /// where ties go to the first. Where that is below a minimum share it is raised to it, and the rest lowered in
    /// proportion.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // at most a thousand candidates
    pub fn new(policy: Policy, predictions: &[Prediction], rules: &[Rule]) -> Self {
        let is_pinned = rules.contains(&Rule::Pinned);
        let all_forbidden = rules.iter().all(|rule| *rule == Rule::Forbidden);
        let (mut drawn, mut minimums, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (place, prediction) in predictions.iter().enumerate() {
            let rule = rules.get(place).copied().unwrap_or_default();
            if all_forbidden || rule == Rule::Pinned || (!is_pinned && rule != Rule::Forbidden) {
                drawn.push(*prediction);
                minimums.push(rule);
                places.push(place);
            }
        }
        let policy = if is_pinned { Policy { ties: policy.ties, ..Policy::GREEDY } } else { policy };
        let mut shares = best(policy, &drawn);
        match policy.by {
            By::Thompson(scale) if MORE => thompson::draw(&mut shares, &drawn, scale),
            By::SquareCb(gamma) if MORE => square_cb(&mut shares, &drawn, gamma),
            _ => {}
        }
        let uniform = policy.epsilon / drawn.len() as f64;
        shares.iter_mut().for_each(|share| *share = (1.0 - policy.epsilon) * *share + uniform);
        let factor = rule::raise(&mut shares, &minimums);
        let mut first = vec![0.0; predictions.len()];
        for (place, share) in places.iter().zip(&shares) {
            if let Some(chance) = first.get_mut(*place) {
                *chance = *share;
            }
        }
        Self { first, uniform: factor * uniform }
    }
}

/// The best alone; those tied for it alike, or the first of them.
fn best(policy: Policy, drawn: &[Prediction]) -> Vec<f64> {
    let mut shares = Vec::with_capacity(drawn.len());
    let (mut most, mut tied) = (f64::NEG_INFINITY, 0.0);
    for prediction in drawn {
        let mut index = policy.index(prediction);
        if index > most {
            (most, tied) = (index, 0.0);
        } else if policy.keeps_order() {
            index = f64::NEG_INFINITY;
        }
        tied += f64::from(u8::from(index == most));
        shares.push(index);
    }
    shares.iter_mut().for_each(|share| *share = if *share == most { 1.0 / tied } else { 0.0 });
    shares
}

/// `shares` come as those of the best alone, who take what the others leave.
#[allow(clippy::cast_precision_loss)]
fn square_cb(shares: &mut [f64], drawn: &[Prediction], gamma: f64) {
    let most = drawn.iter().map(|prediction| prediction.probability).fold(0.0, f64::max);
    let other = |prediction: &Prediction| 1.0 / (drawn.len() as f64 + gamma * (most - prediction.probability));
    let mut left = 1.0;
    for (share, prediction) in shares.iter().zip(drawn) {
        left -= if *share == 0.0 { other(prediction) } else { 0.0 };
    }
    for (share, prediction) in shares.iter_mut().zip(drawn) {
        *share = if *share == 0.0 { other(prediction) } else { *share * left };
    }
}

/// A whole number that falls as the score rises (IEEE 754, `totalOrder`, negated).
const fn descending(score: f64) -> i64 {
    let bits = score.to_bits().cast_signed();
    !(bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed())
}
