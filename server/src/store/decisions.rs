//! The records that decisions leave.

use super::Db;
use super::measure::{About, Measures};
use crate::ingest::Person;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::id::Id;
use flywheel_core::wire::Decided;
use rusqlite::{Connection, OptionalExtension, params};

/// Records that are kept; the oldest go first.
const KEPT: i64 = 1_000_000;
/// Records that are dropped at a time, so that nobody waits for it.
const STEP: i64 = 500;

/// Stores a record, once, and counts it.
pub(super) fn store(
    db: &Connection,
    measures: &mut Measures,
    app: i64,
    person: Person,
    decided: &Decided,
    now_ms: u64,
) -> Result<()> {
    let Decided { id, surface, choice, held_out, kept, context, candidates } = decided;
    let json = |what: serde_json::Result<String>| {
        what.map_err(|error| Error::new(Code::Internal, format!("a record cannot be written: {error}")))
    };
    let order = json(serde_json::to_string(&choice.order))?;
    let all = match candidates.as_slice() {
        [] => None,
        all => Some(json(serde_json::to_string(&serde_json::json!({ "context": context, "candidates": all })))?),
    };
    let new = db
        .prepare_cached(
            "INSERT INTO decisions (app, id, person, at, surface, ranking, propensity, explored, prediction, version,
             held_out, kept, candidates) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO NOTHING",
        )
        .db()?
        .execute(params![
            app,
            id.as_bytes(),
            person.0,
            now_ms.cast_signed(),
            &**surface,
            order,
            choice.propensity,
            choice.explored,
            choice.prediction,
            choice.version.cast_signed(),
            held_out,
            kept,
            all
        ])
        .db()?;
    if new == 0 {
        return Ok(());
    }
    let is_new_here = measures.of_person(db, app, person, *held_out, choice.version, [1.0 / kept, 0.0, 0.0, 0.0])?;
    measures.decided(now_ms, decided, is_new_here);
    Ok(())
}

/// Whether anything is recorded about decisions of a person.
pub(super) fn are_of(db: &Connection, app: i64, person: Person) -> Result<bool> {
    let found = "SELECT EXISTS (SELECT 1 FROM decisions WHERE app = ?1 AND person = ?2)";
    db.prepare_cached(found).db()?.query_row(params![app, person.0], |row| row.get(0)).db()
}

/// What is recorded about a decision of a person, if anything is.
pub(super) fn find(db: &Connection, app: i64, person: Person, id: Id) -> Result<Option<About>> {
    db.prepare_cached("SELECT version, held_out, prediction FROM decisions WHERE app = ?1 AND id = ?2 AND person = ?3")
        .db()?
        .query_row(params![app, id.as_bytes(), person.0], |row| {
            Ok(About { version: row.get::<_, i64>(0)?.cast_unsigned(), held_out: row.get(1)?, prediction: row.get(2)? })
        })
        .optional()
        .db()
}

/// Drops everything that is recorded about a person by name.
pub(super) fn forget(db: &Connection, app: i64, person: Person) -> Result<()> {
    for table in ["decisions", "person_tallies"] {
        db.execute(&format!("DELETE FROM {table} WHERE app = ?1 AND person = ?2"), params![app, person.0]).db()?;
    }
    Ok(())
}

/// Drops some of the records that are too many or from before a moment.
pub(super) fn prune(db: &Connection, before_ms: u64) -> Result<bool> {
    let ends = "SELECT coalesce(min(n), 0), coalesce(max(n), 0) FROM decisions";
    let (first, last): (i64, i64) =
        db.prepare_cached(ends).db()?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).db()?;
    let delete = "DELETE FROM decisions WHERE n <= ?1 AND (n <= ?2 OR at < ?3)";
    let dropped = db
        .prepare_cached(delete)
        .db()?
        .execute(params![first + STEP, last - KEPT, before_ms.min(i64::MAX as u64).cast_signed()])
        .db()?;
    Ok(dropped == STEP as usize)
}
