//! Taking a batch: each signal is stored and folded once, in the order of arrival.

use super::app::App;
use super::ledger::Memory;
use super::measure::About;
use super::sites::difference;
use super::{Db, consent, decisions, erase, recent};
use crate::ingest::{Person, Refusal, Seen, Submission};
use flywheel_core::belief::Diff;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::fold::fold;
use flywheel_core::signal::Signal;
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use rusqlite::{Connection, OptionalExtension, params};

/// How long ids are remembered at least, longer than pages keep entries: 45 days.
pub(super) const REMEMBERED_MS: u64 = 45 * 24 * 60 * 60 * 1_000;

/// Most slots that one answer tells what was taught about; what comes after is to be sent again.
const TOLD: usize = 100_000;

/// Stores and folds a batch, publishes when it is time, and makes the answer. Nothing of it counts before the commit.
pub(super) fn take_batch(db: &Connection, memory: &mut Memory, batch: &Submission, now_ms: u64) -> Result<Reply> {
    let is_erased = erase::is_erased(db, batch.app, batch.person)?;
    if !is_erased {
        consent::note(db, batch)?;
        // First, because what is said is often said about them.
        record(db, memory, batch, now_ms)?;
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
            Ok(signal) => take(db, memory, batch, results.len(), signal, now_ms)?,
        });
    }
    let every = memory.publish_every;
    let app = memory.app(batch.app)?;
    // Where the gate has just held everything back it is not asked again for every signal.
    if every > 0 && app.unpublished() >= every && app.folded - app.tried >= every {
        let whole = app.publish(db, now_ms)?;
        memory.shelve(whole);
    }
    // What experts judged beforehand comes from no page that would take weights.
    let is_page = batch.sent_at > 0;
    answer(memory, batch.app, batch.version, results, now_ms, is_page)
}

/// The answer to a batch under a secret that was replaced: nothing is taken, and everything may come again under the
/// other one.
pub(super) fn later(memory: &mut Memory, batch: &Submission, now_ms: u64) -> Result<Reply> {
    let id = |signal: &std::result::Result<Outgoing, Refusal>| match signal {
        Ok(signal) => signal.signal().id.to_string(),
        Err(refusal) => refusal.id.clone(),
    };
    let results = batch.signals.iter().map(|signal| verdict(id(signal), Outcome::Retry)).collect();
    answer(memory, batch.app, batch.version, results, now_ms, true)
}

/// The answer with these results for a page that has version `have` of the weights.
pub(super) fn answer(
    memory: &mut Memory,
    app_id: i64,
    have: u64,
    results: Vec<Verdict>,
    now_ms: u64,
    is_page: bool,
) -> Result<Reply> {
    let app = memory.app(app_id)?;
    let weights = app.published.offer(&app.model, have, &app.name);
    if let Some(offered) = weights.as_ref().filter(|_| is_page) {
        app.measures.fetched(now_ms, offered.head.version);
    }
    Ok(Reply { v: PROTOCOL, server_time: now_ms, results, weights, retry_after_ms: None })
}

/// Keeps what a batch says for analysis alone.
fn record(db: &Connection, memory: &mut Memory, batch: &Submission, now_ms: u64) -> Result<()> {
    let is_pressed = memory.is_pressed;
    let app = memory.app(batch.app)?;
    let Seen { decisions, left_out, .. } = &batch.seen;
    app.measures.left_out(now_ms, left_out + if is_pressed { decisions.len() } else { 0 });
    for decided in decisions.iter().filter(|_| !is_pressed) {
        decisions::store(db, &mut app.measures, batch.app, batch.person, decided, now_ms)?;
    }
    Ok(())
}

/// Counts a statement: what it says about the decision, and what the one before it said no more.
fn count(
    db: &Connection,
    app: &mut App,
    batch: &Submission,
    signal: &Signal,
    before: Option<&Outgoing>,
    now_ms: u64,
) -> Result<()> {
    let recorded = decisions::find(db, batch.app, batch.person, signal.decision)?;
    let choice = signal.choice.as_ref();
    let about = recorded.unwrap_or_else(|| About {
        version: choice.map_or(0, |choice| choice.version),
        held_out: batch.seen.place < app.settings.hold_out,
        prediction: choice.map_or(0.0, |choice| choice.prediction),
    });
    let measures = &mut app.measures;
    measures.folded(now_ms, app.folded, signal.at, batch.sent_at, about.version);
    let mut person = measures.stands(now_ms, about, &signal.feedback, 1.0);
    match before {
        Some(before) => {
            let gone = measures.stands(now_ms, about, &before.signal().feedback, -1.0);
            person.iter_mut().zip(gone).for_each(|(count, gone)| *count += gone);
        }
        None => measures.judged(now_ms, about, &signal.feedback),
    }
    if person != [0.0; 4] {
        measures.of_person(db, batch.app, batch.person, about.held_out, about.version, person)?;
    }
    Ok(())
}

fn verdict(id: String, outcome: Outcome) -> Verdict {
    Verdict { id, outcome, seq: None, taught: None, code: None, detail: None }
}

fn take(
    db: &Connection,
    memory: &mut Memory,
    batch: &Submission,
    at: usize,
    outgoing: &Outgoing,
    now_ms: u64,
) -> Result<Verdict> {
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
    let (newest, active, before) = in_force(db, batch.app, batch.person, signal.decision.as_bytes())?;
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
    app.folded += 1;
    // The gate looks at what is in force.
    if !is_late {
        app.recent.replace(batch.person, signal.decision);
        if at < recent::EACH {
            app.recent.push(&app.model, batch.person, signal);
        }
    }
    // What experts judged beforehand is no outcome of anything.
    if !is_late && signal.weight.is_none() {
        count(db, app, batch, signal, before.as_ref(), now_ms)?;
    }
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

/// The latest statement about a decision: its id, what it and those before it teach, and itself, unless it has expired.
type InForce = (Option<[u8; 16]>, Diff, Option<Outgoing>);

/// The latest statement of a person about a decision (ids sort by the time of their making), and what all of them
/// together teach while it is in force. One look-up, however often a mind was changed.
fn in_force(db: &Connection, app: i64, person: Person, decision: &[u8; 16]) -> Result<InForce> {
    let latest: Option<([u8; 16], Vec<u8>, String)> = db
        .prepare_cached(
            "SELECT id, standing, body FROM signals WHERE app = ?1 AND person = ?2 AND decision = ?3
             ORDER BY id DESC LIMIT 1",
        )
        .db()?
        .query_row(params![app, person.0, decision], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()
        .db()?;
    Ok(match latest {
        Some((id, standing, body)) => (Some(id), difference(&standing)?, serde_json::from_str(&body).ok()),
        None => (None, Diff::default(), None),
    })
}
