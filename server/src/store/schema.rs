//! The tables, and how a database of an earlier version becomes one of this version.

use super::Db;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Each entry moves the schema one version on; the number of entries is the newest version. Entries are never changed.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE apps (
    app INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    salt BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE keys (
    hash BLOB PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'secret')),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- AUTOINCREMENT: the number of an erased signal is never given again.
CREATE TABLE signals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    id BLOB NOT NULL,
    decision BLOB NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    taught BLOB NOT NULL,
    -- What the person's statements about the decision teach together once this one is in force.
    standing BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX signals_by_id ON signals (app, id);
CREATE INDEX signals_by_decision ON signals (app, person, decision, id);
CREATE TABLE persons (
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    site BLOB NOT NULL,
    PRIMARY KEY (app, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE tombstones (
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (app, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE sums (
    app INTEGER NOT NULL REFERENCES apps,
    slot INTEGER NOT NULL,
    rho INTEGER NOT NULL,
    rho_m INTEGER NOT NULL,
    PRIMARY KEY (app, slot)
) STRICT, WITHOUT ROWID;
-- The published weights; `version` is the one in which the cell last changed. A cleared cell stays, as zeros.
CREATE TABLE cells (
    app INTEGER NOT NULL REFERENCES apps,
    slot INTEGER NOT NULL,
    precision INTEGER NOT NULL,
    mean INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (app, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE versions (
    app INTEGER NOT NULL REFERENCES apps,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    signals INTEGER NOT NULL,
    PRIMARY KEY (app, version)
) STRICT, WITHOUT ROWID;
",
    "
-- Keys end: at once when they are revoked, after a while when they are replaced. NULL: never.
ALTER TABLE keys ADD COLUMN expires_at INTEGER;
",
    "
-- Whether a person's words may be used, as the person's device last said; `sent_at` is by that device's clock.
CREATE TABLE consents (
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    text INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (app, person)
) STRICT, WITHOUT ROWID;
",
];

/// The version that this software writes.
pub(super) const fn newest() -> u32 {
    MIGRATIONS.len() as u32
}

/// Opens the database for writing and brings it to this version.
///
/// # Errors
/// [`Code::DatabaseNewer`], before anything is changed, if a newer version of the software wrote it;
/// [`Code::Unavailable`] if SQLite refuses.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let mut db = Connection::open(path).db()?;
    let found = check(&db, path)?;
    // FULL: a commit is on disk when it returns. secure_delete: what was erased is overwritten, not just unlinked.
    // wal_autocheckpoint: a page that changes in every commit (sums, indexes) is copied once in 32 MiB, not in 4.
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 8192;",
    )
    .db()?;
    // Else SQLite plans a statement anew whenever another value is bound to it: a sixth of the writer's time.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).db()?;
    db.set_prepared_statement_cache_capacity(64);
    for (version, step) in (1u32..).zip(MIGRATIONS).skip(found as usize) {
        let transaction = db.transaction().db()?;
        transaction.execute_batch(step).db()?;
        transaction.pragma_update(None, "user_version", version).db()?;
        transaction.commit().db()?;
    }
    Ok(db)
}

/// Whether there is a database of just this version.
///
/// # Errors
/// As [`open`].
pub(super) fn is_current(path: &Path) -> Result<bool> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).db()?;
    Ok(check(&db, path)? as usize == MIGRATIONS.len())
}

/// The version of a database, if this software knows it.
///
/// # Errors
/// As [`open`].
pub(super) fn check(db: &Connection, path: &Path) -> Result<u32> {
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).db()?;
    let known = newest();
    if found > known {
        let detail = format!(
            "{} has schema version {found}, this software knows up to {known}; start the newer version again",
            path.display()
        );
        return Err(Error::new(Code::DatabaseNewer, detail));
    }
    Ok(found)
}
