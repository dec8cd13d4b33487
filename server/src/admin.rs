//! `flywheel rollback`, `freeze` and `unfreeze`: what an operator does to the published weights.

use crate::{Order, give};
use clap::Args;
use flywheel_core::error::Result;
use std::path::PathBuf;

/// Which app of which data folder.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// The folder with the database; a server may be running on it
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The app
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub app: String,
}

impl Target {
    fn give(&self, order: &Order) -> Result<()> {
        println!("{}", give(&self.data, &self.app, order)?);
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
