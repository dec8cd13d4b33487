//! Apps, their keys, and how a device secret becomes a person.

use super::Db;
use crate::ingest::Person;
use flywheel_core::belief::Model;
use flywheel_core::error::{Code, Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// The name of the app that every data folder has.
const DEFAULT_APP: &str = "default";
const PUBLIC_KEY_FILE: &str = "public-key.txt";

/// The keys of the app `default`, as far as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// For pages, `pk_…`; it may only send and erase one's own.
    pub public: String,
    /// For the host's own server, `sk_…`; known only when it has just been made.
    pub secret: Option<String>,
}

/// An app as a request needs to know it.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) app: i64,
    pub(crate) model: String,
    salt: [u8; 32],
}

impl Tenant {
    /// The person behind a device secret: HMAC-SHA256 under the app's salt, its first 128 bits.
    pub(crate) fn person(&self, secret: &[u8; 16]) -> Result<Person> {
        self.person_of(secret)
    }

    /// The person behind any bytes. What is not 16 bytes long can be nobody's device secret.
    pub(super) fn person_of(&self, bytes: &[u8]) -> Result<Person> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.salt)
            .map_err(|_| Error::new(Code::Internal, "the app's salt is no key"))?;
        mac.update(bytes);
        let tag = mac.finalize().into_bytes();
        let (first, _) = tag.split_first_chunk::<16>().ok_or_else(|| Error::new(Code::Internal, "a short hash"))?;
        Ok(Person(*first))
    }
}

/// Who may send and who may administer, by the hashes of their keys. Looking up a hash takes the same time whatever the
/// key was.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    public: BTreeMap<[u8; 32], Tenant>,
    secret: BTreeMap<[u8; 32], Tenant>,
}

impl Directory {
    /// The app of a public key, `pk_…`.
    pub(crate) fn tenant(&self, key: &str) -> Option<&Tenant> {
        self.public.get(&hash(key))
    }

    /// The app of a secret key, `sk_…`, which may read and administer it.
    pub(crate) fn administrator(&self, key: &str) -> Option<&Tenant> {
        self.secret.get(&hash(key))
    }

    pub(super) fn load(db: &Connection) -> Result<Self> {
        let of_kind = |kind: &str| -> Result<_> {
            let all = "SELECT hash, app, model, salt FROM keys JOIN apps USING (app) WHERE kind = ?1";
            let mut statement = db.prepare(all).db()?;
            let rows = statement
                .query_map([kind], |row| {
                    Ok((row.get(0)?, Tenant { app: row.get(1)?, model: row.get(2)?, salt: row.get(3)? }))
                })
                .db()?;
            rows.map(Db::db).collect()
        };
        Ok(Self { public: of_kind("public")?, secret: of_kind("secret")? })
    }
}

/// Makes what the first start needs, and finds the public key again at later ones.
///
/// # Errors
/// [`Code::Unavailable`] if the folder or the database cannot be written.
pub(super) fn first_start(db: &mut Connection, folder: &Path, now_ms: u64) -> Result<Keys> {
    let file = folder.join(PUBLIC_KEY_FILE);
    let transaction = db.transaction().db()?;
    let app: Option<i64> = transaction
        .query_row("SELECT app FROM apps WHERE name = ?1", [DEFAULT_APP], |row| row.get(0))
        .optional()
        .db()?;
    let (app, secret) = match app {
        Some(app) => (app, None),
        None => {
            transaction
                .execute(
                    "INSERT INTO apps (name, model, salt, created_at) VALUES (?1, ?2, ?3, ?4)",
                    params![DEFAULT_APP, Model::default().id(), random::<32>()?, now_ms.cast_signed()],
                )
                .db()?;
            let app = transaction.last_insert_rowid();
            (app, Some(add_key(&transaction, app, "secret", now_ms)?))
        }
    };
    let known = std::fs::read_to_string(&file).ok().map(|key| key.trim().to_owned());
    let is_ours = |key: &String| {
        let found = "SELECT 1 FROM keys WHERE hash = ?1 AND app = ?2 AND kind = 'public'";
        transaction.query_row(found, params![hash(key), app], |_| Ok(())).optional().db()
    };
    let public = match known {
        Some(key) if is_ours(&key)?.is_some() => key,
        // The first start, or the file was lost: only hashes are kept, so another key is made beside the old one.
        _ => {
            let key = add_key(&transaction, app, "public", now_ms)?;
            std::fs::write(&file, format!("{key}\n"))
                .map_err(|error| Error::new(Code::Unavailable, format!("cannot write {}: {error}", file.display())))?;
            key
        }
    };
    transaction.commit().db()?;
    Ok(Keys { public, secret })
}

fn add_key(db: &Connection, app: i64, kind: &str, now_ms: u64) -> Result<String> {
    let (prefix, digits) = if kind == "public" { ("pk_", 32) } else { ("sk_", 64) };
    let mut key = String::from(prefix);
    for byte in random::<32>()?.iter().take(digits / 2) {
        let _ = write!(key, "{byte:02x}"); // writing to a String cannot fail
    }
    let insert = "INSERT INTO keys (hash, app, kind, created_at) VALUES (?1, ?2, ?3, ?4)";
    db.execute(insert, params![hash(&key), app, kind, now_ms.cast_signed()]).db()?;
    Ok(key)
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Unavailable, format!("no randomness from the system: {error}")))?;
    Ok(bytes)
}
