//! Taking a person out: of the log, of the sums, of the published weights.

use super::app::App;
use super::ledger::Memory;
use super::publish::Pressed;
use super::shelf::Whole;
use super::{Db, decisions, history, sites};
use crate::ingest::Person;
use flywheel_core::belief::Site;
use flywheel_core::error::Result;
use flywheel_core::gate;
use rusqlite::{Connection, OptionalExtension, params};

/// Whether this person was erased.
pub(super) fn is_erased(db: &Connection, app: i64, person: Person) -> Result<bool> {
    let found = db
        .prepare_cached("SELECT 1 FROM tombstones WHERE app = ?1 AND person = ?2")
        .db()?
        .query_row(params![app, person.0], |_| Ok(()))
        .optional()
        .db()?;
    Ok(found.is_some())
}

/// Erases a person and publishes weights without them. Returns how many signals were deleted; a second time it is 0.
pub(super) fn erase(db: &Connection, memory: &mut Memory, app_id: i64, person: Person, now_ms: u64) -> Result<u64> {
    let (app, sites) = memory.app_and_sites(app_id)?;
    let mut published = sites::taught_until(db, app_id, person, app.published.weights.head().seq)?;
    published.add(&sites::base(db, app_id, person)?);
    let site = sites.load(db, app_id, person)?;
    let changes = flywheel_core::fold::erase(&app.model, &mut app.sums, site);
    changes.iter().for_each(|&(slot, _)| app.mark(slot));
    sites.forget(app_id, person);
    app.recent.forget(person);
    let deleted = db.execute("DELETE FROM signals WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    db.execute("DELETE FROM persons WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    db.execute("DELETE FROM consents WHERE app = ?1 AND person = ?2", params![app_id, person.0]).db()?;
    let tombstone = "INSERT INTO tombstones (app, person, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    db.execute(tombstone, params![app_id, person.0, now_ms.cast_signed()]).db()?;
    decisions::forget(db, app_id, person)?;
    app.recall();
    if published != Site::new() {
        let whole = publish_without(db, app, &published, now_ms)?;
        history::forget_before(db, app_id, app.published.weights.head().version)?;
        memory.unshelve(app_id);
        memory.shelve(whole);
    }
    Ok(deleted as u64)
}

/// Publishes weights that do not contain a person any more: the sums, if the gate lets them out whole; else what is
/// published, less the person's part as exactly as its cells allow. So nobody opens the gate, or ends a freeze, by
/// having themselves erased.
fn publish_without(db: &Connection, app: &mut App, published: &Site, now_ms: u64) -> Result<Option<Whole>> {
    if let Some(mut draft) = app.draft() {
        // Nothing before it will be kept that it could be a step from.
        draft.as_whole = true;
        let version = draft.make()?;
        if version.is_whole_step() {
            return app.release(db, &version, now_ms);
        }
        app.recall();
    }
    let current = &app.published.weights;
    let head = current.head();
    let mut weights = gate::without(&app.model, current, published)?;
    weights.set_head(head.version + 1, head.seq);
    let pressed = Pressed::new(&app.name, &app.model, current, weights, true);
    app.put_out(db, &pressed, 1.0, app.out, now_ms)?;
    app.compare();
    Ok(pressed.whole)
}
