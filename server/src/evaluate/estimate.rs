//! From the terms of each row to estimates with intervals.

use super::Terms;
use flywheel_core::rng::Rng;
use serde::Serialize;
use std::collections::BTreeMap;

/// With fewer people than this the rows are resampled, since so few people say little about how people differ.
const PEOPLE: usize = 20;
/// Fewer rewards than this behind an estimate, and its interval means little.
const REWARDS: f64 = 10.0;

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// How well the target policy would have done: the mean reward of a row, by four estimators.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Rows that were judged.
    pub judged: usize,
    /// People among them.
    pub people: usize,
    /// What was resampled: `rows`, or `people` where somebody has several.
    pub resampled: &'static str,
    /// What the log itself earned.
    pub logged: Interval,
    /// Σ w r / n.
    pub ips: Interval,
    /// Σ w r / Σ w.
    pub snips: Interval,
    /// The mean of what the model predicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dm: Option<Interval>,
    /// The same, corrected by the weighted error of the predictions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dr: Option<Interval>,
    /// The true value, in logs that know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<f64>,
    /// (Σ w)² / Σ w²: as many rows of the target's own would say as much.
    pub effective_sample_size: f64,
    /// The mean weight, which must be near 1.
    pub mean_weight: Interval,
    /// The largest weight, before clipping.
    pub largest_weight: f64,
    /// At what weights were cut, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
    /// How many were cut.
    pub clipped: usize,
    /// What should keep you from trusting the figures.
    pub warnings: Vec<String>,
}

/// Sums over the rows of a unit that is resampled.
#[derive(Clone, Copy, Default)]
struct Sums {
    rows: f64,
    reward: f64,
    weight: f64,
    weighted: f64,
    direct: f64,
    robust: f64,
}

impl Sums {
    fn add(&mut self, other: &Self, times: f64) {
        self.rows += times * other.rows;
        self.reward += times * other.reward;
        self.weight += times * other.weight;
        self.weighted += times * other.weighted;
        self.direct += times * other.direct;
        self.robust += times * other.robust;
    }

    /// Logged, IPS, SNIPS, DM, DR and the mean weight.
    fn figures(&self) -> [f64; 6] {
        // Without any weight there is nothing to normalise by; nothing was seen of what the policy would do.
        let snips = if self.weight > 0.0 { self.weighted / self.weight } else { 0.0 };
        let per_row = [self.reward, self.weighted, self.direct, self.robust, self.weight].map(|sum| sum / self.rows);
        let [logged, ips, dm, dr, weight] = per_row;
        [logged, ips, snips, dm, dr, weight]
    }
}

impl Estimate {
    /// All figures. `clip` cuts the weights; `resamples` is at least 1.
    ///
    /// Intervals are percentiles of a bootstrap (Efron 1979) over rows, or over people (each with all of their rows)
    /// where somebody has several and there are at least 20.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn new(terms: &[Terms], clip: Option<f64>, resamples: u32, seed: u64) -> Self {
        let most = clip.unwrap_or(f64::INFINITY);
        let mut people: BTreeMap<u32, Sums> = BTreeMap::new();
        let mut units = Vec::with_capacity(terms.len());
        for term in terms {
            let sums = sums(term, term.weight.min(most));
            people.entry(term.person).or_default().add(&sums, 1.0);
            units.push(sums);
        }
        let count = people.len();
        let by_people = count >= PEOPLE && count < terms.len();
        if by_people {
            units = people.into_values().collect();
        }
        let [logged, ips, snips, dm, dr, mean_weight] = bootstrap(&units, resamples, seed);
        let weights = || terms.iter().map(|term| term.weight.min(most));
        let has_model = terms.iter().all(|term| term.direct.is_some());
        let truth: Option<Vec<f64>> = terms.iter().map(|term| term.truth).collect();
        let mut estimate = Self {
            judged: terms.len(),
            people: count,
            resampled: if by_people { "people" } else { "rows" },
            logged: logged.interval,
            ips: ips.interval,
            snips: snips.interval,
            dm: has_model.then_some(dm.interval),
            dr: has_model.then_some(dr.interval),
            truth: truth.map(|truth| truth.iter().sum::<f64>() / terms.len() as f64),
            effective_sample_size: effective(weights()),
            mean_weight: mean_weight.interval,
            largest_weight: terms.iter().map(|term| term.weight).fold(0.0, f64::max),
            clip,
            clipped: terms.iter().filter(|term| term.weight > most).count(),
            warnings: Vec::new(),
        };
        let rewarded = effective(terms.iter().map(|term| term.weight.min(most) * term.reward));
        estimate.warnings = estimate.doubts(mean_weight.wide, rewarded);
        estimate
    }

    fn doubts(&self, weight: (f64, f64), rewarded: f64) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.clipped == 0 && !(weight.0..=weight.1).contains(&1.0) {
            doubts.push(format!(
                "the mean weight is {:.3} and 1 lies outside its 99 % interval ({:.3} to {:.3}): the propensities are not \
                 those with which the log was made, or the log never shows what the policy would",
                self.mean_weight.value, weight.0, weight.1
            ));
        }
        if self.clipped > 0 {
            doubts.push(format!(
                "{} weights were cut, so that IPS, SNIPS and DR are biased, IPS downwards",
                self.clipped
            ));
        }
        if rewarded < REWARDS {
            doubts.push(format!(
                "the weighted rewards are worth {rewarded:.1} rows: so few say little, and the intervals of IPS, SNIPS and \
                 DR are too narrow"
            ));
        }
        doubts
    }
}

