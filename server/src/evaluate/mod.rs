//! `flywheel evaluate`: how well a policy of ours would have done on a log of another's decisions.

mod estimate;
mod pass;
mod table;

pub use estimate::{Estimate, Interval};
pub use pass::{Target, Terms, terms};
pub use table::Evaluation;

use crate::replay::log;
use crate::terminal::progress;
use clap::Args;
use flywheel_core::rank::Policy;
use std::path::PathBuf;

/// Estimate from a log with propensities how well a policy would have done.
///
/// Every row is predicted before it is learned, and the policy's exact probability of what the log shows weighs the
/// outcome. What each figure means, and what it assumes, is in docs/evaluate.md.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel evaluate decisions.jsonl.gz --policy logged
  flywheel evaluate decisions.jsonl.gz --policy epsilon --epsilon 0.1
  flywheel evaluate decisions.jsonl.gz --policy squarecb --parameter 1000 --clip 20 --json

Begin with --policy logged: it must reproduce the mean reward of the log.")]
pub struct EvaluateArgs {
    /// Logs: JSON Lines with `candidates`, `chosen`, `propensity` and a thumb or reward, gzip if the name ends in .gz
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What would choose: greedy, epsilon, bonus, thompson or squarecb; `uniform` or `logged` to check the log itself
    #[arg(long, value_name = "NAME", default_value = "epsilon")]
    pub policy: String,
    /// Its parameter: standard deviations of a bonus (0.5) or of thompson's draws (0.25), gamma of squarecb (1000)
    #[arg(long, value_name = "X")]
    pub parameter: Option<f64>,
    /// Share of decisions whose first place is drawn uniformly, 0 to 1; 0 for greedy, else 0.02
    #[arg(long, value_name = "E")]
    pub epsilon: Option<f64>,
    /// Cut importance weights at this, above 0: less variance, but an estimate that is too low
    #[arg(long, value_name = "W")]
    pub clip: Option<f64>,
    /// Resamples of the bootstrap behind each interval
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub resamples: u32,
    /// Signals of a person after which that person's page syncs
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub sync_every: u32,
    /// Seed of the bootstrap
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print one JSON object per file instead of a table
    #[arg(long)]
    pub json: bool,
}

impl EvaluateArgs {
    /// What would choose.
    ///
    /// # Errors
    /// A sentence about what does not fit.
    pub fn target(&self) -> Result<Target, String> {
        let target = match self.policy.as_str() {
            "logged" => Target::Logged,
            "uniform" => Target::Uniform,
            name => {
                let policy = Policy::named(name, self.parameter, self.epsilon);
                return policy.map(Target::Ours).map_err(|error| format!("--policy {name}: {}", error.detail));
            }
        };
        match (self.parameter, self.epsilon) {
            (None, None) => Ok(target),
            _ => Err(format!("--policy {} takes neither --parameter nor --epsilon", self.policy)),
        }
    }
}

/// Evaluates on each file and prints a table, or with `--json` a line each.
///
/// # Errors
/// A sentence that names the file and line at fault.
pub fn run_evaluate(args: &EvaluateArgs) -> Result<(), String> {
    let target = args.target()?;
    if args.clip.is_some_and(|clip| clip.is_nan() || clip <= 0.0) {
        return Err("--clip must be above 0".into());
    }
    for file in &args.files {
        let rows = log::read(file)?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let terms = terms(&rows, target, args.sync_every as usize, &mut progress(&name, rows.len()))
            .map_err(|why| format!("{}{why}", file.display()))?;
        let estimate = Estimate::new(&terms, args.clip, args.resamples, args.seed);
        let policy = args.policy.clone();
        let evaluation = Evaluation { file: name, policy, rows: rows.len(), estimate };
        if args.json {
            println!("{}", serde_json::to_string(&evaluation).map_err(|error| error.to_string())?);
        } else {
            print!("{evaluation}");
        }
    }
    Ok(())
}
