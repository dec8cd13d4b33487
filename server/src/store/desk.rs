//! Where another process leaves its orders for the one that has the data folder open. What lies there is as safe as
//! the database file itself: who may write that file may order anything.

use super::ledger::DATABASE;
use super::{Db, Ledger, Order, schema};
use crate::Config;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the process that gives an order waits for the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);
/// Answered orders that are kept.
const KEPT: i64 = 100;

/// The reader's side.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// SQLite's count of other connections' commits, as it was when it was last looked at.
    seen: Option<i64>,
}

impl Desk {
    /// Orders without an answer. Costs a few microseconds when nobody else has written.
    pub(super) fn look(&mut self, db: &Connection) -> Result<Vec<(i64, String, Order)>> {
        let commits = db.prepare_cached("PRAGMA data_version").db()?.query_row([], |row| row.get(0)).db()?;
        if self.seen.replace(commits) == Some(commits) {
            return Ok(Vec::new());
        }
        let mut waiting =
            db.prepare_cached("SELECT id, app, body FROM orders WHERE answer IS NULL ORDER BY id").db()?;
        let rows = waiting.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))).db()?;
        let mut orders = Vec::new();
        for row in rows {
            let (id, app, body) = row.db()?;
            match serde_json::from_str(&body) {
                Ok(order) => orders.push((id, app, order)),
                Err(_) => answer(db, id, &Err(Error::new(Code::InvalidValue, "this order is not known here")))?,
            }
        }
        Ok(orders)
    }
}

/// Leaves the answer to an order.
pub(super) fn answer(db: &Connection, id: i64, answer: &Result<String>) -> Result<()> {
    let words = match answer {
        Ok(words) => format!("+{words}"),
        Err(error) => format!("-{}", error.detail),
    };
    db.execute("UPDATE orders SET answer = ?2 WHERE id = ?1", params![id, words]).db()?;
    db.execute("DELETE FROM orders WHERE id <= ?1", [id - KEPT]).db()?;
    Ok(())
}

/// Gives an order about an app of a data folder: to the server that runs on it, or carries it out here when none does.
/// Returns what happened, in words.
///
/// # Errors
/// [`Code::Unavailable`] if there is no database or nobody answers; as the order itself.
pub fn give(data: &Path, app: &str, order: &Order) -> Result<String> {
    let path = data.join(DATABASE);
    if !path.is_file() {
        return Err(Error::new(Code::Unavailable, format!("there is no database in {}", data.display())));
    }
    match Ledger::open(&Config::new(data)) {
        Ok(mut ledger) => ledger.order(app, order.clone()),
        Err(error) if error.code == Code::Unavailable => leave(&path, app, order),
        Err(error) => Err(error),
    }
}

/// Leaves an order and waits for the answer.
fn leave(path: &Path, app: &str, order: &Order) -> Result<String> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).db()?;
    schema::check(&db, path)?;
    db.busy_timeout(PATIENCE).db()?;
    let body = serde_json::to_string(order)
        .map_err(|error| Error::new(Code::Internal, format!("an order cannot be written: {error}")))?;
    let at = crate::Clock::System.now_ms().cast_signed();
    db.execute("INSERT INTO orders (app, body, at) VALUES (?1, ?2, ?3)", params![app, body, at]).db()?;
    let (id, since) = (db.last_insert_rowid(), Instant::now());
    while since.elapsed() < PATIENCE {
        std::thread::sleep(LOOK);
        let answer: Option<String> =
            db.query_row("SELECT answer FROM orders WHERE id = ?1", [id], |row| row.get(0)).db()?;
        match answer.as_deref().map(|answer| answer.split_at(1)) {
            None => {}
            Some(("+", words)) => return Ok(words.to_owned()),
            Some((_, words)) => return Err(Error::new(Code::Unavailable, words)),
        }
    }
    db.execute("DELETE FROM orders WHERE id = ?1 AND answer IS NULL", [id]).db()?;
    Err(Error::new(Code::Unavailable, "the process that has the data folder open does not answer"))
}
