//! `flywheel app`: tenants of one server.

use crate::terminal::{date, print_json};
use crate::{Clock, Registry};
use clap::{Args, Subcommand};
use flywheel_core::error::Result;
use std::path::PathBuf;

/// Make and list apps; each has its own keys, people, signals and weights. The server may be running.
///
/// It notices within about a second.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel app create shop --data ./flywheel-data
  flywheel app list --data ./flywheel-data --json")]
pub struct AppArgs {
    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum AppCommand {
    /// Make an app, and print its public and its secret key, the only time that they are shown.
    #[command(after_help = "Example:\n  flywheel app create shop --data ./flywheel-data")]
    Create {
        /// Its name: 1 to 64 of the letters a to z, digits, - and _
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// List the apps.
    #[command(after_help = "Example:\n  flywheel app list --data ./flywheel-data --json")]
    List {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Clone, Debug, Args)]
struct Common {
    /// The folder with the database; `create` makes it when it is missing
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Carries out `flywheel app`.
///
/// # Errors
/// As the methods of [`Registry`].
pub fn run_app(args: &AppArgs) -> Result<()> {
    let now = Clock::System.now_ms();
    match &args.command {
        AppCommand::Create { name, common } => {
            let keys = Registry::open(&common.data)?.create_app(name, now)?;
            if common.json {
                return print_json(&keys);
            }
            println!("app         {name}\npublic key  {}", keys.public);
            if let Some(secret) = keys.secret {
                println!("secret key  {secret}  (shown this once; keep it on your own server)");
            }
        }
        AppCommand::List { common } => {
            for app in Registry::existing(&common.data)?.apps(now)? {
                if common.json {
                    print_json(&app)?;
                } else {
                    println!("{:<24} {:<8} {} keys, since {}", app.name, app.model, app.keys, date(app.created_at));
                }
            }
        }
    }
    Ok(())
}
