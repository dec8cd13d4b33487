//! What is held in memory for each app: everybody's sums and the published weights. It always equals the disk.

use super::Db;
use super::history::{self, Chain};
use super::marks::Marks;
use super::measure::Measures;
use super::publish::next_line;
use super::published::Published;
use super::recent::Recent;
use super::totals::{self, Totals};
use flywheel_core::belief::{Model, Sums, Weights};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::Settings;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// One app.
#[derive(Debug)]
pub(super) struct App {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) model: Model,
    pub(super) sums: Sums,
    pub(super) published: Published,
    /// Number of the last signal that was folded.
    pub(super) seq: u64,
    /// Signals folded in this process, and those before it that were not published then.
    pub(super) folded: u64,
    /// How many of them the newest version contains.
    pub(super) out: u64,
    /// How many there were when a version was last drafted.
    pub(super) tried: u64,
    /// Drafts in a row that the gate has let nothing of out.
    pub(super) held_back: u64,
    /// Nothing is published until somebody says so.
    pub(super) frozen: bool,
    /// Which drafts may still be released.
    pub(super) line: u64,
    /// Slots of the draft that is being made.
    pub(super) in_flight: Vec<u32>,
    pub(super) chain: Chain,
    /// What the gate looks at.
    pub(super) recent: Recent,
    pub(super) measures: Measures,
    /// What pages of the app are asked for.
    pub(super) settings: Settings,
    totals: Totals,
    /// Slots where what is published may differ from the sum.
    pub(super) unquantised: Marks,
}

impl App {
    /// Reads all apps.
    pub(super) fn load_all(db: &Connection) -> Result<Vec<Self>> {
        let all = "SELECT app, name, model, frozen, hold_out, decisions FROM apps";
        let mut statement = db.prepare(all).db()?;
        let mut rows = statement.query([]).db()?;
        let mut apps = Vec::new();
        while let Some(row) = rows.next().db()? {
            apps.push(Self::read(db, row)?);
        }
        Ok(apps)
    }

    /// Reads one app, if it is there.
    pub(super) fn load_one(db: &Connection, id: i64) -> Result<Option<Self>> {
        let find = "SELECT app, name, model, frozen, hold_out, decisions FROM apps WHERE app = ?1";
        let row = |row: &Row<'_>| Ok(Self::read(db, row));
        db.query_row(find, [id], row).optional().db()?.transpose()
    }

    /// Reads the app of a row of `apps`.
    fn read(db: &Connection, row: &Row<'_>) -> Result<Self> {
        let settings = Settings { hold_out: row.get(4).db()?, decisions: row.get(5).db()? };
        let model: String = row.get(2).db()?;
        let app = Self::load(db, row.get(0).db()?, row.get(1).db()?, &model, row.get(3).db()?)?;
        Ok(Self { settings, ..app })
    }

    fn load(db: &Connection, id: i64, name: String, stored_model: &str, frozen: bool) -> Result<Self> {
        let model = Model::default();
        if model.id() != stored_model {
            let detail =
                format!("app `{name}` was folded under model {stored_model}, this software folds {}", model.id());
            return Err(Error::new(Code::UnsupportedModel, detail));
        }
        let (published, chain) = history::load(db, id, &model)?;
        let (sums, totals) = totals::load(db, id)?;
        let head = published.weights.head();
        let last: i64 =
            db.query_row("SELECT coalesce(max(seq), 0) FROM signals WHERE app = ?1", [id], |row| row.get(0)).db()?;
        let mut app = Self {
            recent: Recent::load(db, id, &model)?,
            measures: Measures::load(db, id)?,
            settings: Settings::default(),
            id,
            name,
            model,
            sums,
            published,
            seq: head.seq.max(last.cast_unsigned()),
            folded: 0,
            out: 0,
            tried: 0,
            held_back: 0,
            frozen,
            line: next_line(),
            in_flight: Vec::new(),
            chain,
            totals,
            unquantised: Marks::default(),
        };
        app.folded = app.count_after(db, head.seq)?;
        app.compare();
        Ok(app)
    }

    /// How many signals are kept that were folded after this one.
    pub(super) fn count_after(&self, db: &Connection, seq: u64) -> Result<u64> {
        let count = "SELECT count(*) FROM signals WHERE app = ?1 AND seq > ?2";
        let count: i64 = db.query_row(count, params![self.id, seq.cast_signed()], |row| row.get(0)).db()?;
        Ok(count.cast_unsigned())
    }

    /// Finds out where what is published is not what the sums would give.
    pub(super) fn compare(&mut self) {
        let (sums, weights) = (&self.sums, &self.published.weights);
        let all = sums.sorted().into_iter().map(|(slot, _)| slot).chain(weights.cells().map(|(slot, _)| slot));
        let differs = |slot: &u32| Weights::quantise(&self.model, *slot, sums.at(*slot)) != weights.cell(*slot);
        self.unquantised.extend(all.filter(differs));
    }

    /// Signals that were folded and are not in the newest version.
    pub(super) const fn unpublished(&self) -> u64 {
        self.folded - self.out
    }

    /// Notes that the sum at a slot was changed.
    pub(super) fn mark(&mut self, slot: u32) {
        self.totals.mark(slot);
        self.unquantised.insert(slot);
    }

    /// Writes the sums that have changed, and what was counted; with `settle` so that nothing on disk says any more
    /// what they were before.
    pub(super) fn write(&mut self, db: &Connection, settle: bool) -> Result<()> {
        self.measures.tally.write(db, self.id)?;
        if settle { self.totals.settle(db, self.id, &self.sums) } else { self.totals.write(db, self.id, &self.sums) }
    }
}
