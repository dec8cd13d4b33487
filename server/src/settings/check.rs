//! `flywheel config check`: what holds, and who said so.

use super::plan::effective;
use super::{Plan, Settings};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Subcommand};
use flywheel_core::error::Result;
use serde_json::Value;
use std::path::PathBuf;

/// Look at the settings of `flywheel serve`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel config check --config flywheel.toml")]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum ConfigCommand {
    Check(CheckArgs),
}

/// Check the settings, and print each with where it comes from, as a file that says the same.
///
/// Takes what `flywheel serve` takes. A flag holds over the environment, that over the file, that over the default.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel config check --config flywheel.toml
  FLYWHEEL_KEY_RATE=100 flywheel config check --data ./flywheel-data > flywheel.toml")]
struct CheckArgs {
    /// A file of settings (TOML)
    #[arg(long, value_name = "FILE", env = "FLYWHEEL_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

/// Carries out `flywheel config`. `matches` are those of `config`.
///
/// # Errors
/// As [`Plan::new`].
pub fn run_config(args: ConfigArgs, matches: &ArgMatches) -> Result<()> {
    let ConfigCommand::Check(CheckArgs { config, settings }) = args.command;
    let of_file = config.as_deref().map(Settings::read).transpose()?.unwrap_or_default().given()?;
    let all = effective(config.as_deref(), settings)?;
    let values = all.given()?;
    let plan = Plan::of(all)?;
    let told = matches.subcommand_matches("check");
    for (name, value) in values {
        // Clap knows fields by their Rust names.
        let field = if name == "static" { "static_dir" } else { &name };
        let source = match told.and_then(|told| told.value_source(field)) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "environment",
            _ if of_file.contains_key(&name) => "file",
            _ => "default",
        };
        let value = toml_of(&value);
        println!("{:<42} # {source}", format!("{name} = {value}"));
    }
    if plan.config.limits.trusted_proxies.is_empty() && plan.listen.ip().is_loopback() {
        eprintln!("note: without `trusted_proxies`, requests through a proxy on this machine have no rates by address");
    }
    Ok(())
}

/// JSON's strings, numbers, booleans and lists are TOML's too.
fn toml_of(value: &Value) -> String {
    value.to_string().replace(",\"", ", \"")
}
