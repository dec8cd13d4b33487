//! One pass over a log, in three worlds side by side.

use super::By;
use super::log::{Row, Said};
use super::metrics::{Figures, Tally, clustered};
use super::world::{self, Mode, World};
use flywheel_core::rank::Policy;
use flywheel_core::rng::{Rng, mix64};
use flywheel_core::signal::Thumb;
use serde::Serialize;
use std::collections::BTreeMap;

/// How a log is replayed.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Signals of a person after which the person syncs.
    pub sync_every: usize,
    /// Share of rounds that are answered.
    pub feedback_rate: f64,
    /// What chooses the first place.
    pub policy: Policy,
    /// Seed of everything random.
    pub seed: u64,
    /// Folds of a cross-validation, and what keeps rows together in them.
    pub folds: Option<(u32, By)>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { sync_every: 10, feedback_rate: 1.0, policy: Policy::default(), seed: 1, folds: None }
    }
}

/// What came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The log.
    pub file: String,
    /// People in it.
    pub people: usize,
    /// The product.
    #[serde(flatten)]
    pub both: Figures,
    /// What the person's own layer adds to the mean reward of rounds, paired with `global_only` round by round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal_gain: Option<Gain>,
    /// What an oracle of the true tastes adds, in logs that know them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oracle_gain: Option<Gain>,
    /// The same learner without the person's own layer.
    pub global_only: Figures,
    /// The person's own layer alone.
    pub local_only: Figures,
    /// Microseconds per decision, natively.
    pub rank_us: f64,
    /// Microseconds per signal, natively.
    pub learn_us: f64,
}

/// A paired difference.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gain {
    /// The mean.
    pub mean: f64,
    /// Its standard error over people.
    pub standard_error: f64,
    /// The mean among rounds in which the person had given so many signals before.
    pub by_signal: BTreeMap<String, f64>,
}

#[derive(Clone, Debug, Default)]
struct GainTally {
    people: BTreeMap<u32, (f64, u64)>,
    by_signal: BTreeMap<usize, (f64, u64)>,
}

/// First signal of each bucket of [`Gain::by_signal`].
const BUCKETS: [usize; 6] = [0, 5, 10, 20, 50, 100];

