//! What is held in memory for each app: everybody's sums and the published weights. It always equals the disk.

use super::Db;
use super::published::Published;
use flywheel_core::belief::{Evidence, Model, Sums, Weights};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

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
    /// Signals folded since the last publication.
    pub(super) unpublished: u64,
    /// Slots whose sum differs from the disk.
    unwritten: BTreeSet<u32>,
    /// Slots whose sum changed since the last publication.
    unquantised: BTreeSet<u32>,
}

impl App {
    /// Reads all apps.
    pub(super) fn load_all(db: &Connection) -> Result<Vec<Self>> {
        let mut statement = db.prepare("SELECT app, name, model FROM apps").db()?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).db()?;
        rows.map(|row| row.db().and_then(|(id, name, model): (_, _, String)| Self::load(db, id, name, &model)))
            .collect()
    }

    /// Reads one app, if it is there.
    pub(super) fn load_one(db: &Connection, id: i64) -> Result<Option<Self>> {
        let find = "SELECT name, model FROM apps WHERE app = ?1";
        let row: Option<(String, String)> =
            db.query_row(find, [id], |row| Ok((row.get(0)?, row.get(1)?))).optional().db()?;
        row.map(|(name, model)| Self::load(db, id, name, &model)).transpose()
    }

    fn load(db: &Connection, id: i64, name: String, stored_model: &str) -> Result<Self> {
        let model = Model::default();
        if model.id() != stored_model {
            let detail =
                format!("app `{name}` was folded under model {stored_model}, this software folds {}", model.id());
            return Err(Error::new(Code::UnsupportedModel, detail));
        }
        let published = Published::load(db, id, &model)?;
        let mut sums = Sums::new();
        let mut statement = db.prepare("SELECT slot, rho, rho_m FROM sums WHERE app = ?1").db()?;
        let rows = statement
            .query_map([id], |row| Ok((row.get::<_, u32>(0)?, Evidence { precision: row.get(1)?, shift: row.get(2)? })))
            .db()?;
        for row in rows {
            let (slot, sum) = row.db()?;
            sums.add(slot, sum);
        }
        let head = published.weights.head();
        let (last, unpublished): (i64, i64) = db
            .query_row(
                "SELECT coalesce(max(seq), 0), count(*) FROM signals WHERE app = ?1 AND seq > ?2",
                params![id, head.seq.cast_signed()],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .db()?;
        // A slot needs publishing when what is published is not what its sum would give.
        let all =
            sums.sorted().into_iter().map(|(slot, _)| slot).chain(published.weights.cells().map(|(slot, _)| slot));
        let differs = |slot: &u32| Weights::quantise(&model, *slot, sums.at(*slot)) != published.weights.cell(*slot);
        let unquantised = all.filter(differs).collect();
        let seq = head.seq.max(last.cast_unsigned());
        let unpublished = unpublished.cast_unsigned();
        Ok(Self { id, name, model, sums, published, seq, unpublished, unwritten: BTreeSet::new(), unquantised })
    }

    /// Notes that the sum at a slot was changed.
    pub(super) fn mark(&mut self, slot: u32) {
        self.unwritten.insert(slot);
        self.unquantised.insert(slot);
    }

    /// Writes the sums that have changed.
    pub(super) fn write(&mut self, db: &Connection) -> Result<()> {
        let mut upsert = db
            .prepare_cached(
                "INSERT INTO sums (app, slot, rho, rho_m) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET rho = excluded.rho, rho_m = excluded.rho_m",
            )
            .db()?;
        let mut delete = db.prepare_cached("DELETE FROM sums WHERE app = ?1 AND slot = ?2").db()?;
        for slot in std::mem::take(&mut self.unwritten) {
            let sum = self.sums.at(slot);
            if sum.is_zero() {
                delete.execute(params![self.id, slot]).db()?;
            } else {
                upsert.execute(params![self.id, slot, sum.precision, sum.shift]).db()?;
            }
        }
        Ok(())
    }

    /// Publishes the sums as they are now, as the next version. Returns whether there was anything to publish.
    pub(super) fn publish(&mut self, db: &Connection, now_ms: u64) -> Result<bool> {
        let cells = std::mem::take(&mut self.unquantised)
            .into_iter()
            .map(|slot| (slot, Weights::quantise(&self.model, slot, self.sums.at(slot))));
        let signals = std::mem::take(&mut self.unpublished);
        self.published.advance(db, self.id, cells, self.seq, signals, now_ms)
    }
}
