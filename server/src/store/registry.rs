//! Apps and keys, changed from outside. A server may be running: it notices within seconds.

use super::keys::{Keys, Kind, add_app, add_key, hash, show_key, shown_key};
use super::ledger::{DATABASE, lock};
use super::{Db, audit, schema};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The apps and keys of a data folder.
#[derive(Debug)]
pub struct Registry {
    db: Connection,
    folder: PathBuf,
    /// Held when no server runs.
    _lock: Option<File>,
}

/// An app, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppEntry {
    /// Its name.
    pub name: String,
    /// What it learns with.
    pub model: String,
    /// When it was made: milliseconds since 1970.
    pub created_at: u64,
    /// How many of its keys are valid.
    pub keys: u64,
}

/// A key, as it is listed; the key itself is known to nobody but those who use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyEntry {
    /// Its name for the other commands: the first 8 hexadecimal digits of its SHA-256.
    pub id: String,
    /// The name of its app.
    pub app: String,
    /// What it is for.
    pub kind: Kind,
    /// When it was made: milliseconds since 1970.
    pub created_at: u64,
    /// When it ends or ended; `None` for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

impl Registry {
    /// Opens the apps and keys of a data folder; a new folder gets its database.
    ///
    /// # Errors
    /// [`Code::DatabaseNewer`] for a database of a newer version; [`Code::Unavailable`] if the folder cannot be used, or
    /// its database is of an older version and a server of that version is running.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(DATABASE);
        let unusable = |error: &dyn std::fmt::Display| {
            Error::new(Code::Unavailable, format!("cannot use the data folder {}: {error}", folder.display()))
        };
        std::fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
        let lock = lock(folder).ok();
        // A database is never moved to a newer schema under a server that knows only the older one.
        if lock.is_none() && !schema::is_current(&path)? {
            return Err(unusable(&"a server of another version is running on it; stop it, or use its own command"));
        }
        Ok(Self { db: schema::open(&path)?, folder: folder.to_owned(), _lock: lock })
    }

    /// Opens the apps and keys of a data folder that is there: a name that was mistyped makes no folder.
    ///
    /// # Errors
    /// As [`Registry::open`]; [`Code::Unavailable`] if there is no database.
    pub fn existing(folder: &Path) -> Result<Self> {
        if !folder.join(DATABASE).is_file() {
            return Err(Error::new(Code::Unavailable, format!("there is no database in {}", folder.display())));
        }
        Self::open(folder)
    }

    /// Makes an app with its first two keys.
    ///
    /// # Errors
    /// [`Code::InvalidName`] unless the name is 1 to 64 of `a–z`, `0–9`, `-` and `_`, and new.
    pub fn create_app(&mut self, name: &str, now_ms: u64) -> Result<Keys> {
        let is_good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_good) {
            let detail =
                "an app's name has 1 to 64 of the letters a to z, digits, `-` and `_`; it is part of addresses";
            return Err(Error::new(Code::InvalidName, detail));
        }
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        if app(&transaction, name)?.is_some() {
            return Err(Error::new(Code::InvalidName, format!("there is an app `{name}` already")));
        }
        let app = add_app(&transaction, name, now_ms)?;
        let public = add_key(&transaction, app, Kind::Public, now_ms)?;
        let secret = Some(add_key(&transaction, app, Kind::Secret, now_ms)?);
        audit::note(&transaction, Some(app), "app_create", name, now_ms)?;
        transaction.commit().db()?;
        Ok(Keys { public, secret })
    }

    /// All apps, oldest first.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if SQLite refuses.
    pub fn apps(&self, now_ms: u64) -> Result<Vec<AppEntry>> {
        let mut statement = self
            .db
            .prepare(
                "SELECT name, model, created_at, (SELECT count(*) FROM keys WHERE keys.app = apps.app
                 AND (expires_at IS NULL OR expires_at > ?1)) FROM apps ORDER BY app",
            )
            .db()?;
        let rows = statement
            .query_map([now_ms.cast_signed()], |row| {
                Ok(AppEntry {
                    name: row.get(0)?,
                    model: row.get(1)?,
                    created_at: row.get::<_, i64>(2)?.cast_unsigned(),
                    keys: row.get::<_, i64>(3)?.cast_unsigned(),
                })
            })
            .db()?;
        rows.map(Db::db).collect()
    }

    /// Makes one more key of an app. It is shown this once.
    ///
    /// # Errors
    /// [`Code::NotFound`] if there is no such app.
    pub fn create_key(&mut self, name: &str, kind: Kind, now_ms: u64) -> Result<String> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let app = app(&transaction, name)?;
        let app = app.ok_or_else(|| Error::new(Code::NotFound, format!("there is no app `{name}`")))?;
        let key = add_key(&transaction, app, kind, now_ms)?;
        audit::note(&transaction, Some(app), "key_create", kind.as_str(), now_ms)?;
        transaction.commit().db()?;
        Ok(key)
    }

    /// Makes a key that takes the place of another one, which is valid for `grace` longer.
    ///
    /// # Errors
    /// [`Code::NotFound`] if no valid key has this id, or several have.
    pub fn rotate_key(&mut self, id: &str, grace: Duration, now_ms: u64) -> Result<String> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let old = valid(&transaction, id, now_ms)?;
        let key = add_key(&transaction, old.app, old.kind, now_ms)?;
        let ends = now_ms.saturating_add(u64::try_from(grace.as_millis()).unwrap_or(u64::MAX));
        end(&transaction, &old, ends)?;
        // Which key it was is in the list of keys, by when it ends.
        audit::note(&transaction, Some(old.app), "key_rotate", old.kind.as_str(), now_ms)?;
        if shown_key(&self.folder).is_some_and(|shown| hash(&shown) == old.hash) {
            show_key(&self.folder, &key)?;
        }
        transaction.commit().db()?;
        Ok(key)
    }

    /// Ends a key now.
    ///
    /// # Errors
    /// [`Code::NotFound`] if no valid key has this id, or several have.
    pub fn revoke_key(&mut self, id: &str, now_ms: u64) -> Result<()> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).db()?;
        let key = valid(&transaction, id, now_ms)?;
        end(&transaction, &key, now_ms)?;
        audit::note(&transaction, Some(key.app), "key_revoke", key.kind.as_str(), now_ms)?;
        transaction.commit().db()
    }

    /// The keys of one app, or of all, oldest first; those that have ended too.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if SQLite refuses.
    pub fn keys(&self, app: Option<&str>) -> Result<Vec<KeyEntry>> {
        let mut statement = self
            .db
            .prepare(
                "SELECT lower(substr(hex(hash), 1, 8)), name, kind, keys.created_at, expires_at
                 FROM keys JOIN apps USING (app) WHERE ?1 IS NULL OR name = ?1 ORDER BY keys.created_at, hash",
            )
            .db()?;
        let rows = statement
            .query_map([app], |row| {
                Ok(KeyEntry {
                    id: row.get(0)?,
                    app: row.get(1)?,
                    kind: kind(&row.get::<_, String>(2)?),
                    created_at: row.get::<_, i64>(3)?.cast_unsigned(),
                    expires_at: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
                })
            })
            .db()?;
        rows.map(Db::db).collect()
    }
}

