//! Taking a batch: each signal is stored and folded once, in the order of arrival.

use super::ledger::Memory;
use super::sites::difference;
use super::{Db, consent, erase};
use crate::ingest::{Person, Submission};
use flywheel_core::belief::Diff;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::fold::fold;
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use rusqlite::{Connection, OptionalExtension, params};

/// How long ids are remembered at least, longer than pages keep entries: 45 days.
const REMEMBERED_MS: u64 = 45 * 24 * 60 * 60 * 1_000;

/// Most slots that one answer tells what was taught about; what comes after is to be sent again.
const TOLD: usize = 100_000;

/// Stores and folds a batch, publishes when it is time, and makes the answer. Nothing of it counts before the commit.
pub(super) fn take_batch(db: &Connection, memory: &mut Memory, batch: &Submission, now_ms: u64) -> Result<Reply> {
    let is_erased = erase::is_erased(db, batch.app, batch.person)?;
    if !is_erased {
        consent::note(db, batch)?;
    }
    let mut results: Vec<Verdict> = Vec::with_capacity(batch.signals.len());
    let mut told = 0;
    for signal in &batch.signals {
        told += results.last().and_then(|verdict| verdict.taught.as_ref()).map_or(0, |taught| taught.0.len());
        results.push(match signal {
            Err(refusal) => Verdict {
                code: Some(refusal.error.code.as_str().into()),
                detail: Some(refusal.error.detail.clone()),
                ..verdict(refusal.id.clone(), Outcome::Rejected)
            },
            Ok(signal) if is_erased => verdict(signal.signal().id.to_string(), Outcome::Erased),
            // Few bytes that name many stored signals must not become a large answer.
            Ok(signal) if told > TOLD => verdict(signal.signal().id.to_string(), Outcome::Retry),
            Ok(signal) => take(db, memory, batch, signal, now_ms)?,
        });
    }
    let every = memory.publish_every;
    let app = memory.app(batch.app)?;
    if every > 0 && app.unpublished >= every {
        app.publish(db, now_ms)?;
    }
    answer(memory, batch.app, batch.version, results, now_ms)
}

/// The answer with these results for a page that has version `have` of the weights.
pub(super) fn answer(memory: &mut Memory, app_id: i64, have: u64, results: Vec<Verdict>, now_ms: u64) -> Result<Reply> {
    let app = memory.app(app_id)?;
    let weights = app.published.offer(&app.model, have, &app.name);
    if weights.as_ref().is_some_and(|head| head.url.is_some()) {
        let weights = app.published.weights.clone();
        memory.shelve(app_id, weights);
    }
    Ok(Reply { v: PROTOCOL, server_time: now_ms, results, weights, retry_after_ms: None })
}

fn verdict(id: String, outcome: Outcome) -> Verdict {
    Verdict { id, outcome, seq: None, taught: None, code: None, detail: None }
}

fn take(db: &Connection, memory: &mut Memory, batch: &Submission, outgoing: &Outgoing, now_ms: u64) -> Result<Verdict> {
    let signal = outgoing.signal();
    let id = signal.id.to_string();
    if let Some((seq, person, taught)) = known(db, batch.app, signal.id.as_bytes())? {
        // What somebody else's signal taught is nobody's business but theirs.
        let own = person == batch.person;
        return Ok(Verdict {
            seq: own.then_some(seq),
            taught: if own { Some(difference(&taught)?) } else { None },
            ..verdict(id, Outcome::Duplicate)
        });
    }
    // Both times are the client's, so a clock that is wrong makes no difference.
    if batch.sent_at.saturating_sub(signal.at) > REMEMBERED_MS {
        return Ok(verdict(id, Outcome::TooOld));
    }
    let body = serde_json::to_string(outgoing)
        .map_err(|error| Error::new(Code::Internal, format!("a signal cannot be written: {error}")))?;
    let (newest, active) = in_force(db, batch.app, batch.person, signal.decision.as_bytes())?;
    let is_late = newest.is_some_and(|newest| newest > *signal.id.as_bytes());
    let taught = if is_late {
        // A later statement about the decision came first; this one is kept, and teaches nothing.
        Diff::default()
    } else {
        let (app, sites) = memory.app_and_sites(batch.app)?;
        let site = sites.load(db, batch.app, batch.person)?;
        let folded = fold(&app.model, &mut app.sums, site, &active, signal);
        folded.sums.iter().for_each(|&(slot, _)| app.mark(slot));
        sites.mark(batch.app, batch.person);
        folded.taught
    };
    db.prepare_cached(
        "INSERT INTO signals (app, person, id, decision, at, received_at, body, taught, standing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .db()?
    .execute(params![
        batch.app,
        batch.person.0,
        signal.id.as_bytes(),
        signal.decision.as_bytes(),
        i64::try_from(signal.at).unwrap_or(i64::MAX),
        now_ms.cast_signed(),
        body,
        taught.to_bytes(),
        // What is late is never in force.
        if is_late { Vec::new() } else { active.plus(&taught).to_bytes() },
    ])
    .db()?;
    let seq = db.last_insert_rowid().cast_unsigned();
    let app = memory.app(batch.app)?;
    app.seq = seq;
    app.unpublished += 1;
    Ok(Verdict { seq: Some(seq), taught: Some(taught), ..verdict(id, Outcome::Ok) })
}

type Known = (u64, Person, Vec<u8>);

fn known(db: &Connection, app: i64, id: &[u8; 16]) -> Result<Option<Known>> {
    db.prepare_cached("SELECT seq, person, taught FROM signals WHERE app = ?1 AND id = ?2")
        .db()?
        .query_row(params![app, id], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), Person(row.get(1)?), row.get(2)?))
        })
        .optional()
        .db()
}

/// The latest statement of a person about a decision (ids sort by the time of their making), and what all of them
/// together teach while it is in force. One look-up, however often a mind was changed.
fn in_force(db: &Connection, app: i64, person: Person, decision: &[u8; 16]) -> Result<(Option<[u8; 16]>, Diff)> {
    let latest: Option<([u8; 16], Vec<u8>)> = db
        .prepare_cached(
            "SELECT id, standing FROM signals WHERE app = ?1 AND person = ?2 AND decision = ?3 ORDER BY id DESC LIMIT 1",
        )
        .db()?
        .query_row(params![app, person.0, decision], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .db()?;
    Ok(match latest {
        Some((id, standing)) => (Some(id), difference(&standing)?),
        None => (None, Diff::default()),
    })
}
