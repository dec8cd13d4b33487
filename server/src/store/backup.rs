//! `flywheel backup`: a copy of a data folder as it was at one moment, while the server runs.

use super::ledger::DATABASE;
use super::{Db, schema};
use crate::store::keys::{show_key, shown_key};
use crate::terminal::print_json;
use clap::Args;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait when the database is busy for a moment.
const PAUSE: Duration = Duration::from_millis(50);
/// How often.
const TRIES: u32 = 200;

/// Copy a data folder while the server runs; the copy is a data folder itself.
///
/// It is of one moment: every signal that was acknowledged before it began is in it. It is checked before it gets its
/// name, and an existing one is never overwritten. To restore, stop the server and start it on the copy. A copy still
/// has the people who are erased later: erase them again after a restore, and delete copies in time.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  flywheel backup /backups/flywheel-2026-11-26 --data ./flywheel-data

Restore:
  cp -a /backups/flywheel-2026-11-26 ./flywheel-data && flywheel serve --data ./flywheel-data")]
pub struct BackupArgs {
    /// The folder for the copy; made when it is missing
    #[arg(value_name = "DIR")]
    pub to: PathBuf,
    /// The folder with the database
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub json: bool,
}

/// A copy that was made.
#[derive(Serialize)]
struct Copied {
    database: PathBuf,
    bytes: u64,
}

/// Carries out `flywheel backup`.
///
/// # Errors
/// As [`backup`].
pub fn run_backup(args: &BackupArgs) -> Result<()> {
    let bytes = backup(&args.data, &args.to)?;
    let database = args.to.join(DATABASE);
    if args.json {
        return print_json(&Copied { database, bytes });
    }
    println!("{} has {} KiB, checked", database.display(), bytes.div_ceil(1 << 10));
    Ok(())
}

/// Copies the data folder `data` into the folder `to`. Returns the bytes of the copied database.
///
/// # Errors
/// [`Code::Unavailable`] if there is nothing to copy, something is there already, or the disk or SQLite refuses;
/// [`Code::DatabaseNewer`]; [`Code::Corrupt`] if the copy does not pass SQLite's own check.
pub fn backup(data: &Path, to: &Path) -> Result<u64> {
    let (from, whole, part) = (data.join(DATABASE), to.join(DATABASE), to.join(format!("{DATABASE}.part")));
    let failed = |what: &Path, why: &dyn std::fmt::Display| {
        Error::new(Code::Unavailable, format!("cannot use {}: {why}", what.display()))
    };
    let source =
        Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| failed(&from, &error))?;
    schema::check(&source, &from)?;
    fs::create_dir_all(to).map_err(|error| failed(to, &error))?;
    if whole.exists() {
        return Err(failed(&whole, &"it is there already, and a backup overwrites nothing"));
    }
    // Left over from a backup that was interrupted.
    let _ = fs::remove_file(&part);
    copy(&source, &part)?;
    if let Some(key) = shown_key(data) {
        show_key(to, &key)?;
    }
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all()).map_err(|error| failed(path, &error));
    sync(&part)?;
    fs::rename(&part, &whole).map_err(|error| failed(&whole, &error))?;
    // The name must be on disk too; a system that cannot do this for folders does it by itself.
    let _ = File::open(to).and_then(|folder| folder.sync_all());
    fs::metadata(&whole).map(|file| file.len()).map_err(|error| failed(&whole, &error))
}

fn copy(source: &Connection, part: &Path) -> Result<()> {
    let mut target = Connection::open(part).db()?;
    let backup = Backup::new(source, &mut target).db()?;
    for _ in 0..TRIES {
        // All at once: in steps it would begin anew with each commit of the server. Under the write-ahead log one long
        // read holds up no writer.
        match backup.step(-1).db()? {
            StepResult::Done => {
                drop(backup);
                return check(&target);
            }
            _ => std::thread::sleep(PAUSE),
        }
    }
    Err(Error::new(Code::Unavailable, "the database was busy for too long"))
}

fn check(copy: &Connection) -> Result<()> {
    // One file, without a log beside it.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).db()?;
    let word: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).db()?;
    if word == "ok" { Ok(()) } else { Err(Error::new(Code::Corrupt, format!("the copy is damaged: {word}"))) }
}
