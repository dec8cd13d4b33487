//! Who may ask for what: keys by their hashes, and how a device secret becomes a person.

use super::Db;
use super::keys::{Kind, hash};
use crate::ingest::Person;
use flywheel_core::error::{Code, Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension};
use sha2::Sha256;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// An app as a request needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) app: i64,
    pub(crate) name: String,
    pub(crate) model: String,
    /// Which of the app's keys it was: the first bytes of its hash.
    pub(crate) key: [u8; 8],
    salt: [u8; 32],
}

impl Tenant {
    /// The app with this name, as somebody knows it who has the folder and no key.
    ///
    /// # Errors
    /// [`Code::NotFound`] if there is none.
    pub(super) fn named(db: &Connection, name: &str) -> Result<Self> {
        let found = db
            .query_row("SELECT app, model, salt FROM apps WHERE name = ?1", [name], |row| {
                let name = name.to_owned();
                Ok(Self { app: row.get(0)?, name, model: row.get(1)?, key: [0; 8], salt: row.get(2)? })
            })
            .optional()
            .db()?;
        found.ok_or_else(|| Error::new(Code::NotFound, format!("there is no app `{name}` here")))
    }

    /// The person behind a device secret: HMAC-SHA256 under the app's salt, its first 128 bits.
    pub(crate) fn person(&self, secret: &[u8; 16]) -> Result<Person> {
        self.person_of(secret)
    }

    /// The person whom the host's own server calls so.
    pub(crate) fn person_called(&self, name: &str) -> Result<Person> {
        // Longer than a device secret, whatever the name.
        self.person_of(format!("a person of the host: {name}").as_bytes())
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

/// The keys that are valid now.
///
/// They are found by the first bytes of their hash and compared in constant time. How long the finding takes tells of
/// those bytes at most, and whoever guesses a key cannot choose its hash.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory(BTreeMap<[u8; 8], Vec<Entry>>);

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    hash: [u8; 32],
    kind: Kind,
    tenant: Tenant,
}

impl Directory {
    /// The app of a public key, `pk_…`.
    pub(crate) fn tenant(&self, key: &str) -> Option<&Tenant> {
        self.find(key, Kind::Public)
    }

    /// The app of a secret key, `sk_…`, which may read and administer it.
    pub(crate) fn administrator(&self, key: &str) -> Option<&Tenant> {
        self.find(key, Kind::Secret)
    }

    /// The hashes of an app's secret keys.
    pub(crate) fn secrets(&self, app: i64) -> impl Iterator<Item = &[u8; 32]> {
        let all = self.0.values().flatten();
        all.filter(move |entry| entry.kind == Kind::Secret && entry.tenant.app == app).map(|entry| &entry.hash)
    }

    fn find(&self, key: &str, kind: Kind) -> Option<&Tenant> {
        let hash = hash(key);
        let (first, _) = hash.split_first_chunk::<8>()?;
        let alike = self.0.get(first)?;
        alike.iter().find(|entry| bool::from(entry.hash.ct_eq(&hash)) && entry.kind == kind).map(|entry| &entry.tenant)
    }

    /// Reads the keys that are valid at a time.
    pub(super) fn load(db: &Connection, now_ms: u64) -> Result<Self> {
        let mut statement = db
            .prepare_cached(
                "SELECT hash, kind, app, name, model, salt FROM keys JOIN apps USING (app)
                 WHERE expires_at IS NULL OR expires_at > ?1",
            )
            .db()?;
        let mut rows = statement.query([now_ms.cast_signed()]).db()?;
        let mut found = Self::default();
        while let Some(row) = rows.next().db()? {
            let hash: [u8; 32] = row.get(0).db()?;
            let kind = if row.get::<_, String>(1).db()? == Kind::Public.as_str() { Kind::Public } else { Kind::Secret };
            let Some((key, _)) = hash.split_first_chunk::<8>() else { continue };
            let (app, name) = (row.get(2).db()?, row.get(3).db()?);
            let tenant = Tenant { app, name, model: row.get(4).db()?, key: *key, salt: row.get(5).db()? };
            found.0.entry(*key).or_default().push(Entry { hash, kind, tenant });
        }
        Ok(found)
    }
}
