//! `flywheel retrain`: the log folded again without those who were erased, and how far the live sums are from it.

use super::ledger::DATABASE;
use super::refold::{Refolded, refold};
use super::{Db, Ledger, schema, totals};
use crate::Config;
use crate::terminal::print_json;
use clap::Args;
use flywheel_core::belief::{Model, Site, Sums};
use flywheel_core::consent::Outgoing;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::fold::expect;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// The last signals, about which both are asked.
const ASKED: i64 = 10_000;

/// Fold the log again, without those who were erased, and say how far the live sums are from that.
///
/// What erased people, and what was taken back, did to the way others' signals were learned is still in the live sums.
/// Without --replace nothing is changed and a server may be running; with it none may.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Example:\n  flywheel retrain --data ./flywheel-data\n  flywheel retrain --data ./flywheel-data --replace"
)]
pub struct RetrainArgs {
    /// The folder with the database
    #[arg(long, value_name = "DIR", env = "FLYWHEEL_DATA")]
    pub data: PathBuf,
    /// The app
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub app: String,
    /// Put the result in the place of the live sums, and publish it
    #[arg(long)]
    pub replace: bool,
    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub json: bool,
}

/// How far the live sums are from the log folded again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distance {
    /// Signals that were folded again.
    pub folded: u64,
    /// Statements that later ones replaced.
    pub replaced: u64,
    /// Signals that have expired: what they taught was taken as it is.
    pub expired: u64,
    /// Slots whose sums differ; 0 means the same to the bit.
    pub slots: usize,
    /// The largest change of a newcomer's logit over the last signals.
    pub largest: f64,
    /// The mean change of a newcomer's logit over the last signals.
    pub mean: f64,
    /// How many of the last signals that is about.
    pub asked: usize,
    /// Whether the result was put in place.
    pub in_place: bool,
}

impl RetrainArgs {
    /// Retrains and prints the distance.
    ///
    /// # Errors
    /// As [`retrain`].
    pub fn run(&self) -> Result<()> {
        let distance = retrain(&self.data, &self.app, self.replace)?;
        if self.json {
            return print_json(&distance);
        }
        print!("{distance}");
        Ok(())
    }
}

impl std::fmt::Display for Distance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { folded, replaced, expired, slots, largest, mean, asked, in_place } = self;
        writeln!(f, "folded    {folded} signals ({replaced} replaced by later ones, {expired} expired)")?;
        match slots {
            0 => writeln!(f, "distance  none, to the bit")?,
            _ => writeln!(
                f,
                "distance  {slots} slots; a newcomer's logit by at most {largest:.4}, on average {mean:.4}, over the last {asked} signals"
            )?,
        }
        writeln!(f, "{}", if *in_place { "the result is in place" } else { "nothing was changed" })
    }
}

/// Folds an app's log again and compares it with the live sums; with `replace` it takes their place.
///
/// # Errors
/// [`Code::NotFound`] for an app that is not there; [`Code::Unavailable`] if there is no database or, with `replace`,
/// a server is running on it; [`Code::UnsupportedModel`] for one that was folded under another model and has not been
/// opened since.
pub fn retrain(data: &Path, app: &str, replace: bool) -> Result<Distance> {
    let path = data.join(DATABASE);
    if replace {
        // Opened for writing, it is brought to this version, and one that is not there would be made.
        fs::metadata(&path)
            .map_err(|error| Error::new(Code::Unavailable, format!("cannot read {}: {error}", path.display())))?;
        return Ledger::open(&Config::new(data))?.retrain(app);
    }
    let mut db = schema::read(&path)?;
    let model = Model::default();
    // One transaction, so that the log and the sums are of the same moment.
    let moment = db.transaction().db()?;
    let id = id(&moment, app)?;
    let stored: String = moment.query_row("SELECT model FROM apps WHERE app = ?1", [id], |row| row.get(0)).db()?;
    if stored != model.id() {
        let detail = format!("app `{app}` was folded under model {stored}, this software folds {}", model.id());
        return Err(Error::new(Code::UnsupportedModel, detail));
    }
    let again = refold(&moment, id, &model, true, |_| Ok(()))?;
    distance(&moment, id, &model, &totals::read(&moment, id)?, &again, false)
}

fn id(db: &Connection, name: &str) -> Result<i64> {
    let found = db.query_row("SELECT app FROM apps WHERE name = ?1", [name], |row| row.get(0)).optional().db()?;
    found.ok_or_else(|| Error::new(Code::NotFound, format!("there is no app `{name}`")))
}

#[allow(clippy::cast_precision_loss)] // thousands
fn distance(
    db: &Connection,
    app: i64,
    model: &Model,
    live: &Sums,
    again: &Refolded,
    in_place: bool,
) -> Result<Distance> {
    let (before, after) = (live.sorted(), again.sums.sorted());
    let mut slots: Vec<u32> = before.iter().chain(&after).map(|(slot, _)| *slot).collect();
    slots.sort_unstable();
    slots.dedup();
    slots.retain(|slot| live.at(*slot) != again.sums.at(*slot));
    let (mut largest, mut sum, mut asked) = (0.0f64, 0.0, 0);
    let nobody = Site::new();
    if !slots.is_empty() {
        let mut last = db.prepare("SELECT body FROM signals WHERE app = ?1 ORDER BY seq DESC LIMIT ?2").db()?;
        let mut rows = last.query(params![app, ASKED]).db()?;
        while let Some(row) = rows.next().db()? {
            let Ok(signal) = serde_json::from_str::<Outgoing>(&row.get::<_, String>(0).db()?) else { continue };
            for said in signal.signal().observations(model.space) {
                let logit = |sums| expect(model, sums, &nobody, &said.vector).mean;
                let change = (logit(&again.sums) - logit(live)).abs();
                (largest, sum, asked) = (largest.max(change), sum + change, asked + 1);
            }
        }
    }
    Ok(Distance {
        folded: again.folded,
        replaced: again.replaced,
        expired: again.expired,
        slots: slots.len(),
        largest,
        mean: sum / (asked as f64).max(1.0),
        asked,
        in_place,
    })
}

impl Ledger {
    /// Folds an app's log again, puts the result in the place of the live sums, and publishes it if the gate lets it
    /// out.
    ///
    /// # Errors
    /// As [`retrain`].
    fn retrain(&mut self, app: &str) -> Result<Distance> {
        let model = Model::default();
        let id = id(self.database(), app)?;
        let live = totals::read(self.database(), id)?;
        let again = self.refold(id)?;
        distance(self.database(), id, &model, &live, &again, true)
    }
}
