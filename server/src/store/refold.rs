//! Folding the log again, in the recorded order, from nothing: without what was erased or taken back since, or under
//! another model.

use super::sites::difference;
use super::{Db, expire, standing, totals};
use crate::ingest::Person;
use crate::terminal::progress;
use flywheel_core::belief::{Diff, Model, Site, Sums};
use flywheel_core::consent::Outgoing;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::fold::fold;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// A person's decision.
type About = (Person, [u8; 16]);

/// What the log comes to.
#[derive(Debug, Default)]
pub(super) struct Refolded {
    pub(super) sums: Sums,
    /// Each person's evidence, packed as it is stored.
    pub(super) sites: HashMap<Person, Vec<u8>>,
    /// Signals that were folded.
    pub(super) folded: u64,
    /// Statements that later ones about the same decision replaced: they were not folded.
    pub(super) replaced: u64,
    /// Signals of which only what they taught is left: it was added as it is.
    pub(super) expired: u64,
}

/// One row of the log.
struct Row {
    seq: i64,
    person: Person,
    id: [u8; 16],
    decision: [u8; 16],
    body: String,
    taught: Vec<u8>,
    standing: Vec<u8>,
}

/// What a signal comes to under the new fold: its number, what it taught, what is in force about its decision then.
pub(super) type Lesson<'a> = (i64, &'a Diff, &'a Diff);

