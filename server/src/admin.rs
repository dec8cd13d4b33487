//! `flywheel rollback`, `freeze`, `unfreeze` and `set`: what an operator does to a running app.

use crate::terminal::print_json;
use crate::{Order, give};
use clap::Args;
use flywheel_core::error::Result;
use serde::Serialize;
use std::path::PathBuf;

/// Which app of which data folder.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// The folder with the database; a server may be running on it
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// The app
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub app: String,
    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub json: bool,
}

/// What came of an order.
#[derive(Serialize)]
struct Came<'a> {
    app: &'a str,
    answer: String,
}

impl Target {
    fn give(&self, order: &Order) -> Result<()> {
        let answer = give(&self.data, &self.app, order)?;
        if self.json {
            return print_json(&Came { app: &self.app, answer });
        }
        println!("{answer}");
        Ok(())
    }
}

/// Publish an earlier version of the weights again, as a new one, and freeze publication.
///
/// Pages take it like any other version. Signals are still taken and folded; after `flywheel unfreeze` what was folded
/// is published again, if the gate lets it out. What did the harm must be taken out before: see `flywheel retrain`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel rollback 412 --data ./flywheel-data")]
pub struct RollbackArgs {
    /// The number of the version to go back to
    #[arg(value_name = "VERSION")]
    pub version: u64,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub target: Target,
}

impl RollbackArgs {
    /// Gives the order.
    ///
    /// # Errors
    /// As [`give`].
    pub fn run(&self) -> Result<()> {
        self.target.give(&Order::Rollback { version: self.version })
    }
}

/// Publish nothing more until `flywheel unfreeze`; signals are still taken and folded.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel freeze --data ./flywheel-data")]
pub struct FreezeArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub target: Target,
}

impl FreezeArgs {
    /// Gives the order.
    ///
    /// # Errors
    /// As [`give`].
    pub fn run(&self) -> Result<()> {
        self.target.give(&Order::Freeze)
    }
}

/// Publish again what is folded.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel unfreeze --data ./flywheel-data")]
pub struct UnfreezeArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub target: Target,
}

impl UnfreezeArgs {
    /// Gives the order.
    ///
    /// # Errors
    /// As [`give`].
    pub fn run(&self) -> Result<()> {
        self.target.give(&Order::Unfreeze)
    }
}

/// Set the share of people who are held out, and the share of decisions that pages send records of.
///
/// Held-out people get the app's own order, so that what learning brings can be told from what would have happened
/// anyway. Who they are follows from a hash: a larger share only adds people. Pages fix it when they are opened.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel set --hold-out 0.05 --data ./flywheel-data")]
pub struct SetArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub target: Target,
    /// The share of people who are held out, 0 to 1
    #[arg(long, value_name = "SHARE", required_unless_present = "record")]
    pub hold_out: Option<f64>,
    /// The share of decisions that pages send records of, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub record: Option<f64>,
}

impl SetArgs {
    /// Gives the orders.
    ///
    /// # Errors
    /// As [`give`].
    pub fn run(&self) -> Result<()> {
        let hold_out = self.hold_out.map(|share| Order::HoldOut { share });
        let record = self.record.map(|share| Order::Record { share });
        hold_out.iter().chain(&record).try_for_each(|order| self.target.give(order))
    }
}
