//! Copies the write-ahead log back into the database, beside the writer: nobody waits while megabytes are written twice.

use super::Db;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Pages of the log from which on it is copied: one that changes in every commit is copied once in 32 MiB.
const PAGES: i64 = 8_192;
/// Pages that the writer copies by itself. Only a log that is copied to its end begins anew, and only the writer can keep
/// others from adding to it.
const REST: i64 = 1_024;
/// Pages from which on the writer does not leave it to others.
const MOST: i64 = 16 * PAGES;

/// The thread that copies.
#[derive(Debug)]
pub(super) struct Copier {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    is_copying: Arc<AtomicBool>,
    turn: Arc<Mutex<()>>,
    /// Pages of the log below which there is nothing to do: a reader may hold up what was tried before.
    from: i64,
}

impl Copier {
    /// Takes it off `writer`, a connection to the database at `path`.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if SQLite refuses or no thread can be started.
    pub(super) fn start(writer: &Connection, path: &Path) -> Result<Self> {
        let db = Connection::open(path).db()?;
        db.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;").db()?;
        writer.execute_batch("PRAGMA wal_autocheckpoint = 0").db()?;
        let (wake, woken) = sync_channel(1);
        let (is_copying, turn) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(())));
        let (flag, mine) = (is_copying.clone(), turn.clone());
        let copy_all = move || {
            for () in woken {
                let alone = mine.lock().unwrap_or_else(PoisonError::into_inner);
                if let Err(error) = copy(&db) {
                    tracing::error!(code = %error.code, detail = error.detail, "the log cannot be copied back");
                }
                drop(alone);
                flag.store(false, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new()
            .name("copier".into())
            .spawn(copy_all)
            .map_err(|error| Error::new(Code::Unavailable, format!("cannot start the copier: {error}")))?;
        Ok(Self { wake: Some(wake), thread: Some(thread), is_copying, turn, from: PAGES })
    }

    /// Looks after a commit whether there is something to copy.
    pub(super) fn look(&mut self, writer: &Connection) -> Result<()> {
        let (pages, copied) = state(writer, "PRAGMA wal_checkpoint(NOOP)")?;
        if pages < PAGES {
            self.from = PAGES;
        } else if pages >= self.from && !self.is_copying.load(Ordering::Acquire) {
            // Unless something gets in the way, it begins anew before that.
            self.from = pages + REST / 8;
            if pages - copied <= REST || pages >= MOST {
                let _alone = self.alone();
                copy(writer)?;
            } else if let Some(wake) = &self.wake {
                self.is_copying.store(true, Ordering::Release);
                // Only one is ever under way.
                let _ = wake.try_send(());
            }
        }
        Ok(())
    }

    /// Keeps the thread from copying: SQLite lets one at a time, and refuses the other.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("the copier had panicked");
        }
    }
}

fn copy(db: &Connection) -> Result<()> {
    state(db, "PRAGMA wal_checkpoint(PASSIVE)").map(|_| ())
}

/// Pages of the log, and how many of them are copied, after this.
fn state(db: &Connection, pragma: &str) -> Result<(i64, i64)> {
    db.prepare_cached(pragma).db()?.query_row([], |row| Ok((row.get(1)?, row.get(2)?))).db()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn the_log_is_copied_beside_the_writer_and_begins_anew_while_it_goes_on_writing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("d.sqlite3");
        let writer = Connection::open(&path).expect("opens");
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (b BLOB)").expect("a table");
        let mut copier = Copier::start(&writer, &path).expect("starts");
        let (end, mut most, mut before, mut restarts) = (Instant::now() + Duration::from_secs(60), 0, 0, 0);
        while restarts < 3 {
            assert!(Instant::now() < end, "the log only grows: {most}");
            writer.execute("INSERT INTO t VALUES (zeroblob(400000))", []).expect("writes");
            copier.look(&writer).expect("looks");
            let (pages, _) = state(&writer, "PRAGMA wal_checkpoint(NOOP)").expect("a state");
            restarts += usize::from(pages < before);
            (before, most) = (pages, most.max(pages));
        }
        assert!(most < MOST, "{most}");
        let rows: i64 = writer.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).expect("a count");
        drop(copier);
        drop(writer);
        let again = Connection::open(&path).expect("opens");
        assert_eq!(again.query_row("SELECT count(*) FROM t", [], |row| row.get(0)), Ok(rows));
    }
}
