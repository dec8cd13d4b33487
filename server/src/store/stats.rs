//! `flywheel stats`: what a data folder holds, counted, and whether it adds up.

use super::alarm::{self, Alarm};
use super::audit::{self, Act};
use super::report::{self, Report};
use super::{Db, ledger::DATABASE, schema, sites, totals};
use crate::ingest::Person;
use crate::terminal::{date, print_json, thousands};
use clap::Args;
use flywheel_core::belief::{Model, Site, Sums};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Count what a data folder holds and check that it adds up; the server may be running.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel stats --data ./flywheel-data --json")]
pub struct StatsArgs {
    /// The folder with the database
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// Print one JSON object per app instead of a table
    #[arg(long)]
    pub json: bool,
}

/// Acts of the audit log that are shown.
const ACTS: usize = 20;

/// What is there of one app.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stats {
    /// The app's name.
    pub app: String,
    /// Persons that are known.
    pub people: u64,
    /// Persons among them who were let in by `flywheel seed`.
    pub seeded: u64,
    /// Signals that are kept.
    pub signals: u64,
    /// Different ids among them: as many as signals when each was taken once.
    pub distinct_signals: u64,
    /// Persons that were erased.
    pub erased: u64,
    /// The newest version of the weights; 0 for none.
    pub version: u64,
    /// Number of the last signal in that version.
    pub seq: u64,
    /// Whether each person's evidence is the sum of what the kept signals taught, and everybody's sums are those of
    /// the persons' contributions: then nothing was counted twice or left out.
    pub adds_up: bool,
    /// Whether publication is frozen.
    pub frozen: bool,
    /// How well it does, and how the loop turns.
    pub report: Report,
    /// What has rung.
    pub alarms: Vec<Alarm>,
    /// The last administrative acts, newest first.
    pub acts: Vec<Act>,
}

/// Prints the stats of a data folder.
///
/// # Errors
/// As [`stats`]; [`Code::Corrupt`], after all is printed, for what does not add up, so that a script hears of it.
pub fn run_stats(args: &StatsArgs) -> Result<()> {
    let all = stats(&args.data)?;
    for stats in &all {
        if args.json {
            print_json(stats)?;
        } else {
            print!("{}", table(stats));
        }
    }
    match all.iter().find(|stats| !stats.adds_up) {
        None => Ok(()),
        Some(stats) => Err(Error::new(Code::Corrupt, format!("the sums of app `{}` do not add up", stats.app))),
    }
}

fn table(stats: &Stats) -> String {
    let Stats { app, people, seeded, signals, distinct_signals, erased, version, seq, adds_up, .. } = stats;
    let [people, seeded, signals, distinct_signals, erased, seq] =
        [people, seeded, signals, distinct_signals, erased, seq].map(|count| thousands(&count.to_string()));
    let sums = if *adds_up { "add up" } else { "DO NOT ADD UP: flywheel retrain --replace folds the log again" };
    let frozen = if stats.frozen { ", FROZEN until `flywheel unfreeze`" } else { "" };
    let weights =
        if *version == 0 { "none published yet".into() } else { format!("version {version}, up to signal {seq}") };
    let mut text = format!(
        "{app}\n  people    {people} ({seeded} seeded; {erased} erased)\n  signals   {signals} ({distinct_signals} different ids)\n  \
         weights   {weights}{frozen}\n  sums      {sums}\n{}",
        stats.report
    );
    for (at, Alarm { kind, times, last_at, detail, .. }) in stats.alarms.iter().enumerate() {
        text += if at == 0 { "\n  alarms\n" } else { "" };
        text += &format!("  {}  {kind:?}, {times} times\n    {detail}\n", date(*last_at));
    }
    for (at, Act { at: when, act, detail }) in stats.acts.iter().enumerate() {
        text += if at == 0 { "\n  the last acts\n" } else { "" };
        text += format!("  {}  {act} {detail}", date(*when)).trim_end();
        text.push('\n');
    }
    text
}

