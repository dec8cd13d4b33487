//! The replay log: one JSON object a line, gzip if the name ends in `.gz` (README.md, "Replay").

use flate2::read::MultiGzDecoder;
use flywheel_core::feature::{Candidate, Object};
use flywheel_core::signal::Thumb;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// The line that it stands on, from 1; 0 where it was not read from a file.
    #[serde(skip)]
    pub line: usize,
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
    let file = File::open(path).map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let reader: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    parse(reader).map_err(|(line, why)| format!("{}:{line}: {why}", path.display()))
}

/// Reads a whole log, unpacked.
///
/// # Errors
/// The line, from 1, and what is wrong with it.
pub fn parse(log: impl Read) -> Result<Vec<Row>, (usize, String)> {
    let at = |line: usize, why: &dyn std::fmt::Display| (line, why.to_string());
    let mut rows = Vec::new();
    for (place, line) in BufReader::new(log).lines().enumerate() {
        let line = line.map_err(|error| at(place + 1, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let row: Row = serde_json::from_str(&line).map_err(|error| at(place + 1, &error))?;
        let row = Row { line: place + 1, ..row };
        check(&row).map_err(|why| at(place + 1, &why))?;
        rows.push(row);
    }
    Ok(rows)
}

fn check(row: &Row) -> Result<(), String> {
    let count = row.candidates.len();
    if let Some(truth) = row.truth.as_ref().filter(|truth| truth.len() != count) {
        return Err(format!("{} of `truth` for {count} candidates", truth.len()));
    }
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

/// The first `limit` rows of the first `people` people. Where these have fewer rows than that, whoever said least makes
/// room for the next one who said more, until there are enough.
#[must_use]
pub fn select(rows: Vec<Row>, people: Option<usize>, limit: Option<usize>) -> Vec<Row> {
    let limit = limit.unwrap_or(usize::MAX);
    let Some(people) = people else { return rows.into_iter().take(limit).collect() };
    // In the order of coming: each person's name and number of rows.
    let (mut places, mut crowd) = (BTreeMap::new(), Vec::new());
    for row in &rows {
        let place = *places.entry(row.user.as_str()).or_insert_with(|| {
            crowd.push((row.user.as_str(), 0usize));
            crowd.len() - 1
        });
        crowd[place].1 += 1;
    }
    let later = crowd.split_off(people.min(crowd.len()));
    if limit < usize::MAX {
        for next in later {
            let said: usize = crowd.iter().map(|(_, said)| said).sum();
            let least = crowd.iter_mut().min_by_key(|(_, said)| *said);
            match least {
                Some(least) if said < limit && least.1 < next.1 => *least = next,
                _ => {}
            }
        }
    }
    let chosen: BTreeSet<String> = crowd.into_iter().map(|(user, _)| user.to_owned()).collect();
    rows.into_iter().filter(|row| chosen.contains(&row.user)).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_rows_of_so_many_people_in_the_order_of_the_log() {
        let rows = |users: &str| -> Vec<Row> {
            users.chars().map(|user| Row { user: user.to_string(), ..Row::default() }).collect()
        };
        let chosen = |people, limit| -> String {
            select(rows("abbcccabcd"), people, limit).iter().map(|row| row.user.as_str()).collect()
        };
        assert_eq!(chosen(None, None), "abbcccabcd");
        assert_eq!(chosen(None, Some(4)), "abbc");
        assert_eq!(chosen(Some(2), None), "abbab");
        assert_eq!(chosen(Some(2), Some(5)), "abbab");
        assert_eq!(chosen(Some(2), Some(6)), "bbcccb", "`a` makes room for `c`");
        assert_eq!(chosen(Some(2), Some(99)), "bbcccbc");
        assert_eq!(chosen(Some(9), Some(99)), "abbcccabcd");
        assert_eq!(chosen(Some(0), Some(99)), "");
    }
}
