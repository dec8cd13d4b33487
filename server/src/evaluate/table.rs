//! An evaluation as a table for people.

use super::{Estimate, Interval};
use serde::Serialize;
use std::fmt;

/// What came out for a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// The log.
    pub file: String,
    /// The target policy's name.
    pub policy: String,
    /// Rows of the log.
    pub rows: usize,
    /// The figures.
    #[serde(flatten)]
    pub estimate: Estimate,
}

impl fmt::Display for Evaluation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, policy, rows, estimate } = self;
        writeln!(out, "{file}: {policy} on {} of {rows} rows by {} people", estimate.judged, estimate.people)?;
        writeln!(out, "             mean reward   95 % interval (bootstrap over {})", estimate.resampled)?;
        line(out, "logged", Some(estimate.logged))?;
        line(out, "IPS", Some(estimate.ips))?;
        line(out, "SNIPS", Some(estimate.snips))?;
        line(out, "DM", estimate.dm)?;
        line(out, "DR", estimate.dr)?;
        if let Some(truth) = estimate.truth {
            writeln!(out, "  {:<10} {truth:>11.5}", "truth")?;
        }
        line(out, "weight", Some(estimate.mean_weight))?;
        let (size, largest) = (estimate.effective_sample_size, estimate.largest_weight);
        writeln!(out, "  effective sample size {size:.0} of {}, largest weight {largest:.2}", estimate.judged)?;
        if let Some(clip) = estimate.clip {
            writeln!(out, "  weights cut at {clip}: {} of them", estimate.clipped)?;
        }
        for warning in &estimate.warnings {
            writeln!(out, "  WARNING: {warning}")?;
        }
        writeln!(out)
    }
}

fn line(out: &mut fmt::Formatter<'_>, name: &str, interval: Option<Interval>) -> fmt::Result {
    match interval {
        Some(Interval { value, low, high }) => writeln!(out, "  {name:<10} {value:>11.5}   {low:.5} to {high:.5}"),
        None => writeln!(out, "  {name:<10} {:>11}   needs the probabilities of what was not shown", "–"),
    }
}
