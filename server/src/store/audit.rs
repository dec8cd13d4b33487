//! The audit log: every administrative act, with its time. Nothing here names a person or a key.

use super::Db;
use flywheel_core::error::Result;
use rusqlite::{Connection, params};
use serde::Serialize;

/// Acts that are kept; the oldest go first.
const KEPT: i64 = 10_000;

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// What was done, in one word.
    pub act: String,
    /// What came of it.
    pub detail: String,
}

/// Notes an act in the transaction that does it.
pub(crate) fn note(db: &Connection, app: Option<i64>, act: &str, detail: &str, now_ms: u64) -> Result<()> {
    db.prepare_cached("INSERT INTO audit (app, at, act, detail) VALUES (?1, ?2, ?3, ?4)")
        .db()?
        .execute(params![app, now_ms.cast_signed(), act, detail])
        .db()?;
    let last = db.last_insert_rowid();
    db.prepare_cached("DELETE FROM audit WHERE id <= ?1").db()?.execute([last - KEPT]).db()?;
    Ok(())
}

/// The last acts about an app, or about none, newest first.
pub(super) fn last(db: &Connection, app: i64, most: usize) -> Result<Vec<Act>> {
    let mut statement =
        db.prepare("SELECT at, act, detail FROM audit WHERE app = ?1 OR app IS NULL ORDER BY id DESC LIMIT ?2").db()?;
    let rows = statement
        .query_map(params![app, most as i64], |row| {
            Ok(Act { at: row.get::<_, i64>(0)?.cast_unsigned(), act: row.get(1)?, detail: row.get(2)? })
        })
        .db()?;
    rows.map(Db::db).collect()
}