/// Folds an app's log. `carries` says whether what expired signals taught still means something: under another model
/// it does not. Each lesson is handed to `keep`.
///
/// # Errors
/// [`Code::Corrupt`] for a signal that cannot be read; as SQLite and `keep`.
pub(super) fn refold(
    db: &Connection,
    app: i64,
    model: &Model,
    carries: bool,
    mut keep: impl FnMut(Lesson<'_>) -> Result<()>,
) -> Result<Refolded> {
    let last = "SELECT coalesce(max(seq), 0) FROM signals WHERE app = ?1";
    let total: i64 = db.query_row(last, [app], |row| row.get(0)).db()?;
    let total = usize::try_from(total).unwrap_or(0);
    let mut shown = progress("folding again", total);
    let mut all = Refolded::default();
    if carries {
        start(db, app, model, &mut all)?;
    }
    let latest = replaced(db, app)?;
    let mut standing: HashMap<About, Diff> = HashMap::new();
    let mut last = 0;
    loop {
        let rows = page(db, app, last)?;
        let Some(end) = rows.last() else {
            shown(total);
            return Ok(all);
        };
        last = end.seq;
        shown(usize::try_from(last).unwrap_or(total));
        for row in rows {
            let about = (row.person, row.decision);
            let in_force = latest.get(&about).is_none_or(|latest| *latest == row.id);
            let active = standing.remove(&about).unwrap_or_default();
            let (taught, stands) = if expire::is_expired(&row.body) {
                all.expired += 1;
                let (taught, stands) = (difference(&row.taught)?, standing::read(&row.taught, &row.standing)?);
                if !carries {
                    (Diff::default(), Diff::default())
                } else {
                    all.with_site(row.person, |sums, site| {
                        sums.move_person(model, site, &taught);
                    })?;
                    (taught, stands)
                }
            } else if in_force {
                let signal: Outgoing = serde_json::from_str(&row.body).map_err(|error| {
                    Error::new(Code::Corrupt, format!("signal {} cannot be read: {error}", row.seq))
                })?;
                all.folded += 1;
                let taught =
                    all.with_site(row.person, |sums, site| fold(model, sums, site, &active, signal.signal()).taught)?;
                let stands = active.plus(&taught);
                (taught, stands)
            } else {
                all.replaced += 1;
                (Diff::default(), active)
            };
            keep((row.seq, &taught, &stands))?;
            if latest.contains_key(&about) {
                standing.insert(about, stands);
            }
        }
    }
}

impl Refolded {
    /// Does something to a person's site and the sums.
    fn with_site<T>(&mut self, person: Person, change: impl FnOnce(&mut Sums, &mut Site) -> T) -> Result<T> {
        let bytes = self.sites.entry(person).or_default();
        let mut site = Site::new();
        site.add(&difference(bytes)?);
        let done = change(&mut self.sums, &mut site);
        *bytes = site.to_diff().to_bytes();
        Ok(done)
    }
}

/// Begins with what signals taught that are gone.
fn start(db: &Connection, app: i64, model: &Model, all: &mut Refolded) -> Result<()> {
    let mut people = db.prepare("SELECT person, base FROM persons WHERE app = ?1 AND length(base) > 0").db()?;
    let people = people.query_map([app], |row| Ok((Person(row.get(0)?), row.get::<_, Vec<u8>>(1)?))).db()?;
    for row in people {
        let (person, base) = row.db()?;
        all.sums.move_person(model, &mut Site::new(), &difference(&base)?);
        all.sites.insert(person, base);
    }
    Ok(())
}

/// The latest statement about each decision that has several.
fn replaced(db: &Connection, app: i64) -> Result<HashMap<About, [u8; 16]>> {
    let several = "SELECT person, decision, max(id) FROM signals WHERE app = ?1
                   GROUP BY person, decision HAVING count(*) > 1";
    let mut several = db.prepare(several).db()?;
    let rows = several.query_map([app], |row| Ok(((Person(row.get(0)?), row.get(1)?), row.get(2)?))).db()?;
    rows.map(Db::db).collect()
}

fn page(db: &Connection, app: i64, after: i64) -> Result<Vec<Row>> {
    let page = "SELECT seq, person, id, decision, body, taught, standing FROM signals
                WHERE seq > ?2 AND app = ?1 ORDER BY seq LIMIT ?3";
    let mut page = db.prepare_cached(page).db()?;
    let rows = page
        .query_map(params![app, after, PAGE], |row| {
            Ok(Row {
                seq: row.get(0)?,
                person: Person(row.get(1)?),
                id: row.get(2)?,
                decision: row.get(3)?,
                body: row.get(4)?,
                taught: row.get(5)?,
                standing: row.get(6)?,
            })
        })
        .db()?;
    rows.map(Db::db).collect()
}

/// Puts the result of folding under `model` in the place of what is there, in the caller's transaction.
///
/// # Errors
/// As [`refold`].
pub(super) fn replace(db: &Connection, app: i64, model: &Model) -> Result<Refolded> {
    let stored: String = db.query_row("SELECT model FROM apps WHERE app = ?1", [app], |row| row.get(0)).db()?;
    let carries = stored == model.id();
    let mut update = db.prepare("UPDATE signals SET taught = ?2, standing = ?3 WHERE seq = ?1").db()?;
    let all = refold(db, app, model, carries, |(seq, taught, standing)| {
        update.execute(params![seq, taught.to_bytes(), standing.to_bytes()]).db().map(|_| ())
    })?;
    db.execute("UPDATE persons SET site = x'' WHERE app = ?1", [app]).db()?;
    let mut upsert = db
        .prepare("INSERT INTO persons (app, person, site) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET site = excluded.site")
        .db()?;
    for (person, site) in &all.sites {
        upsert.execute(params![app, person.0, site]).db()?;
    }
    totals::clear(db, app)?;
    let mut insert = db.prepare("INSERT INTO sums (app, slot, rho, rho_m) VALUES (?1, ?2, ?3, ?4)").db()?;
    for (slot, sum) in all.sums.sorted() {
        insert.execute(params![app, slot, sum.precision, sum.shift]).db()?;
    }
    if !carries {
        // Neither what expired signals taught nor published weights of another model mean anything now.
        db.execute("UPDATE persons SET base = x'' WHERE app = ?1", [app]).db()?;
        db.execute("DELETE FROM weights WHERE app = ?1", [app]).db()?;
        db.execute("UPDATE apps SET model = ?2 WHERE app = ?1", params![app, model.id()]).db()?;
    }
    Ok(all)
}
