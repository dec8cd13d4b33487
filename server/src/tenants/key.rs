//! `flywheel key`: who may send to an app, and who may read it.

use crate::terminal::{date, print_json};
use crate::{Clock, Kind, Registry, Time};
use clap::{Args, Subcommand};
use flywheel_core::error::Result;
use serde::Serialize;
use std::path::PathBuf;

/// Make, replace, end and list keys. The server may be running.
///
/// It notices within about a second. Keys are kept as hashes, so that a key is shown once, when it is made; the other
/// commands name it by the id that `list` shows.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel key create --kind secret --data ./flywheel-data
  flywheel key list --data ./flywheel-data
  flywheel key rotate 3f9a0c41 --grace 7d --data ./flywheel-data
  flywheel key revoke 3f9a0c41 --data ./flywheel-data")]
pub struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum KeyCommand {
    /// Make a key and print it, the only time that it is shown.
    #[command(after_help = "Example:\n  flywheel key create --app shop --kind public --data ./flywheel-data")]
    Create {
        /// The app
        #[arg(long, value_name = "NAME", default_value = "default")]
        app: String,
        /// public for pages, which may only send; secret for your own server, which may read and administer
        #[arg(long, value_enum)]
        kind: Kind,
        #[command(flatten)]
        common: Common,
    },
    /// Make a key that takes the place of another, which stays valid for a while.
    #[command(after_help = "Example:\n  flywheel key rotate 3f9a0c41 --grace 7d --data ./flywheel-data")]
    Rotate {
        /// The id of the key, as `flywheel key list` shows it
        id: String,
        /// How long the old key stays valid, such as 0s, 24h or 30d; pages that are open still use it
        #[arg(long, value_name = "TIME", default_value = "7d")]
        grace: Time,
        #[command(flatten)]
        common: Common,
    },
    /// End a key now.
    #[command(after_help = "Example:\n  flywheel key revoke 3f9a0c41 --data ./flywheel-data")]
    Revoke {
        /// The id of the key, as `flywheel key list` shows it
        id: String,
        #[command(flatten)]
        common: Common,
    },
    /// List keys by their ids, those that have ended too.
    #[command(after_help = "Example:\n  flywheel key list --app shop --data ./flywheel-data --json")]
    List {
        /// Only those of this app
        #[arg(long, value_name = "NAME")]
        app: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Clone, Debug, Args)]
struct Common {
    /// The folder with the database
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    data: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made {
    key: String,
}

/// Carries out `flywheel key`.
///
/// # Errors
/// As the methods of [`Registry`].
pub fn run_key(args: &KeyArgs) -> Result<()> {
    let now = Clock::System.now_ms();
    match &args.command {
        KeyCommand::Create { app, kind, common } => {
            show(Registry::existing(&common.data)?.create_key(app, *kind, now)?, common)
        }
        KeyCommand::Rotate { id, grace, common } => {
            show(Registry::existing(&common.data)?.rotate_key(id, grace.0, now)?, common)
        }
        KeyCommand::Revoke { id, common } => {
            Registry::existing(&common.data)?.revoke_key(id, now)?;
            if !common.json {
                println!("{id} is not valid any more");
            }
            Ok(())
        }
        KeyCommand::List { app, common } => list(app.as_deref(), common, now),
    }
}

fn show(key: String, common: &Common) -> Result<()> {
    if common.json {
        return print_json(&Made { key });
    }
    println!("{key}  (shown this once)");
    Ok(())
}

fn list(app: Option<&str>, common: &Common, now: u64) -> Result<()> {
    for key in Registry::existing(&common.data)?.keys(app)? {
        if common.json {
            print_json(&key)?;
            continue;
        }
        let ends = match key.expires_at {
            None => String::new(),
            Some(at) if at <= now => format!(", ended {}", date(at)),
            Some(at) => format!(", ends {}", date(at)),
        };
        let kind = if key.kind == Kind::Public { "public" } else { "secret" };
        println!("{}  {kind}  {:<24} since {}{ends}", key.id, key.app, date(key.created_at));
    }
    Ok(())
}
