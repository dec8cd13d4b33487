//! Keys: how they are made, and those of the first start.

use super::Db;
use flywheel_core::belief::Model;
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The name of the app that every data folder has.
const DEFAULT_APP: &str = "default";

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `pk_…`, for pages: sends signals, erases what its own secret sent, fetches weights.
    Public,
    /// `sk_…`, for the host's own server: reads and administers the app.
    Secret,
}

impl Kind {
    /// As it stands in the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Secret => "secret",
        }
    }
}

/// The keys of a new app, as far as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// For pages, `pk_…`; it may only send and erase one's own.
    pub public: String,
    /// For the host's own server, `sk_…`; known only when it has just been made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Makes what the first start needs, and finds the public key again at later ones.
///
/// # Errors
/// [`Code::Unavailable`] if the folder or the database cannot be written.
pub(super) fn first_start(db: &mut Connection, folder: &Path, now_ms: u64) -> Result<Keys> {
    let transaction = db.transaction().db()?;
    let app: Option<i64> = transaction
        .query_row("SELECT app FROM apps WHERE name = ?1", [DEFAULT_APP], |row| row.get(0))
        .optional()
        .db()?;
    let (app, secret) = match app {
        Some(app) => (app, None),
        None => {
            let app = add_app(&transaction, DEFAULT_APP, now_ms)?;
            (app, Some(add_key(&transaction, app, Kind::Secret, now_ms)?))
        }
    };
    let is_ours = |key: &String| {
        let found = "SELECT 1 FROM keys WHERE hash = ?1 AND app = ?2 AND kind = 'public'
                     AND (expires_at IS NULL OR expires_at > ?3)";
        transaction.query_row(found, params![hash(key), app, now_ms.cast_signed()], |_| Ok(())).optional().db()
    };
    let public = match shown_key(folder) {
        Some(key) if is_ours(&key)?.is_some() => key,
        // The first start, or the file was lost: only hashes are kept, so another key is made beside the old one.
        _ => {
            let key = add_key(&transaction, app, Kind::Public, now_ms)?;
            show_key(folder, &key)?;
            key
        }
    };
    transaction.commit().db()?;
    Ok(Keys { public, secret })
}

/// Where the public key of the app `default` can be read.
fn key_file(folder: &Path) -> PathBuf {
    folder.join("public-key.txt")
}

/// The key in that file.
pub(super) fn shown_key(folder: &Path) -> Option<String> {
    std::fs::read_to_string(key_file(folder)).ok().map(|key| key.trim().to_owned())
}

/// Writes that file.
pub(super) fn show_key(folder: &Path, key: &str) -> Result<()> {
    let file = key_file(folder);
    std::fs::write(&file, format!("{key}\n"))
        .map_err(|error| Error::new(Code::Unavailable, format!("cannot write {}: {error}", file.display())))
}

/// Adds an app that learns with the usual model.
pub(super) fn add_app(db: &Connection, name: &str, now_ms: u64) -> Result<i64> {
    let insert = "INSERT INTO apps (name, model, salt, created_at) VALUES (?1, ?2, ?3, ?4)";
    db.execute(insert, params![name, Model::default().id(), random::<32>()?, now_ms.cast_signed()]).db()?;
    Ok(db.last_insert_rowid())
}

/// Makes a key; only its hash is kept.
pub(super) fn add_key(db: &Connection, app: i64, kind: Kind, now_ms: u64) -> Result<String> {
    // 128 bits for what stands in every page anyway, 256 for what must not be guessed by anybody ever.
    let (prefix, bytes) = if kind == Kind::Public { ("pk_", 16) } else { ("sk_", 32) };
    let mut key = String::from(prefix);
    for byte in random::<32>()?.iter().take(bytes) {
        let _ = write!(key, "{byte:02x}"); // writing to a String cannot fail
    }
    let insert = "INSERT INTO keys (hash, app, kind, created_at) VALUES (?1, ?2, ?3, ?4)";
    db.execute(insert, params![hash(&key), app, kind.as_str(), now_ms.cast_signed()]).db()?;
    Ok(key)
}

/// Keys are random, so that a plain hash is as good as a slow one.
pub(super) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Unavailable, format!("no randomness from the system: {error}")))?;
    Ok(bytes)
}
