//! `flywheel replay`: the whole loop over a log of feedback, before anything is shipped.

pub mod log;
mod metrics;
mod run;
mod synth;
pub(crate) mod table;
pub(crate) mod world;

pub use run::{Report, Rules, replay};
pub use synth::{SynthArgs, run_synth, synth};
pub use table::run_replay;

use clap::{Args, ValueEnum};
use flywheel_core::rank::Policy;
use std::path::PathBuf;

/// What decides the fold of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Its `group`, or the row itself where it has none.
    #[default]
    Group,
    /// Its `user`.
    User,
}

/// A policy, as commands take one.
#[derive(Clone, Debug, Args)]
pub struct PolicyArgs {
    /// What chooses the first place: greedy, epsilon, bonus, thompson or squarecb
    #[arg(long, value_name = "NAME", default_value = "epsilon")]
    pub policy: String,
    /// Its parameter: standard deviations of a bonus (0.5) or of thompson's draws (0.25), gamma of squarecb (1000)
    #[arg(long, value_name = "X")]
    pub parameter: Option<f64>,
    /// Share of decisions whose first place is drawn uniformly, 0 to 1; 0 for greedy, else 0.02
    #[arg(long, value_name = "E")]
    pub epsilon: Option<f64>,
}

impl PolicyArgs {
    /// The policy.
    ///
    /// # Errors
    /// A sentence about what does not fit.
    pub fn read(&self) -> Result<Policy, String> {
        Policy::named(&self.policy, self.parameter, self.epsilon)
            .map_err(|error| format!("--policy {}: {}", self.policy, error.detail))
    }
}

/// Replay logs of feedback through the whole loop and print how well it predicts and chooses.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel replay thumbs.jsonl.gz --sync-every 10
  flywheel replay rounds.jsonl.gz --feedback-rate 0.1 --seed 3 --json
  flywheel replay rounds.jsonl.gz --policy squarecb --parameter 50
  flywheel replay preferences.jsonl --folds 5 --by group")]
pub struct ReplayArgs {
    /// Logs: JSON Lines, gzip if the name ends in .gz (the format is in docs/replay.md)
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Signals of a person after which that person's page syncs
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub sync_every: u32,
    /// Share of rounds that are answered, 0 to 1
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    pub feedback_rate: f64,
    /// What chooses.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Seed of ties, exploration and of who answers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Train on the other folds and predict each of this many folds without learning from it
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub folds: Option<u32>,
    /// What keeps rows in the same fold
    #[arg(long, value_enum, default_value_t = By::Group, requires = "folds")]
    pub by: By,
    /// Only the first so many people of each file
    #[arg(long, value_name = "N")]
    pub people: Option<usize>,
    /// Only the first so many rows of each file
    #[arg(long, value_name = "M")]
    pub limit: Option<usize>,
    /// Print one JSON object per file instead of a table
    #[arg(long)]
    pub json: bool,
}
