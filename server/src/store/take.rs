//! Taking a batch: each signal is stored and folded once, in the order of arrival.

use super::app::App;
use super::ledger::Memory;
use super::log::Log;
use super::measure::About;
use super::standing::{self, Stands};
use super::{consent, decisions, erase, recent};
use crate::Prepared;
use crate::ingest::{Refusal, Seen, Submission};
use flywheel_core::belief::Diff;
use flywheel_core::error::Result;
use flywheel_core::fold::fold_observed;
use flywheel_core::signal::Feedback;
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use rusqlite::Connection;

/// How long ids are remembered at least, longer than pages keep entries: 45 days.
pub(super) const REMEMBERED_MS: u64 = 45 * 24 * 60 * 60 * 1_000;

/// Most slots that one answer tells what was taught about; what comes after is to be sent again.
const TOLD: usize = 100_000;

/// Stores and folds a batch, publishes when it is time, and makes the answer. Nothing of it counts before the commit.
pub(super) fn take_batch(db: &Connection, memory: &mut Memory, batch: &Submission, now_ms: u64) -> Result<Reply> {
    let is_erased = erase::is_erased(db, batch.app, batch.person)?;
    if !is_erased {
        consent::note(db, batch, now_ms)?;
        // First, because what is said is often said about them.
        record(db, memory, batch, now_ms)?;
    }
    let mut results: Vec<Verdict> = Vec::with_capacity(batch.signals.len());
    let mut told = 0;
    let mut log = Log::of(db, batch)?;
    for signal in &batch.signals {
        told += results.last().and_then(|verdict| verdict.taught.as_ref()).map_or(0, |taught| taught.0.len());
        results.push(match signal {
            Err(refusal) => Verdict {
                code: Some(refusal.error.code.as_str().into()),
                detail: Some(refusal.error.detail.clone()),
                ..verdict(refusal.id.clone(), Outcome::Rejected)
            },
            Ok(signal) if is_erased => verdict(signal.id.to_string(), Outcome::Erased),
            // Few bytes that name many stored signals must not become a large answer.
            Ok(signal) if told > TOLD => verdict(signal.id.to_string(), Outcome::Retry),
            Ok(signal) => take(&mut log, memory, batch, results.len(), signal, now_ms)?,
        });
    }
    log.count(&memory.app(batch.app)?.measures)?;
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
    let id = |signal: &std::result::Result<Prepared, Refusal>| match signal {
        Ok(signal) => signal.id.to_string(),
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
    log: &mut Log<'_>,
    app: &mut App,
    batch: &Submission,
    signal: &Prepared,
    before: Option<&Feedback>,
    now_ms: u64,
) -> Result<()> {
    let recorded = log.recorded(signal.decision)?;
    let about = recorded.unwrap_or_else(|| About {
        version: signal.predicted.map_or(0, |(version, _)| version),
        held_out: batch.seen.place < app.settings.hold_out,
        prediction: signal.predicted.map_or(0.0, |(_, prediction)| prediction),
    });
    let measures = &mut app.measures;
    measures.folded(now_ms, app.folded, signal.at, batch.sent_at, about.version);
    let mut person = measures.stands(now_ms, about, &signal.feedback, 1.0);
    match before {
        Some(before) => {
            let gone = measures.stands(now_ms, about, before, -1.0);
            person.iter_mut().zip(gone).for_each(|(count, gone)| *count += gone);
        }
        None => measures.judged(now_ms, about, &signal.feedback),
    }
    log.said(about.held_out, person);
    Ok(())
}

fn verdict(id: String, outcome: Outcome) -> Verdict {
    Verdict { id, outcome, seq: None, taught: None, code: None, detail: None }
}

fn take(
    log: &mut Log<'_>,
    memory: &mut Memory,
    batch: &Submission,
    at: usize,
    signal: &Prepared,
    now_ms: u64,
) -> Result<Verdict> {
    let id = signal.id.to_string();
    if let Some((seq, taught)) = log.known(signal.id)? {
        return Ok(Verdict { seq, taught, ..verdict(id, Outcome::Duplicate) });
    }
    // Both times are the client's, so a clock that is wrong makes no difference.
    if batch.sent_at.saturating_sub(signal.at) > REMEMBERED_MS {
        return Ok(verdict(id, Outcome::TooOld));
    }
    let before = log.standing.about(signal.decision)?;
    let is_late = before.newest.is_some_and(|newest| newest > signal.id);
    let observations = signal.observations();
    let (taught, stands) = if is_late {
        // A later statement about the decision came first; this one is kept, teaches nothing, and is never in force.
        (Diff::default(), Vec::new())
    } else {
        let (app, sites) = memory.app_and_sites(batch.app)?;
        let site = sites.load(log.db, batch.app, batch.person)?;
        let folded = fold_observed(&app.model, &mut app.sums, site, &before.taught, &observations);
        folded.sums.iter().for_each(|&(slot, _)| app.mark(slot));
        sites.mark(batch.app, batch.person);
        let now = before.taught.plus(&folded.taught);
        let stands = standing::bytes(&before.taught, &now);
        let says = Some(signal.feedback.clone());
        log.standing.says(signal.decision, Stands { newest: Some(signal.id), taught: now, says });
        (folded.taught, stands)
    };
    let seq = log.write(signal, &taught, &stands, now_ms)?;
    let app = memory.app(batch.app)?;
    app.seq = seq;
    app.folded += 1;
    if is_late {
        return Ok(Verdict { seq: Some(seq), taught: Some(taught), ..verdict(id, Outcome::Ok) });
    }
    // The gate looks at what is in force.
    app.recent.replace(batch.person, signal.decision);
    if at < recent::EACH {
        app.recent.push(batch.person, signal.decision, observations.into_owned());
    }
    // What experts judged beforehand is no outcome of anything.
    if !signal.is_seed {
        count(log, app, batch, signal, before.says.as_ref(), now_ms)?;
    }
    Ok(Verdict { seq: Some(seq), taught: Some(taught), ..verdict(id, Outcome::Ok) })
}