fn app(db: &Connection, name: &str) -> Result<Option<i64>> {
    db.query_row("SELECT app FROM apps WHERE name = ?1", [name], |row| row.get(0)).optional().db()
}

fn kind(stored: &str) -> Kind {
    if stored == Kind::Public.as_str() { Kind::Public } else { Kind::Secret }
}

struct Found {
    hash: [u8; 32],
    app: i64,
    kind: Kind,
}

/// The one valid key with this id.
fn valid(db: &Connection, id: &str, now_ms: u64) -> Result<Found> {
    let mut statement = db
        .prepare(
            "SELECT hash, app, kind FROM keys WHERE lower(substr(hex(hash), 1, 8)) = ?1
             AND (expires_at IS NULL OR expires_at > ?2)",
        )
        .db()?;
    let rows = statement
        .query_map(params![id, now_ms.cast_signed()], |row| {
            Ok(Found { hash: row.get(0)?, app: row.get(1)?, kind: kind(&row.get::<_, String>(2)?) })
        })
        .db()?;
    let mut found = rows.map(Db::db).collect::<Result<Vec<_>>>()?;
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => Err(Error::new(Code::NotFound, format!("no valid key has the id `{id}`; `flywheel key list` shows them"))),
    }
}

/// Lets a key end, not later than it already would.
fn end(db: &Connection, key: &Found, at_ms: u64) -> Result<()> {
    let update = "UPDATE keys SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE hash = ?1";
    db.execute(update, params![key.hash, at_ms.cast_signed()]).db().map(|_| ())
}
