//! Who a device speaks for: itself, or a person who has several; and secrets that were replaced.

use super::ledger::Memory;
use super::sites;
use super::{Db, erase};
use crate::ingest::{Person, Submission};
use flywheel_core::belief::{Diff, Site};
use flywheel_core::error::Result;
use rusqlite::{Connection, OptionalExtension, params};
use std::borrow::Cow;

/// What a device asks about itself.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Nothing: it wants to know the person's evidence.
    Nothing,
    /// To belong to this person, until when the token for it holds.
    Join(Person, u64),
    /// To be known by another secret, whose hash this is.
    Rotate(Person),
}

/// A person's evidence and the number of the last signal that may be in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The number.
    pub seq: u64,
    /// The evidence.
    pub site: Diff,
}

/// The person that a device speaks for; `None` if its secret was replaced, so that it speaks for nobody.
pub(super) fn who(db: &Connection, app: i64, device: Person) -> Result<Option<Person>> {
    let found: Option<Option<[u8; 16]>> = db
        .prepare_cached("SELECT speaks_for FROM devices WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![app, device.0], |row| row.get(0))
        .optional()
        .db()?;
    Ok(found.map_or(Some(device), |person| person.map(Person)))
}

/// A batch as the person's; `None` if the secret was replaced.
pub(super) fn speaking<'a>(db: &Connection, batch: &'a Submission) -> Result<Option<Cow<'a, Submission>>> {
    Ok(who(db, batch.app, batch.person)?.map(|person| {
        if person == batch.person { Cow::Borrowed(batch) } else { Cow::Owned(Submission { person, ..batch.clone() }) }
    }))
}

/// Carries out a change and gives what is known about the person then; `None` if that is refused: the secret was
/// replaced, the person was erased, or the token does not hold any more.
pub(super) fn change(
    db: &Connection,
    memory: &mut Memory,
    app: i64,
    device: Person,
    change: Change,
    now_ms: u64,
) -> Result<Option<Known>> {
    let speaks_for = who(db, app, device)?;
    let person = match (change, speaks_for) {
        // The answer to the first attempt was lost.
        (Change::Rotate(next), None) => who(db, app, next)?.filter(|person| *person != next),
        (_, None) => None,
        (_, Some(person)) if erase::is_erased(db, app, person)? => None,
        (Change::Nothing, person) => person,
        (Change::Join(_, until), _) if until < now_ms => None,
        (Change::Join(to, _), Some(from)) => {
            if from != to {
                merge(db, memory, app, from, to)?;
            }
            speak(db, app, device, Some(to))?;
            Some(to)
        }
        // A secret that somebody has already is nobody's next one.
        (Change::Rotate(next), Some(_)) if is_known(db, app, next)? => None,
        (Change::Rotate(next), Some(person)) => {
            speak(db, app, next, Some(person))?;
            speak(db, app, device, None)?;
            Some(person)
        }
    };
    let Some(person) = person else { return Ok(None) };
    let (of_app, sites) = memory.app_and_sites(app)?;
    Ok(Some(Known { seq: of_app.seq, site: sites.load(db, app, person)?.to_diff() }))
}

fn speak(db: &Connection, app: i64, device: Person, person: Option<Person>) -> Result<()> {
    let upsert = "INSERT INTO devices (app, person, speaks_for) VALUES (?1, ?2, ?3)
                  ON CONFLICT DO UPDATE SET speaks_for = excluded.speaks_for";
    db.execute(upsert, params![app, device.0, person.map(|person| person.0)]).db().map(|_| ())
}

fn is_known(db: &Connection, app: i64, device: Person) -> Result<bool> {
    let found = "SELECT 1 FROM devices WHERE app = ?1 AND person = ?2
                 UNION ALL SELECT 1 FROM persons WHERE app = ?1 AND person = ?2
                 UNION ALL SELECT 1 FROM tombstones WHERE app = ?1 AND person = ?2";
    Ok(db.query_row(found, params![app, device.0], |_| Ok(())).optional().db()?.is_some())
}

/// Everything of one person becomes another's. Evidence adds up, so that the sums hold both together, bounded as one.
fn merge(db: &Connection, memory: &mut Memory, app_id: i64, from: Person, to: Person) -> Result<()> {
    let base = sites::base(db, app_id, from)?.plus(&sites::base(db, app_id, to)?);
    let (app, sites) = memory.app_and_sites(app_id)?;
    let moved = sites.load(db, app_id, from)?.to_diff();
    let gone = flywheel_core::fold::erase(&app.model, &mut app.sums, sites.load(db, app_id, from)?);
    let come = app.sums.move_person(&app.model, sites.load(db, app_id, to)?, &moved);
    gone.iter().chain(&come).for_each(|&(slot, _)| app.mark(slot));
    sites.forget(app_id, from);
    app.recent.forget(from);
    let (here, there) = (from.0, to.0);
    let statements = [
        // Whoever joins is here again.
        "DELETE FROM tombstones WHERE app = ?1 AND person = ?3 AND ?2 IS NOT NULL",
        "UPDATE signals SET person = ?3 WHERE app = ?1 AND person = ?2",
        "UPDATE decisions SET person = ?3 WHERE app = ?1 AND person = ?2",
        "UPDATE devices SET speaks_for = ?3 WHERE app = ?1 AND speaks_for = ?2",
        "INSERT INTO consents (app, person, text, sent_at)
         SELECT app, ?3, text, sent_at FROM consents WHERE app = ?1 AND person = ?2
         ON CONFLICT DO UPDATE SET text = excluded.text, sent_at = excluded.sent_at WHERE excluded.sent_at >= sent_at",
        "INSERT INTO person_tallies (app, person, held_out, version, decisions, down, corrected, regenerated)
         SELECT app, ?3, held_out, version, decisions, down, corrected, regenerated
         FROM person_tallies WHERE app = ?1 AND person = ?2
         ON CONFLICT DO UPDATE SET version = max(version, excluded.version), decisions = decisions + excluded.decisions,
           down = down + excluded.down, corrected = corrected + excluded.corrected,
           regenerated = regenerated + excluded.regenerated",
    ];
    for statement in statements {
        db.execute(statement, params![app_id, here, there]).db()?;
    }
    for table in ["consents", "person_tallies", "persons"] {
        db.execute(&format!("DELETE FROM {table} WHERE app = ?1 AND person = ?2"), params![app_id, here]).db()?;
    }
    // The site itself is written with all that have changed.
    let upsert = "INSERT INTO persons (app, person, site, base) VALUES (?1, ?2, ?3, ?4)
                  ON CONFLICT DO UPDATE SET base = excluded.base";
    let (_, sites) = memory.app_and_sites(app_id)?;
    let site: &Site = sites.load(db, app_id, to)?;
    db.execute(upsert, params![app_id, there, site.to_diff().to_bytes(), base.to_bytes()]).db()?;
    sites.mark(app_id, to);
    Ok(())
}

/// Each device of an erased person is erased too: what it still has under way is refused, and nothing says any more
/// that they belonged together.
pub(super) fn forget(db: &Connection, app: i64, person: Person, now_ms: u64) -> Result<()> {
    let tombstones = "INSERT INTO tombstones (app, person, at)
                      SELECT app, person, ?3 FROM devices WHERE app = ?1 AND speaks_for = ?2
                      ON CONFLICT DO NOTHING";
    db.execute(tombstones, params![app, person.0, now_ms.cast_signed()]).db()?;
    db.execute("DELETE FROM devices WHERE app = ?1 AND speaks_for = ?2", params![app, person.0]).db().map(|_| ())
}
