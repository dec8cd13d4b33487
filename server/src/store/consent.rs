//! Whether a person's words may be used, as the person's device last said: docs/decisions/0171.

use super::Db;
use crate::ingest::Submission;
use flywheel_core::error::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// How far ahead of the server's a device's clock is believed: one day. One that was set years ahead for a while must not
/// make all that is said afterwards look older.
const AHEAD_MS: u64 = 24 * 60 * 60 * 1_000;

/// Notes what a batch says about it. A batch that was overtaken on its way gives nothing back that was taken away; but
/// what it takes away is taken away, since the next batch puts right what was meant otherwise.
pub(super) fn note(db: &Connection, batch: &Submission, now_ms: u64) -> Result<()> {
    let known: Option<(bool, i64)> = db
        .prepare_cached("SELECT text, sent_at FROM consents WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![batch.app, batch.person.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .db()?;
    let sent_at = i64::try_from(batch.sent_at.min(now_ms.saturating_add(AHEAD_MS))).unwrap_or(i64::MAX);
    let is_news = match known {
        None => true,
        // Also when it is refused again: what was sent in between has been overtaken.
        Some((false, at)) => sent_at > at,
        Some((true, _)) => !batch.text,
    };
    if !is_news {
        return Ok(());
    }
    db.prepare_cached(
        "INSERT INTO consents (app, person, text, sent_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET text = excluded.text, sent_at = max(sent_at, excluded.sent_at)",
    )
    .db()?
    .execute(params![batch.app, batch.person.0, batch.text, sent_at])
    .db()
    .map(|_| ())
}
