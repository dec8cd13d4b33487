//! Whether a person's words may be used, as the person's device last said.

use super::Db;
use crate::ingest::Submission;
use flywheel_core::error::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// Notes what a batch says about it. Written only when it changes; a batch that was overtaken on its way changes
/// nothing.
pub(super) fn note(db: &Connection, batch: &Submission) -> Result<()> {
    let known: Option<bool> = db
        .prepare_cached("SELECT text FROM consents WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![batch.app, batch.person.0], |row| row.get(0))
        .optional()
        .db()?;
    if known == Some(batch.text) {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO consents (app, person, text, sent_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET text = excluded.text, sent_at = excluded.sent_at WHERE excluded.sent_at >= sent_at",
    )
    .db()?
    .execute(params![batch.app, batch.person.0, batch.text, i64::try_from(batch.sent_at).unwrap_or(i64::MAX)])
    .db()
    .map(|_| ())
}
