//! Taking a person out: of the log, of the sums, of the published weights.

use super::Db;
use super::ledger::Memory;
use crate::ingest::Person;
use flywheel_core::error::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// Whether this person was erased.
pub(super) fn is_erased(db: &Connection, app: i64, person: Person) -> Result<bool> {
    let found = db
        .prepare_cached("SELECT 1 FROM tombstones WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![app, person.0], |_| Ok(()))
        .optional()
        .db()?;
    Ok(found.is_some())
}

/// Erases a person and publishes weights without them. Returns how many signals were deleted; a second time it is 0.
pub(super) fn erase(db: &Connection, memory: &mut Memory, app_id: i64, person: Person, now_ms: u64) -> Result<u64> {
    let (app, sites) = memory.app_and_sites(app_id)?;
    let site = sites.load(db, app_id, person)?;
    let changes = flywheel_core::fold::erase(&app.model, &mut app.sums, site);
    changes.iter().for_each(|&(slot, _)| app.mark(slot));
    sites.forget(app_id, person);
    let deleted = db.execute("DELETE FROM signals WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    db.execute("DELETE FROM persons WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    db.execute("DELETE FROM consents WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    let tombstone = "INSERT INTO tombstones (app, person, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    db.execute(tombstone, params![app_id, person.0, now_ms.cast_signed()]).db()?;
    if app.publish(db, now_ms)? {
        memory.unshelve(app_id);
    }
    Ok(deleted as u64)
}
