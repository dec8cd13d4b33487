//! The log while a batch is taken: what is looked up for each of its signals, and the rows that are added.

use super::measure::{About, Measures};
use super::sites::difference;
use super::standing::Standing;
use super::{Db, decisions};
use crate::Prepared;
use crate::ingest::{Person, Submission};
use flywheel_core::belief::Diff;
use flywheel_core::error::Result;
use flywheel_core::id::Id;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

/// The log as one batch sees it.
pub(super) struct Log<'a> {
    pub(super) db: &'a Connection,
    app: i64,
    person: Person,
    /// What the person has said about the decisions of the batch.
    pub(super) standing: Standing<'a>,
    /// Whether anything is recorded about decisions of the person.
    has_records: bool,
    known: CachedStatement<'a>,
    insert: CachedStatement<'a>,
    /// Thumbs down, corrections and regenerations of the batch, outside of the hold-out and in it.
    counts: [[f64; 4]; 2],
}

/// The number of a signal that is there already, and what it taught: both only for whom it is from.
type Found = (Option<u64>, Option<Diff>);

impl<'a> Log<'a> {
    /// Looks up what serves all signals of a batch.
    pub(super) fn of(db: &'a Connection, batch: &Submission) -> Result<Self> {
        let (app, person) = (batch.app, batch.person);
        let insert = "INSERT INTO signals (app, person, id, decision, at, received_at, body, taught, standing)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let decisions = batch.signals.iter().flatten().map(|signal| signal.decision);
        Ok(Self {
            db,
            app,
            person,
            standing: Standing::of(db, app, person, decisions)?,
            has_records: decisions::are_of(db, app, person)?,
            known: db.prepare_cached("SELECT seq, person, taught FROM signals WHERE app = ?1 AND id = ?2").db()?,
            insert: db.prepare_cached(insert).db()?,
            counts: [[0.0; 4]; 2],
        })
    }

    /// Whether a signal is there already.
    pub(super) fn known(&mut self, id: Id) -> Result<Option<Found>> {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, Person(row.get(1)?), row.get(2)?));
        let found: Option<(i64, Person, Vec<u8>)> =
            self.known.query_row(params![self.app, id.as_bytes()], row).optional().db()?;
        found
            .map(|(seq, person, taught)| {
                // What somebody else's signal taught is nobody's business but theirs.
                let own = person == self.person;
                Ok((own.then_some(seq.cast_unsigned()), if own { Some(difference(&taught)?) } else { None }))
            })
            .transpose()
    }

    /// Adds a signal. Returns its number in the order of folding.
    pub(super) fn write(&mut self, signal: &Prepared, taught: &Diff, stands: &[u8], now_ms: u64) -> Result<u64> {
        let (at, now) = (i64::try_from(signal.at).unwrap_or(i64::MAX), now_ms.cast_signed());
        let (id, decision) = (signal.id.as_bytes(), signal.decision.as_bytes());
        let person = self.person.0;
        self.insert
            .execute(params![self.app, person, id, decision, at, now, signal.body, taught.to_bytes(), stands])
            .db()?;
        Ok(self.db.last_insert_rowid().cast_unsigned())
    }

    /// What is recorded about a decision of the person, if anything is.
    pub(super) fn recorded(&self, decision: Id) -> Result<Option<About>> {
        if self.has_records { decisions::find(self.db, self.app, self.person, decision) } else { Ok(None) }
    }

    /// Counts what a statement says about the person, and what it says no more.
    pub(super) fn said(&mut self, held_out: bool, counts: [f64; 4]) {
        let [out, held] = &mut self.counts;
        let side = if held_out { held } else { out };
        side.iter_mut().zip(counts).for_each(|(count, more)| *count += more);
    }

    /// Writes what was counted.
    pub(super) fn count(&self, measures: &Measures) -> Result<()> {
        for (held_out, counts) in [false, true].into_iter().zip(self.counts) {
            if counts != [0.0; 4] {
                // Without a decision no version is counted.
                measures.of_person(self.db, self.app, self.person, held_out, 0, counts)?;
            }
        }
        Ok(())
    }
}