/// What a server tells of one of its apps while it runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// The app's name.
    pub app: String,
    /// The newest version of the weights; 0 for none.
    pub version: u64,
    /// Whether publication is frozen.
    pub frozen: bool,
    /// How well it does, and how the loop turns.
    pub report: Report,
    /// What has rung.
    pub alarms: Vec<Alarm>,
    /// The last administrative acts, newest first.
    pub acts: Vec<Act>,
}

/// Reads what is to be told of an app, beside the writer.
pub(super) fn overview(path: &Path, app: i64) -> Result<Overview> {
    let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).db()?;
    let moment = db.transaction().db()?;
    let known = "SELECT name, frozen, coalesce((SELECT max(version) FROM versions WHERE app = ?1), 0)
                 FROM apps WHERE app = ?1";
    let (name, frozen, version): (_, _, i64) =
        moment.query_row(known, [app], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).db()?;
    Ok(Overview {
        app: name,
        version: version.cast_unsigned(),
        frozen,
        report: report::read(&moment, app)?,
        alarms: alarm::all(&moment, app)?,
        acts: audit::last(&moment, app, ACTS)?,
    })
}

/// Reads a data folder without changing it; a server may hold it open.
///
/// # Errors
/// [`Code::Unavailable`] if there is no database or SQLite refuses; [`Code::DatabaseNewer`]; [`Code::UnsupportedModel`]
/// for one that was folded under another model.
pub fn stats(data: &Path) -> Result<Vec<Stats>> {
    let path = data.join(DATABASE);
    let mut db = schema::read(&path)?;
    // One transaction, so that all counts are of the same moment.
    let moment = db.transaction().db()?;
    let mut apps = moment.prepare("SELECT app, name, model FROM apps ORDER BY app").db()?;
    let rows = apps.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).db()?;
    rows.map(|row| row.db().and_then(|(id, name, model): (_, _, String)| of_app(&moment, id, name, &model))).collect()
}

fn of_app(db: &Connection, id: i64, app: String, stored_model: &str) -> Result<Stats> {
    let model = Model::default();
    if model.id() != stored_model {
        let detail = format!("app `{app}` was folded under model {stored_model}, this software folds {}", model.id());
        return Err(Error::new(Code::UnsupportedModel, detail));
    }
    let count = |what: &str| -> Result<u64> {
        let found: i64 = db.query_row(&format!("SELECT {what} WHERE app = ?1"), [id], |row| row.get(0)).db()?;
        Ok(found.cast_unsigned())
    };
    let newest = "SELECT version, seq FROM versions WHERE app = ?1 ORDER BY version DESC LIMIT 1";
    let head: Option<(i64, i64)> = db.query_row(newest, [id], |row| Ok((row.get(0)?, row.get(1)?))).optional().db()?;
    let (version, seq) = head.unwrap_or_default();
    Ok(Stats {
        people: count("count(*) FROM persons")?,
        seeded: count("count(DISTINCT iif(json_extract(body, '$.weight') IS NULL, NULL, hex(person))) FROM signals")?,
        signals: count("count(*) FROM signals")?,
        distinct_signals: count("count(DISTINCT id) FROM signals")?,
        erased: count("count(*) FROM tombstones")?,
        version: version.cast_unsigned(),
        seq: seq.cast_unsigned(),
        adds_up: adds_up(db, id, &model)?,
        frozen: db.query_row("SELECT frozen FROM apps WHERE app = ?1", [id], |row| row.get(0)).db()?,
        report: report::read(db, id)?,
        alarms: alarm::all(db, id)?,
        acts: audit::last(db, id, ACTS)?,
        app,
    })
}

fn adds_up(db: &Connection, app: i64, model: &Model) -> Result<bool> {
    let mut sums = Sums::new();
    let mut people = db.prepare("SELECT person FROM persons WHERE app = ?1").db()?;
    let people = people.query_map([app], |row| row.get(0).map(Person)).db()?;
    for person in people {
        let person = person.db()?;
        let site = sites::read(db, app, person)?.to_diff();
        if site != sites::added_up(db, app, person)?.to_diff() {
            return Ok(false);
        }
        sums.move_person(model, &mut Site::new(), &site);
    }
    Ok(totals::read(db, app)? == sums)
}
