//! Replaying files and printing what came out.

use super::metrics::Figures;
use super::run::{Gain, Report, Rules, replay};
use super::{ReplayArgs, log};
use crate::terminal::progress;

/// Replays each file and prints a table, or with `--json` a line each.
///
/// # Errors
/// A sentence that names the file and line at fault.
pub fn run_replay(args: &ReplayArgs) -> Result<(), String> {
    if !(0.0..=1.0).contains(&args.feedback_rate) {
        return Err(format!("--feedback-rate is {}; it must be from 0 to 1", args.feedback_rate));
    }
    let rules = Rules {
        sync_every: args.sync_every as usize,
        feedback_rate: args.feedback_rate,
        policy: args.policy.read()?,
        seed: args.seed,
        folds: args.folds.map(|folds| (folds, args.by)),
    };
    for file in &args.files {
        let rows = log::select(log::read(file)?, args.people, args.limit);
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let report = replay(&rows, rules, &mut progress(&name, rows.len()))
            .map_err(|why| format!("{}: {why}", file.display()))?;
        let report = Report { file: name, ..report };
        if args.json {
            println!("{}", serde_json::to_string(&report).map_err(|error| error.to_string())?);
        } else {
            print!("{}", table(&report));
        }
    }
    Ok(())
}

/// The report as a table for people.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut out = format!("{} ({} people)\n", report.file, report.people);
    out += "               events  log-loss      late       AUC  AUC within  accuracy  mean reward\n";
    let rows = [("flywheel", &report.both), ("global only", &report.global_only), ("local only", &report.local_only)];
    for (name, figures) in rows {
        out += &line(name, figures);
    }
    for (name, gain) in [("personal gain", &report.personal_gain), ("oracle gain", &report.oracle_gain)] {
        if let Some(gain) = gain {
            out += &gain_line(name, gain);
        }
    }
    out + &format!("  {:.1} µs per rank, {:.1} µs per learn\n\n", report.rank_us, report.learn_us)
}

fn line(name: &str, figures: &Figures) -> String {
    let cell = |value: Option<f64>, width: usize| match value {
        Some(value) => format!("{value:>width$.4}"),
        None => format!("{:>width$}", "–"),
    };
    format!(
        "  {name:<12} {:>7} {} {} {} {} {} {}\n",
        figures.events,
        cell(figures.log_loss, 9),
        cell(figures.log_loss_late, 9),
        cell(figures.auc, 9),
        cell(figures.auc_within, 11),
        cell(figures.accuracy, 9),
        cell(figures.mean_reward, 12),
    )
}

fn gain_line(name: &str, gain: &Gain) -> String {
    let parts: Vec<_> = gain.by_signal.iter().map(|(bucket, mean)| format!("{bucket}: {mean:+.4}")).collect();
    format!(
        "  {name} over global only {:+.4} ± {:.4} (by signals given {})\n",
        gain.mean,
        gain.standard_error,
        parts.join(", ")
    )
}
