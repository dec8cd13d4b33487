//! The command line of Flywheel.

#![forbid(unsafe_code)]

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use flywheel_server::admin::{FreezeArgs, RollbackArgs, SetArgs, UnfreezeArgs};
use flywheel_server::evaluate::{EvaluateArgs, run_evaluate};
use flywheel_server::export::{ExportArgs, run_export};
use flywheel_server::replay::{ReplayArgs, SynthArgs, run_replay, run_synth};
use flywheel_server::seed::{SeedArgs, run_seed};
use flywheel_server::{AppArgs, BackupArgs, ConfigArgs, KeyArgs, OpenapiArgs, Plan, RetrainArgs, Settings, StatsArgs};
use flywheel_server::{run_app, run_backup, run_config, run_key, run_openapi, run_stats};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A data flywheel for any web page: takes what people say about an answer, and gives back what everybody has learned.
#[derive(Parser)]
#[command(version, after_help = "Example:\n  flywheel serve --data ./flywheel-data")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(Serve),
    Config(ConfigArgs),
    App(AppArgs),
    Key(KeyArgs),
    Backup(BackupArgs),
    Replay(ReplayArgs),
    Evaluate(EvaluateArgs),
    Seed(SeedArgs),
    Synth(SynthArgs),
    Stats(StatsArgs),
    Rollback(RollbackArgs),
    Freeze(FreezeArgs),
    Unfreeze(UnfreezeArgs),
    Retrain(RetrainArgs),
    Set(SetArgs),
    Openapi(OpenapiArgs),
    Export(ExportArgs),
}

/// Run the sync endpoint with its embedded database.
///
/// At the first start it makes the data folder, the app `default`, and its keys. The public key, which pages use, is
/// printed at every start and stands in DIR/public-key.txt; the secret key is printed once, to a terminal alone. Ctrl-C
/// or SIGTERM stops it; everything that was answered is on disk.
///
/// Each setting can be a flag, a variable of the environment or a line of the file, and holds in this order; its default
/// stands in [brackets]. `flywheel config check` shows what holds. What is logged is set by FLYWHEEL_LOG, such as "debug"
/// or "flywheel_server=debug".
#[derive(Args)]
#[command(after_help = "Example:
  flywheel serve --data ./flywheel-data --listen 127.0.0.1:8787 --static ./www
  flywheel serve --config /etc/flywheel.toml

Then, from a page of the same origin:
  Flywheel.open({ app: \"demo\", endpoint: \"/\", key: \"pk_…\" })")]
struct Serve {
    /// A file of settings (TOML); docs/server.md lists them
    #[arg(long, value_name = "FILE", env = "FLYWHEEL_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let done = match cli.command {
        Command::Config(args) => {
            let none = ArgMatches::default();
            run_config(args, matches.subcommand_matches("config").unwrap_or(&none)).map_err(|error| words(&error))
        }
        Command::Serve(serve) => serve.run().map_err(|error| words(&error)),
        Command::App(args) => run_app(&args).map_err(|error| words(&error)),
        Command::Key(args) => run_key(&args).map_err(|error| words(&error)),
        Command::Backup(args) => run_backup(&args).map_err(|error| words(&error)),
        Command::Openapi(args) => run_openapi(&args).map_err(|error| words(&error)),
        Command::Replay(args) => run_replay(&args),
        Command::Evaluate(args) => run_evaluate(&args),
        Command::Seed(args) => run_seed(&args),
        Command::Synth(args) => run_synth(&args),
        Command::Export(args) => run_export(&args).map_err(|error| words(&error)),
        Command::Stats(args) => run_stats(&args).map_err(|error| words(&error)),
        Command::Rollback(args) => args.run().map_err(|error| words(&error)),
        Command::Freeze(args) => args.run().map_err(|error| words(&error)),
        Command::Unfreeze(args) => args.run().map_err(|error| words(&error)),
        Command::Retrain(args) => args.run().map_err(|error| words(&error)),
        Command::Set(args) => args.run().map_err(|error| words(&error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn words(error: &flywheel_core::error::Error) -> String {
    format!("{} ({})", error.detail, error.code)
}

impl Serve {
    fn run(self) -> flywheel_core::error::Result<()> {
        let plan = Plan::new(self.config.as_deref(), self.settings)?;
        let _log = flywheel_server::begin_log(plan.log_json)?;
        flywheel_server::serve(&plan)
    }
}
