//! The command line of Flywheel.

#![forbid(unsafe_code)]

use clap::{Args, Parser, Subcommand};
use flywheel_server::admin::{FreezeArgs, RollbackArgs, SetArgs, UnfreezeArgs};
use flywheel_server::evaluate::{EvaluateArgs, run_evaluate};
use flywheel_server::replay::{ReplayArgs, SynthArgs, run_replay, run_synth};
use flywheel_server::seed::{SeedArgs, run_seed};
use flywheel_server::{Config, Origins, RetrainArgs, StatsArgs, run_stats};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

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
}

/// Run the sync endpoint with its embedded database.
///
/// At the first start it makes the data folder, the app `default`, and its keys. The public key, which pages use, is
/// printed at every start and stands in DIR/public-key.txt; the secret key is printed once. Ctrl-C or SIGTERM stops it;
/// everything that was answered is on disk.
#[derive(Args)]
#[command(after_help = "Example:
  flywheel serve --data ./flywheel-data --listen 127.0.0.1:8787 --static ./www

Then, from a page of the same origin:
  Flywheel.open({ app: \"demo\", endpoint: \"/\", key: \"pk_…\" })")]
struct Serve {
    /// The folder for the database and the public key; made when it is missing.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The address to listen on; port 0 takes a free one. Anything but loopback is open to the network.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Publish as soon as this many signals wait for it, before their batch is answered; 0 leaves it to the timer.
    #[arg(long, value_name = "N", default_value_t = 0)]
    publish_every: u64,
    /// Publish this often when something has changed, such as 5s, 500ms or 2m; 0s leaves it to --publish-every.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    publish_interval: Duration,
    /// Delete signals that are older than this, such as 90d; what they taught stays until the person is erased.
    /// Without it they are kept.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    retain: Option<Duration>,
    /// Serve the files of this folder as well.
    #[arg(long = "static", value_name = "DIR")]
    static_dir: Option<PathBuf>,
    /// Origins whose pages may read the answers, such as https://example.com, or * for all. Without it: its own.
    #[arg(long, value_name = "URL", num_args = 1..)]
    allow_origin: Vec<String>,
    /// Write the log as JSON. What is logged is set by FLYWHEEL_LOG, such as "debug" or "flywheel_server=debug".
    #[arg(long)]
    log_json: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(serve) => serve.run().map_err(|error| words(&error)),
        Command::Replay(args) => run_replay(&args),
        Command::Evaluate(args) => run_evaluate(&args),
        Command::Seed(args) => run_seed(&args),
        Command::Synth(args) => run_synth(&args),
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
        log(self.log_json);
        let origins = match self.allow_origin {
            list if list.is_empty() => Origins::Own,
            list if list.iter().any(|origin| origin == "*") => Origins::Any,
            list => Origins::Listed(list.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect()),
        };
        let config = Config {
            publish_every: self.publish_every,
            publish_interval: self.publish_interval,
            retain: self.retain,
            static_dir: self.static_dir,
            origins,
            ..Config::new(self.data)
        };
        flywheel_server::serve(&config, self.listen)
    }
}

fn log(as_json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("FLYWHEEL_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if as_json { log.json().init() } else { log.init() }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let count: u64 = digits.parse().map_err(|_| "a number and a unit, such as 5s, 500ms or 2m".to_owned())?;
    match text.get(digits.len()..) {
        Some("ms") => Ok(Duration::from_millis(count)),
        Some("s") => Ok(Duration::from_secs(count)),
        Some("m") => Ok(Duration::from_secs(count.saturating_mul(60))),
        Some("h") => Ok(Duration::from_secs(count.saturating_mul(60 * 60))),
        Some("d") => Ok(Duration::from_secs(count.saturating_mul(24 * 60 * 60))),
        _ => Err("the unit must be ms, s, m, h or d".to_owned()),
    }
}