fn sums(term: &Terms, weight: f64) -> Sums {
    let direct = term.direct.unwrap_or(0.0);
    Sums {
        rows: 1.0,
        reward: term.reward,
        weight,
        weighted: weight * term.reward,
        direct,
        robust: direct + weight * (term.reward - term.predicted),
    }
}

/// (Σ v)² / Σ v² (Kish 1965, "Survey Sampling"): how many equal values would be worth as much.
fn effective(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = values.fold((0.0, 0.0), |(sum, squares), value| (sum + value, squares + value * value));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

struct Resampled {
    interval: Interval,
    /// The 99 % interval.
    wide: (f64, f64),
}

fn bootstrap(units: &[Sums], resamples: u32, seed: u64) -> [Resampled; 6] {
    let mut rng = Rng::new(seed);
    let mut whole = Sums::default();
    units.iter().for_each(|unit| whole.add(unit, 1.0));
    let mut drawn: [Vec<f64>; 6] = Default::default();
    for _ in 0..resamples {
        let mut sums = Sums::default();
        for _ in units {
            if let Some(unit) = units.get(rng.below(units.len())) {
                sums.add(unit, 1.0);
            }
        }
        for (all, figure) in drawn.iter_mut().zip(sums.figures()) {
            all.push(figure);
        }
    }
    let mut values = whole.figures().into_iter();
    drawn.map(|mut all| {
        all.sort_by(f64::total_cmp);
        let value = values.next().unwrap_or_default();
        let interval = Interval { value, low: quantile(&all, 0.025), high: quantile(&all, 0.975) };
        Resampled { interval, wide: (quantile(&all, 0.005), quantile(&all, 0.995)) }
    })
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a place in the list
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * sorted.len() as f64) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(person: u32, reward: f64, weight: f64) -> Terms {
        Terms { person, reward, weight, predicted: 0.25, direct: Some(0.5), truth: None }
    }

    #[test]
    fn the_estimators_are_their_formulas() {
        let terms = [term(0, 1.0, 2.0), term(0, 0.0, 0.5), term(0, 0.5, 1.0)];
        let estimate = Estimate::new(&terms, None, 200, 1);
        let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-12, "{got} for {expected}");
        close(estimate.logged.value, 0.5);
        close(estimate.ips.value, 2.5 / 3.0);
        close(estimate.snips.value, 2.5 / 3.5);
        close(estimate.dm.expect("known").value, 0.5);
        close(estimate.dr.expect("known").value, 0.5 + (2.0 * 0.75 - 0.5 * 0.25 + 0.25) / 3.0);
        close(estimate.effective_sample_size, 3.5 * 3.5 / 5.25);
        close(estimate.mean_weight.value, 3.5 / 3.0);
        close(estimate.largest_weight, 2.0);
        let clipped = Estimate::new(&terms, Some(1.0), 200, 1);
        close(clipped.ips.value, 1.5 / 3.0);
        assert_eq!((clipped.clipped, clipped.clip), (1, Some(1.0)));
        assert!(clipped.warnings.iter().any(|words| words.contains("cut")));
    }

    #[test]
    fn people_are_resampled_whole_where_somebody_has_several_rows() {
        // 40 people of 25 equal rows each: rows alone would claim five times as much as is known.
        let terms: Vec<Terms> =
            (0..1_000).map(|n| term(n / 25, f64::from(u8::from((n / 25).is_multiple_of(2))), 1.0)).collect();
        let estimate = Estimate::new(&terms, None, 1_000, 1);
        assert_eq!((estimate.resampled, estimate.people), ("people", 40));
        let width = estimate.ips.high - estimate.ips.low;
        assert!((0.25..0.40).contains(&width), "{width}");
        let alone: Vec<Terms> = terms.iter().map(|term| Terms { person: 0, ..*term }).collect();
        let estimate = Estimate::new(&alone, None, 1_000, 1);
        assert_eq!(estimate.resampled, "rows");
        assert!(estimate.ips.high - estimate.ips.low < 0.08);
    }

    #[test]
    fn propensities_that_are_not_true_are_warned_about_and_true_ones_are_not() {
        let mut rng = Rng::new(4);
        let mut log = |claimed: f64| -> Vec<Terms> {
            // Shown with probability ½; the target always shows it.
            let weights = (0..500).map(|_| if rng.unit() < 0.5 { 1.0 / claimed } else { 0.0 });
            weights.enumerate().map(|(n, weight)| term(0, f64::from(u8::from(n % 3 == 0)), weight)).collect()
        };
        let warned = |terms: &[Terms]| !Estimate::new(terms, None, 500, 1).warnings.is_empty();
        assert!(!warned(&log(0.5)));
        assert!(warned(&log(0.4)));
        assert!(warned(&log(0.7)));
    }

    #[test]
    fn few_rewards_are_warned_about() {
        let terms: Vec<Terms> = (0..300).map(|n| term(0, f64::from(u8::from(n < 4)), 1.0)).collect();
        let warnings = Estimate::new(&terms, None, 200, 1).warnings;
        assert!(warnings.iter().any(|words| words.contains("4.0 rows")), "{warnings:?}");
    }
}