impl GainTally {
    fn add(&mut self, person: u32, given: usize, difference: f64) {
        let bucket = BUCKETS.iter().rposition(|first| *first <= given).unwrap_or(0);
        for (sum, count) in [self.people.entry(person).or_default(), self.by_signal.entry(bucket).or_default()] {
            *sum += difference;
            *count += 1;
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn gain(&self) -> Option<Gain> {
        let (mean, standard_error) = clustered(&self.people)?;
        let name = |bucket: usize| match BUCKETS.get(bucket + 1) {
            Some(next) => format!("{}-{}", BUCKETS[bucket], next - 1),
            None => format!("{}+", BUCKETS[bucket]),
        };
        let by_signal = self.by_signal.iter().map(|(b, (sum, n))| (name(*b), sum / *n as f64)).collect();
        Some(Gain { mean, standard_error, by_signal })
    }
}

struct Pass {
    rules: Rules,
    worlds: [World; 3],
    tallies: [Tally; 3],
    gain: GainTally,
    oracle: GainTally,
    given: BTreeMap<String, usize>,
    answers: Rng,
}

/// Replays a log. `progress` hears how many rows are done.
///
/// # Errors
/// A sentence that names the row which the engine refused.
pub fn replay(rows: &[Row], rules: Rules, progress: &mut dyn FnMut(usize)) -> Result<Report, String> {
    let mut pass = Pass::new(rules);
    match rules.folds {
        None => pass.run(rows, true, true, progress)?,
        Some((folds, by)) => {
            for fold in 0..folds {
                let (test, train): (Vec<_>, Vec<_>) = rows
                    .iter()
                    .enumerate()
                    .map(|(place, row)| (fold_of(row, place, folds, by), row.clone()))
                    .partition(|(of, _)| *of == fold);
                let bare = |part: Vec<(u32, Row)>| part.into_iter().map(|(_, row)| row).collect::<Vec<_>>();
                pass.restart();
                pass.run(&bare(train), false, true, &mut |_| {})?;
                pass.run(&bare(test), true, false, &mut |_| {})?;
                progress(rows.len() * (fold as usize + 1) / folds as usize);
            }
        }
    }
    Ok(pass.report(rows))
}

fn fold_of(row: &Row, place: usize, folds: u32, by: By) -> u32 {
    let text = match (by, &row.group) {
        (By::User, _) => row.user.clone(),
        (By::Group, Some(group)) => group.clone(),
        (By::Group, None) => place.to_string(),
    };
    let hash = text.bytes().fold(0u64, |hash, byte| mix64(hash ^ u64::from(byte)));
    u32::try_from(hash % u64::from(folds)).unwrap_or(0)
}

impl Pass {
    fn new(rules: Rules) -> Self {
        let mut pass = Self {
            rules,
            worlds: Self::worlds(rules),
            tallies: Default::default(),
            gain: GainTally::default(),
            oracle: GainTally::default(),
            given: BTreeMap::new(),
            answers: Rng::new(0),
        };
        pass.restart();
        pass
    }

    fn worlds(rules: Rules) -> [World; 3] {
        let rules = world::Rules { sync_every: rules.sync_every, policy: rules.policy, seed: rules.seed };
        [Mode::Both, Mode::GlobalOnly, Mode::LocalOnly].map(|mode| World::new(mode, rules))
    }

    fn restart(&mut self) {
        self.worlds = Self::worlds(self.rules);
        self.given.clear();
        self.answers = Rng::new(mix64(self.rules.seed ^ 0xA17));
    }

    fn run(&mut self, rows: &[Row], count: bool, learn: bool, progress: &mut dyn FnMut(usize)) -> Result<(), String> {
        let mut done = 0;
        // Rows of one group are all predicted before any of them is learned.
        for group in rows.chunk_by(|a, b| a.group.is_some() && a.group == b.group) {
            let mut decisions = Vec::with_capacity(group.len());
            for (place, row) in group.iter().enumerate() {
                let refused = |error| format!("row {}: {error}", done + place + 1);
                decisions.push(self.expect(row, count).map_err(refused)?);
            }
            for (place, (row, expected)) in group.iter().zip(decisions).enumerate() {
                let refused = |error| format!("row {}: {error}", done + place + 1);
                if learn {
                    self.learn(row, &expected).map_err(refused)?;
                }
            }
            done += group.len();
            progress(done);
        }
        Ok(())
    }

    fn expect(&mut self, row: &Row, count: bool) -> flywheel_core::error::Result<[world::Expectation; 3]> {
        let [both, global, local] = &mut self.worlds;
        let expected = [both.expect(row)?, global.expect(row)?, local.expect(row)?];
        if !count {
            return Ok(expected);
        }
        let person = self.worlds[0].number(&row.user);
        for (tally, expectation) in self.tallies.iter_mut().zip(&expected) {
            match (&row.rewards, &row.feedback) {
                (Some(rewards), _) => tally.rewarded(reward(row, rewards, expectation)),
                (None, Some(Said::Prefer(_) | Said::Correction { .. })) => tally.paired(expectation.probability),
                (None, Some(Said::Thumb(thumb))) => {
                    tally.predicted(expectation.probability, if *thumb == Thumb::Up { 1.0 } else { 0.0 }, person);
                }
                (None, Some(Said::Reward(value))) => tally.predicted(expectation.probability, *value, person),
                (None, Some(Said::Regenerate(_))) => tally.predicted(expectation.probability, 0.0, person),
                (None, None) => {}
            }
        }
        if let Some(rewards) = &row.rewards {
            let given = self.given.get(&row.user).copied().unwrap_or(0);
            // Where the true probabilities are known they stand for the rewards, without the noise of drawing.
            let worth = row.truth.as_ref().filter(|truth| truth.len() == rewards.len()).unwrap_or(rewards);
            let global = reward(row, worth, &expected[1]);
            self.gain.add(person, given, reward(row, worth, &expected[0]) - global);
            if row.truth.is_some() {
                let best = worth.iter().copied().fold(0.0, f64::max);
                self.oracle.add(person, given, best - global);
            }
        }
        Ok(expected)
    }

    fn learn(&mut self, row: &Row, expected: &[world::Expectation; 3]) -> flywheel_core::error::Result<()> {
        // In life most rounds stay without an answer; who answers does not depend on the world.
        let answered = row.rewards.is_none() || self.answers.unit() < self.rules.feedback_rate;
        if !answered {
            return Ok(());
        }
        *self.given.entry(row.user.clone()).or_default() += 1;
        for (world, expectation) in self.worlds.iter_mut().zip(expected) {
            let reward = row.rewards.as_ref().map(|rewards| reward(row, rewards, expectation));
            world.say(row, &expectation.decision, reward)?;
        }
        Ok(())
    }

    fn report(&self, rows: &[Row]) -> Report {
        let per = |(time, count): (std::time::Duration, u32)| time.as_secs_f64() * 1e6 / f64::from(count.max(1));
        let people: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.user.as_str()).collect();
        Report {
            file: String::new(),
            people: people.len(),
            both: self.tallies[0].figures(),
            personal_gain: self.gain.gain(),
            oracle_gain: self.oracle.gain(),
            global_only: self.tallies[1].figures(),
            local_only: self.tallies[2].figures(),
            rank_us: per(self.worlds[0].ranking),
            learn_us: per(self.worlds[0].learning),
        }
    }
}

/// The reward of the candidate that the page put first.
fn reward(row: &Row, rewards: &[f64], expectation: &world::Expectation) -> f64 {
    let place = row.candidates.iter().position(|candidate| candidate.id == expectation.decision.best);
    place.and_then(|place| rewards.get(place)).copied().unwrap_or(0.0)
}
