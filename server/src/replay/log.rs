//! The replay log: one JSON object a line, gzip if the name ends in `.gz` (README.md, "Replay").

use flate2::read::MultiGzDecoder;
use flywheel_core::feature::{Candidate, Object};
use flywheel_core::signal::Thumb;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Who.
    pub user: String,
    /// When, in milliseconds since 1970.
    pub at: f64,
    /// What was known.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub context: Object,
    /// What could be shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Place of the candidate that was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<usize>,
    /// With what probability it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propensity: Option<f64>,
    /// Consecutive rows of one group are all predicted before any of them is learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Said>,
    /// The reward of every candidate, where all are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewards: Option<Vec<f64>>,
    /// The probability of a good outcome of every candidate under the true tastes, in logs made by `synth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truth: Option<Vec<f64>>,
}

/// What was said, as logs have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Up or down.
    Thumb(Thumb),
    /// Place of the candidate that was preferred.
    Prefer(usize),
    /// An edit.
    Correction {
        /// Before.
        shown: String,
        /// After.
        corrected: String,
    },
    /// Another attempt was asked for.
    Regenerate(bool),
    /// 0 to 1.
    Reward(f64),
}

/// Reads a whole log.
///
/// # Errors
/// A sentence with the file's name and the line, if it cannot be opened or a line is not a row.
pub fn read(path: &Path) -> Result<Vec<Row>, String> {
    let at = |line: usize, why: &dyn std::fmt::Display| format!("{}:{line}: {why}", path.display());
    let file = File::open(path).map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let reader: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut rows = Vec::new();
    for (place, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(|error| at(place + 1, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let row: Row = serde_json::from_str(&line).map_err(|error| at(place + 1, &error))?;
        check(&row).map_err(|why| at(place + 1, &why))?;
        rows.push(row);
    }
    Ok(rows)
}

fn check(row: &Row) -> Result<(), String> {
    let count = row.candidates.len();
    if let Some(rewards) = &row.rewards {
        if rewards.len() != count || count == 0 {
            return Err(format!("{} rewards for {count} candidates", rewards.len()));
        }
        return rewards.iter().all(|r| (0.0..=1.0).contains(r)).then_some(()).ok_or("a reward outside 0..1".into());
    }
    match &row.feedback {
        None => Err("neither `feedback` nor `rewards`".into()),
        Some(Said::Prefer(place)) if *place >= count || count < 2 => {
            Err(format!("`prefer` names candidate {place} of {count}"))
        }
        Some(Said::Thumb(_) | Said::Reward(_) | Said::Regenerate(_)) if row.chosen.unwrap_or(0) >= count => {
            Err(format!("`chosen` names candidate {} of {count}", row.chosen.unwrap_or(0)))
        }
        Some(_) => Ok(()),
    }
}

/// The first `limit` rows of the first `people` people.
#[must_use]
pub fn select(rows: Vec<Row>, people: Option<usize>, limit: Option<usize>) -> Vec<Row> {
    let mut known = std::collections::BTreeSet::new();
    let most = people.unwrap_or(usize::MAX);
    rows.into_iter()
        .filter(|row| known.contains(&row.user) || (known.len() < most && known.insert(row.user.clone())))
        .take(limit.unwrap_or(usize::MAX))
        .collect()
}
