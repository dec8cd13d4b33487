//! The sites of persons who were here lately, in memory.

use super::Db;
use crate::ingest::Person;
use flywheel_core::belief::{Diff, Site};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

type Key = (i64, Person);

/// A cache in two generations: what is used moves to the young one; when that is full, the old one is dropped.
#[derive(Debug, Default)]
pub(super) struct Sites {
    young: HashMap<Key, Held>,
    old: HashMap<Key, Held>,
    /// Of the young generation, as each was when it was last written.
    bytes: usize,
    /// Sites that differ from the disk.
    changed: Vec<Key>,
}

/// A site and the bytes that it is counted with.
#[derive(Debug)]
struct Held {
    site: Site,
    bytes: usize,
}

impl Sites {
    /// The site of a person, empty for one who is new.
    pub(super) fn load(&mut self, db: &Connection, app: i64, person: Person) -> Result<&mut Site> {
        match self.young.entry((app, person)) {
            Entry::Occupied(here) => Ok(&mut here.into_mut().site),
            Entry::Vacant(place) => {
                let held = match self.old.remove(&(app, person)) {
                    Some(held) => held,
                    None => {
                        let site = read(db, app, person)?;
                        Held { bytes: site.bytes(), site }
                    }
                };
                self.bytes += held.bytes;
                Ok(&mut place.insert(held).site)
            }
        }
    }

    /// Notes that a site was changed.
    pub(super) fn mark(&mut self, app: i64, person: Person) {
        if self.changed.last() != Some(&(app, person)) {
            self.changed.push((app, person));
        }
    }

    /// Drops a person.
    pub(super) fn forget(&mut self, app: i64, person: Person) {
        let gone = self.young.remove(&(app, person));
        self.bytes -= gone.map_or(0, |held| held.bytes);
        self.old.remove(&(app, person));
        self.changed.retain(|key| *key != (app, person));
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self, db: &Connection) -> Result<()> {
        self.changed.sort_unstable();
        self.changed.dedup();
        let mut upsert = db
            .prepare_cached(
                "INSERT INTO persons (app, person, site) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET site = excluded.site",
            )
            .db()?;
        for key in self.changed.drain(..) {
            let held = self.young.get_mut(&key);
            let held = held.ok_or_else(|| Error::new(Code::Internal, "a changed site is not held"))?;
            upsert.execute(params![key.0, key.1.0, held.site.to_diff().to_bytes()]).db()?;
            let bytes = held.site.bytes();
            self.bytes = self.bytes + bytes - held.bytes;
            held.bytes = bytes;
        }
        Ok(())
    }

    /// Makes room between transactions: the young generation becomes the old one above this size.
    pub(super) fn trim(&mut self, generation_bytes: usize) {
        if self.bytes > generation_bytes {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}

/// Reads a person's site from disk. One that cannot be read is added up again from what each signal taught.
pub(super) fn read(db: &Connection, app: i64, person: Person) -> Result<Site> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT site FROM persons WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![app, person.0], |row| row.get(0))
        .optional()
        .db()?;
    let mut site = Site::new();
    match bytes.map(|bytes| Diff::from_bytes(&bytes)) {
        None => {}
        Some(Ok(all)) => site.add(&all),
        Some(Err(_)) => {
            tracing::warn!(app, "a site cannot be read; it is added up again from its signals");
            site = added_up(db, app, person)?;
        }
    }
    Ok(site)
}

/// A person's site from what each signal taught, those that are not kept any more included.
pub(super) fn added_up(db: &Connection, app: i64, person: Person) -> Result<Site> {
    let mut site = taught_until(db, app, person, u64::MAX >> 1)?;
    site.add(&base(db, app, person)?);
    Ok(site)
}

/// What a person's signals taught that are not kept any more.
pub(super) fn base(db: &Connection, app: i64, person: Person) -> Result<Diff> {
    let base = db
        .prepare_cached("SELECT base FROM persons WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![app, person.0], |row| row.get::<_, Vec<u8>>(0))
        .optional()
        .db()?;
    base.map_or(Ok(Diff::default()), |bytes| difference(&bytes))
}

/// What a person's kept signals up to a number taught, added up.
pub(super) fn taught_until(db: &Connection, app: i64, person: Person, seq: u64) -> Result<Site> {
    let mut site = Site::new();
    let signals = "SELECT taught FROM signals WHERE app = ?1 AND person = ?2 AND seq <= ?3";
    let mut signals = db.prepare_cached(signals).db()?;
    let mut rows = signals.query(params![app, person.0, seq.cast_signed()]).db()?;
    while let Some(row) = rows.next().db()? {
        site.add(&difference(&row.get::<_, Vec<u8>>(0).db()?)?);
    }
    Ok(site)
}

/// Reads a stored difference.
///
/// # Errors
/// [`Code::Internal`], because the sender is not to blame.
pub(super) fn difference(bytes: &[u8]) -> Result<Diff> {
    Diff::from_bytes(bytes).map_err(|_| Error::new(Code::Internal, "what a stored signal taught cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flywheel_core::belief::Evidence;

    #[test]
    fn what_is_counted_is_what_is_held() {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch("CREATE TABLE persons (app, person, site, base DEFAULT x'', PRIMARY KEY (app, person))")
            .expect("a table");
        let mut sites = Sites::default();
        let held = |sites: &Sites| sites.young.values().map(|held| held.site.bytes()).sum::<usize>();
        for turn in 0..300u32 {
            let person = Person([(turn * 7 % 40) as u8; 16]);
            let more = (0..turn % 50).map(|slot| (slot * turn, Evidence { precision: 1, shift: 1 }));
            sites.load(&db, 1, person).expect("loads").add(&Diff(more.collect()));
            sites.mark(1, person);
            if turn % 11 == 0 {
                sites.forget(1, person);
            }
            sites.write(&db).expect("writes");
            assert_eq!(sites.bytes, held(&sites), "turn {turn}");
            sites.trim(60_000);
            assert!(sites.bytes <= 60_000 && sites.bytes == held(&sites), "turn {turn}");
        }
        assert!(!sites.old.is_empty());
    }
}
