//! Retention by age: what was said is deleted, what it taught stays with the person and goes when the person is erased.

use super::Db;
use super::sites::difference;
use super::take::REMEMBERED_MS;
use flywheel_core::belief::Diff;
use flywheel_core::error::Result;
use rusqlite::{Connection, params};

/// Rows that are dealt with at a time, so that nobody waits for it.
const STEP: i64 = 200;
/// What stands in the place of a signal whose id is still remembered.
const NOTHING: &str = "{}";
/// Ids are remembered a day longer than promised: clocks differ.
const REMEMBERED_LONGER_MS: u64 = REMEMBERED_MS + 24 * 60 * 60 * 1_000;

/// Whether of this signal only its id and what it taught are left.
pub(super) fn is_expired(body: &str) -> bool {
    body == NOTHING
}

/// How far the emptying has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// All signals up to this number are empty.
    emptied: i64,
}

/// Empties and deletes some of what is older than `retain_ms`. Returns whether there may be more.
pub(super) fn expire(db: &Connection, progress: &mut Progress, retain_ms: u64, now_ms: u64) -> Result<bool> {
    let before = |age_ms: u64| now_ms.saturating_sub(age_ms).cast_signed();
    let emptied = empty(db, progress, before(retain_ms))?;
    let deleted = delete(db, before(retain_ms.max(REMEMBERED_LONGER_MS)))?;
    Ok(emptied || deleted)
}

/// Signals come in the order of time, so that only the first ones need to be looked at.
fn first(db: &Connection, after: i64) -> Result<Vec<(i64, i64)>> {
    let mut first =
        db.prepare_cached("SELECT seq, received_at FROM signals WHERE seq > ?1 ORDER BY seq LIMIT ?2").db()?;
    let rows = first.query_map(params![after, STEP], |row| Ok((row.get(0)?, row.get(1)?))).db()?;
    rows.map(Db::db).collect()
}

fn empty(db: &Connection, progress: &mut Progress, before: i64) -> Result<bool> {
    let old: Vec<_> = first(db, progress.emptied)?.into_iter().take_while(|(_, at)| *at < before).collect();
    let mut update = db.prepare_cached("UPDATE signals SET body = ?2 WHERE seq = ?1 AND body <> ?2").db()?;
    for (seq, _) in &old {
        update.execute(params![seq, NOTHING]).db()?;
        progress.emptied = *seq;
    }
    Ok(old.len() == STEP as usize)
}

fn delete(db: &Connection, before: i64) -> Result<bool> {
    let old: Vec<_> = first(db, 0)?.into_iter().take_while(|(_, at)| *at < before).collect();
    let mut read = db.prepare_cached("SELECT app, person, taught FROM signals WHERE seq = ?1").db()?;
    let mut base = db.prepare_cached("SELECT base FROM persons WHERE app = ?1 AND person = ?2").db()?;
    let mut keep = db.prepare_cached("UPDATE persons SET base = ?3 WHERE app = ?1 AND person = ?2").db()?;
    let mut drop = db.prepare_cached("DELETE FROM signals WHERE seq = ?1").db()?;
    for (seq, _) in &old {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (app, person, taught): (i64, [u8; 16], Vec<u8>) = read.query_row([seq], row).db()?;
        let taught = difference(&taught)?;
        if taught != Diff::default() {
            let sum: Vec<u8> = base.query_row(params![app, person], |row| row.get(0)).db()?;
            let sum = difference(&sum)?.plus(&taught);
            keep.execute(params![app, person, sum.to_bytes()]).db()?;
        }
        drop.execute([seq]).db()?;
    }
    Ok(old.len() == STEP as usize)
}
