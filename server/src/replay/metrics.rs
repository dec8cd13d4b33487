//! How good predictions and choices were.

use flywheel_core::math::log_loss;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is counted while a log is replayed.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Probability and outcome of each row that was predicted, with the person's number.
    predictions: Vec<(f64, f64, u32)>,
    /// Probability of the better one of each pair.
    pairs: Vec<f64>,
    /// Reward of each round.
    rewards: Vec<f64>,
}

/// The figures of one way of predicting.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Rows.
    pub events: usize,
    /// Mean log-loss in nats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// The same over the second half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss_late: Option<f64>,
    /// Area under the ROC curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
    /// Mean of the area inside each person with both outcomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc_within: Option<f64>,
    /// Share of pairs in the right order; a tie is half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Mean reward of rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_reward: Option<f64>,
}

impl Tally {
    /// A probability and what came, for a person.
    pub fn predicted(&mut self, probability: f64, outcome: f64, person: u32) {
        self.predictions.push((probability, outcome, person));
    }

    /// The probability that the better one of a pair was given.
    pub fn paired(&mut self, probability: f64) {
        self.pairs.push(probability);
    }

    /// The reward of a round.
    pub fn rewarded(&mut self, reward: f64) {
        self.rewards.push(reward);
    }

    /// All figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let losses: Vec<f64> = if self.predictions.is_empty() {
            self.pairs.iter().map(|p| log_loss(*p, 1.0)).collect()
        } else {
            self.predictions.iter().map(|(p, y, _)| log_loss(*p, *y)).collect()
        };
        let right = |p: &f64| {
            if *p > 0.5 {
                1.0
            } else if *p < 0.5 {
                0.0
            } else {
                0.5
            }
        };
        Figures {
            events: self.predictions.len() + self.pairs.len() + self.rewards.len(),
            log_loss: mean(losses.iter().copied()),
            log_loss_late: mean(losses.iter().skip(losses.len() / 2).copied()),
            auc: auc(self.predictions.iter().map(|(p, y, _)| (*p, *y))),
            auc_within: self.auc_within(),
            accuracy: mean(self.pairs.iter().map(right)),
            mean_reward: mean(self.rewards.iter().copied()),
        }
    }

    fn auc_within(&self) -> Option<f64> {
        let mut people: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
        for (p, y, person) in &self.predictions {
            people.entry(*person).or_default().push((*p, *y));
        }
        mean(people.into_values().filter_map(|rows| auc(rows.into_iter())))
    }
}

/// The mean, if there is anything.
#[allow(clippy::cast_precision_loss)]
pub fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u64);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Mean and standard error of the mean over people: each person's mean difference, weighted by the person's rows
/// (a ratio estimator; Cochran 1977, "Sampling Techniques", section 6.4).
#[allow(clippy::cast_precision_loss)]
pub fn clustered(people: &BTreeMap<u32, (f64, u64)>) -> Option<(f64, f64)> {
    let rows: u64 = people.values().map(|(_, n)| n).sum();
    let k = people.len() as f64;
    if people.len() < 2 {
        return None;
    }
    let mean = people.values().map(|(sum, _)| sum).sum::<f64>() / rows as f64;
    let residuals = people.values().map(|(sum, n)| (sum - mean * *n as f64).powi(2)).sum::<f64>();
    Some((mean, (k / (k - 1.0) * residuals).sqrt() / rows as f64))
}

/// Area under the ROC curve by ranks, ties counted half (Mann–Whitney). Outcomes from ½ up are good.
#[allow(clippy::cast_precision_loss)]
fn auc(rows: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let mut rows: Vec<(f64, bool)> = rows.map(|(p, y)| (p, y >= 0.5)).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let good = rows.iter().filter(|(_, y)| *y).count() as f64;
    let bad = rows.len() as f64 - good;
    if good == 0.0 || bad == 0.0 {
        return None;
    }
    let (mut sum, mut below) = (0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.0 == b.0) {
        let up = tied.iter().filter(|(_, y)| *y).count() as f64;
        let down = tied.len() as f64 - up;
        sum += up * (below + down / 2.0);
        below += down;
    }
    Some(sum / (good * bad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_of_known_orders() {
        let of = |rows: &[(f64, f64)]| auc(rows.iter().copied());
        assert_eq!(of(&[(0.1, 0.0), (0.9, 1.0)]), Some(1.0));
        assert_eq!(of(&[(0.9, 0.0), (0.1, 1.0)]), Some(0.0));
        assert_eq!(of(&[(0.5, 0.0), (0.5, 1.0)]), Some(0.5));
        assert_eq!(of(&[(0.1, 0.0), (0.4, 1.0), (0.35, 0.0), (0.3, 1.0)]), Some(0.75));
        assert_eq!(of(&[(0.5, 1.0)]), None);
    }

    #[test]
    fn the_standard_error_over_equal_people_is_the_plain_one() {
        let people = BTreeMap::from([(0, (1.0, 1)), (1, (2.0, 1)), (2, (3.0, 1)), (3, (4.0, 1))]);
        let (mean, error) = clustered(&people).expect("people");
        assert!((mean - 2.5).abs() < 1e-12);
        // Sample deviation √(5/3), over √4.
        assert!((error - (5.0f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
    }
}
