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
-- Published weights as bytes: a whole where `base` is 0, else the step from that version.
DROP TABLE cells;
CREATE TABLE weights (
    app INTEGER NOT NULL REFERENCES apps,
    version INTEGER NOT NULL,
    base INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (app, version)
) STRICT;
-- How far a version went towards the sums: 1, or less where the gate stepped back.
ALTER TABLE versions ADD COLUMN step REAL NOT NULL DEFAULT 1;
ALTER TABLE apps ADD COLUMN frozen INTEGER NOT NULL DEFAULT 0;
CREATE TABLE alarms (
    app INTEGER NOT NULL REFERENCES apps,
    kind TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (app, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    app INTEGER REFERENCES apps,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
-- Orders that another process gives the one that has the folder open.
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer TEXT
) STRICT;
",
    "
-- What a person's signals taught that are not kept any more.
ALTER TABLE persons ADD COLUMN base BLOB NOT NULL DEFAULT x'';
",
    "
-- The share of people who are held out, and the share of decisions that pages send records of.
ALTER TABLE apps ADD COLUMN hold_out REAL NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN decisions REAL NOT NULL DEFAULT 1;
CREATE TABLE decisions (
    n INTEGER PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps,
    id BLOB NOT NULL,
    person BLOB NOT NULL,
    at INTEGER NOT NULL,
    surface TEXT NOT NULL,
    -- The ids in the order shown, as a JSON list; the first was chosen.
    ranking TEXT NOT NULL,
    propensity REAL NOT NULL,
    explored INTEGER NOT NULL,
    prediction REAL NOT NULL,
    version INTEGER NOT NULL,
    held_out INTEGER NOT NULL,
    -- The share of decisions that the page sends records of.
    kept REAL NOT NULL,
    -- Where the uniform share chose: the context and all candidates, as JSON.
    candidates TEXT
) STRICT;
CREATE UNIQUE INDEX decisions_by_id ON decisions (app, id);
CREATE INDEX decisions_by_person ON decisions (app, person);
-- One row for each person and side, so that rates can be had in which everybody counts once.
CREATE TABLE person_tallies (
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    held_out INTEGER NOT NULL,
    version INTEGER NOT NULL,
    decisions REAL NOT NULL,
    down REAL NOT NULL,
    corrected REAL NOT NULL,
    regenerated REAL NOT NULL,
    PRIMARY KEY (app, person, held_out)
) STRICT, WITHOUT ROWID;
-- Counts and sums by version (scope 0) or day (scope 1); `what` is numbered in store/tally.rs.
CREATE TABLE tallies (
    app INTEGER NOT NULL REFERENCES apps,
    scope INTEGER NOT NULL,
    at INTEGER NOT NULL,
    held_out INTEGER NOT NULL,
    what INTEGER NOT NULL,
    bin INTEGER NOT NULL,
    n REAL NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (app, scope, at, held_out, what, bin)
) STRICT, WITHOUT ROWID;
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
    "
-- Devices (`person` is the hash of the secret) that speak for another person than themselves; NULL: the secret was
-- replaced, and speaks for nobody.
CREATE TABLE devices (
    app INTEGER NOT NULL REFERENCES apps,
    person BLOB NOT NULL,
    speaks_for BLOB,
    PRIMARY KEY (app, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_by_person ON devices (app, speaks_for);
",
    "
-- What sums became since the table of sums was brought up to date: store/totals.rs.
CREATE TABLE sum_steps (
    n INTEGER PRIMARY KEY,
    app INTEGER NOT NULL REFERENCES apps,
    cells BLOB NOT NULL
) STRICT;
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

/// Opens the database for reading, while a server may hold it open.
///
/// # Errors
/// [`Code::Unavailable`] if there is none, SQLite refuses, or an older version of the software wrote it and this one has
/// not opened it for writing yet; [`Code::DatabaseNewer`].
pub(super) fn read(path: &Path) -> Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| Error::new(Code::Unavailable, format!("cannot read {}: {error}", path.display())))?;
    if check(&db, path)? < newest() {
        let detail = format!("{} is of an earlier version; start the server on it once", path.display());
        return Err(Error::new(Code::Unavailable, detail));
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
