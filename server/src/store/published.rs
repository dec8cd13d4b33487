//! The published weights of one app, and the steps between their versions.

use super::Db;
use flywheel_core::base64;
use flywheel_core::belief::{Cell, Head, Model, Weights, encode_delta};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::WeightsHead;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeSet, HashMap};

/// Most bytes of weights inside a reply; larger ones are fetched from their own, cacheable address.
const INLINE_BYTES: usize = 16 << 10;
/// Every cell takes three bytes and at least one bit, so more cells than this can never be inline.
const INLINE_CELLS: usize = INLINE_BYTES / 3;
/// Rows of the table of versions that are kept.
const HISTORY: u64 = 10_000;

#[derive(Debug)]
pub(super) struct Published {
    pub(super) weights: Weights,
    /// The version in which each slot last changed.
    changed_in: HashMap<u32, u64>,
    /// The same, by version, so that a step from any earlier version is a range.
    by_version: BTreeSet<(u64, u32)>,
}

impl Published {
    pub(super) fn load(db: &Connection, app: i64, model: &Model) -> Result<Self> {
        let mut published =
            Self { weights: Weights::new(model), changed_in: HashMap::new(), by_version: BTreeSet::new() };
        let mut statement = db.prepare("SELECT slot, precision, mean, version FROM cells WHERE app = ?1").db()?;
        let rows = statement
            .query_map([app], |row| {
                let cell = Cell { precision: row.get(1)?, mean: row.get(2)? };
                Ok((row.get::<_, u32>(0)?, cell, row.get::<_, i64>(3)?.cast_unsigned()))
            })
            .db()?;
        for row in rows {
            let (slot, cell, version) = row.db()?;
            published.weights.set(slot, cell)?;
            published.note(slot, version);
        }
        let newest = "SELECT version, seq, hash FROM versions WHERE app = ?1 ORDER BY version DESC LIMIT 1";
        let row: Option<(i64, i64, [u8; 8])> =
            db.query_row(newest, [app], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().db()?;
        let (version, seq, hash) = row.unwrap_or_default();
        if published.weights.head().hash != u64::from_le_bytes(hash) {
            let detail = format!("the stored weights are not those of version {version}: the database was damaged");
            return Err(Error::new(Code::Corrupt, detail));
        }
        published.weights.set_head(version.cast_unsigned(), seq.cast_unsigned());
        Ok(published)
    }

    fn note(&mut self, slot: u32, version: u64) {
        if let Some(before) = self.changed_in.insert(slot, version) {
            self.by_version.remove(&(before, slot));
        }
        self.by_version.insert((version, slot));
    }

    /// Makes the next version out of new cells. Returns false when nothing would be different.
    pub(super) fn advance(
        &mut self,
        db: &Connection,
        app: i64,
        cells: impl Iterator<Item = (u32, Cell)>,
        seq: u64,
        signals: u64,
        now_ms: u64,
    ) -> Result<bool> {
        let version = self.weights.head().version + 1;
        let mut changed = false;
        let mut upsert = db
            .prepare_cached(
                "INSERT INTO cells (app, slot, precision, mean, version) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT
                 DO UPDATE SET precision = excluded.precision, mean = excluded.mean, version = excluded.version",
            )
            .db()?;
        for (slot, cell) in cells {
            if self.weights.set(slot, cell)? {
                upsert.execute(params![app, slot, cell.precision, cell.mean, version.cast_signed()]).db()?;
                self.note(slot, version);
                changed = true;
            }
        }
        // A version without new cells still says which signals it contains.
        if !changed && seq == self.weights.head().seq {
            return Ok(false);
        }
        self.weights.set_head(version, seq);
        let hash = self.weights.head().hash.to_le_bytes();
        db.prepare_cached(
            "INSERT INTO versions (app, version, seq, hash, at, signals) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .db()?
        .execute(params![
            app,
            version.cast_signed(),
            seq.cast_signed(),
            hash,
            now_ms.cast_signed(),
            signals.cast_signed()
        ])
        .db()?;
        db.prepare_cached("DELETE FROM versions WHERE app = ?1 AND version <= ?2")
            .db()?
            .execute(params![app, version.saturating_sub(HISTORY).cast_signed()])
            .db()?;
        Ok(true)
    }

    /// What a page that has version `have` needs: nothing, the step when it is small, else the address of the whole.
    pub(super) fn offer(&self, model: &Model, have: u64, app: &str) -> Option<WeightsHead> {
        let head = self.weights.head();
        if have == head.version {
            return None;
        }
        // A version that is not from here (the database was lost or set back) has nothing to start from.
        let base = if have > head.version { 0 } else { have };
        let delta = self.step(model, base).map(|bytes| base64::encode(&bytes));
        let url = delta.is_none().then(|| format!("v1/weights/{app}/{}", address(head)));
        Some(WeightsHead { head, delta, url })
    }

    fn step(&self, model: &Model, base: u64) -> Option<Vec<u8>> {
        let mut slots = Vec::new();
        for &(_, slot) in self.by_version.range((base + 1, 0)..) {
            // An empty cell clears a slot, which from nothing is not needed.
            if base > 0 || !self.weights.cell(slot).is_empty() {
                slots.push(slot);
            }
            if slots.len() > INLINE_CELLS {
                return None;
            }
        }
        slots.sort_unstable();
        let cells: Vec<_> = slots.into_iter().map(|slot| (slot, self.weights.cell(slot))).collect();
        let bytes = encode_delta(model, base, self.weights.head(), &cells);
        (bytes.len() <= INLINE_BYTES).then_some(bytes)
    }
}

/// The last part of the address of a version.
pub(super) fn address(head: Head) -> String {
    format!("{}-{:016x}", head.version, head.hash)
}
