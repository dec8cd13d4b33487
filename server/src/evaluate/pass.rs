//! One progressive pass over a log: what the target policy would have done with each row.

use crate::replay::log::{Row, Said};
use crate::replay::world::{Mode, Rules, World};
use flywheel_core::rank::{Chances, Policy};
use flywheel_core::signal::Thumb;

/// Whose choices are to be judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// The log's own: every weight is 1.
    Logged,
    /// Each candidate with the same probability.
    Uniform,
    /// A policy of ours, over what has been learned from the rows before.
    Ours(Policy),
}

/// What a row says about the target policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// The person's number.
    pub person: u32,
    /// r: what came of what the log shows, 0 to 1.
    pub reward: f64,
    /// w: the target's probability of it over the log's.
    pub weight: f64,
    /// q: what was predicted of it.
    pub predicted: f64,
    /// Σ π q over all candidates; `None` where the target's probabilities are not known.
    pub direct: Option<f64>,
    /// Σ π p under the true probabilities, in logs that know them.
    pub truth: Option<f64>,
}

/// Goes through the log: each row is predicted, judged, and then learned. Rows of one `group` are all predicted before
/// any of them is learned. Rows that are no choice with one outcome (pairs, corrections, regenerations) teach, but are
/// not judged; rounds with all rewards known are passed over: they do not say what was shown.
///
/// # Errors
/// `:line: why` for a row that lacks what is needed or that the engine refuses.
pub fn terms(
    rows: &[Row],
    target: Target,
    sync_every: usize,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Terms>, String> {
    let policy = if let Target::Ours(policy) = target { policy } else { Policy::default() };
    let mut world = World::new(Mode::Both, Rules { sync_every, policy, seed: 1 });
    let (mut all, mut done) = (Vec::new(), 0);
    for group in rows.chunk_by(|a, b| a.group.is_some() && a.group == b.group) {
        let mut decisions = Vec::with_capacity(group.len());
        for row in group {
            let refused = |why: &dyn std::fmt::Display| format!(":{}: {why}", row.line);
            if let Some(reward) = outcome(row) {
                let judged = judge(&mut world, row, reward, target);
                all.push(judged.map_err(|why| refused(&why))?);
            }
            let is_round = row.rewards.is_some();
            decisions.push(if is_round { None } else { Some(world.expect(row).map_err(|why| refused(&why))?) });
        }
        for (row, expected) in group.iter().zip(decisions) {
            if let Some(expected) = expected {
                world.say(row, &expected.decision, None).map_err(|why| format!(":{}: {why}", row.line))?;
            }
        }
        done += group.len();
        progress(done);
    }
    if all.is_empty() {
        return Err(": no row has `candidates`, `chosen`, `propensity` and a thumb or reward".into());
    }
    Ok(all)
}

/// The reward of a row that can be judged.
fn outcome(row: &Row) -> Option<f64> {
    match (&row.rewards, &row.feedback) {
        (None, Some(Said::Thumb(thumb))) => Some(if *thumb == Thumb::Up { 1.0 } else { 0.0 }),
        (None, Some(Said::Reward(reward))) => Some(*reward),
        _ => None,
    }
}

fn judge(world: &mut World, row: &Row, reward: f64, target: Target) -> Result<Terms, String> {
    let chosen = row.chosen.ok_or("no `chosen`: which candidate stood first?")?;
    let propensity = row.propensity.ok_or("no `propensity`: with what probability did it stand first?")?;
    // One over it must stay a number.
    if !(1e-300..=1.0).contains(&propensity) {
        return Err(format!("`propensity` is {propensity:e}; it must be above 0 and at most 1"));
    }
    if !(0.0..=1.0).contains(&reward) {
        return Err(format!("`reward` is {reward}; it must be from 0 to 1"));
    }
    let predictions = world.expectations(row).map_err(|error| error.to_string())?;
    #[allow(clippy::cast_precision_loss)] // at most a thousand
    let chances = match target {
        Target::Logged => None,
        Target::Uniform => Some(vec![1.0 / predictions.len() as f64; predictions.len()]),
        Target::Ours(policy) => Some(Chances::new(policy, &predictions, &[]).first),
    };
    let over = |values: &mut dyn Iterator<Item = f64>| {
        chances.as_ref().map(|chances| chances.iter().zip(values).map(|(chance, value)| chance * value).sum())
    };
    Ok(Terms {
        person: world.number(&row.user),
        reward,
        weight: chances.as_ref().map_or(1.0, |chances| chances.get(chosen).copied().unwrap_or(0.0) / propensity),
        predicted: predictions.get(chosen).map_or(0.5, |prediction| prediction.probability),
        direct: over(&mut predictions.iter().map(|prediction| prediction.probability)),
        truth: row.truth.as_ref().and_then(|truth| over(&mut truth.iter().copied())),
    })
}
