//! What is due to be sent, and what the answers change.

use super::{Page, Told};
use crate::belief::Diff;
use crate::consent::Outgoing;
use crate::error::Code;
use crate::feature::{Candidate, Object, Value};
use crate::id::Id;
use crate::journal::{Delivery, Entry};
use crate::signal::Feedback;
use crate::sync::Failure;
use crate::wire::{Batch, Outcome, Reply, Verdict, batch};
use std::sync::Arc;

/// A request that the edge must make now.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// Under this id the answer or the failure is reported.
    pub request: Id,
    /// The body of `POST /v1/sync`.
    pub batch: Batch<Outgoing, Told>,
}

impl Page {
    /// When [`Page::begin`] should be called next, in milliseconds since 1970; `None` if only something new can change
    /// anything.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        if self.ready { self.outbox.due() } else { None }
    }

    /// A request, if one is due, or at once when the app asks or the page is being left.
    pub fn begin(&mut self, now: u64, now_or_never: bool) -> Option<Outbound> {
        if !self.ready {
            return None;
        }
        self.make_room(now);
        let request = self.fresh_id(now);
        let ids = self.outbox.begin(now, request, now_or_never)?;
        self.outbound(request, &ids, now, false)
    }

    /// The page is being left: a request that outlives it, if anything waits that fits into one. It may go beside
    /// others.
    pub fn last_words(&mut self, now: u64) -> Option<Outbound> {
        if !self.ready {
            return None;
        }
        let request = self.fresh_id(now);
        let ids = match self.outbox.last_words(now, request) {
            None if self.has_last_records() => self.outbox.leave_with(now, request)?,
            ids => ids?,
        };
        self.outbound(request, &ids, now, true)
    }

    fn outbound(&mut self, request: Id, ids: &[Id], now: u64, outlives: bool) -> Option<Outbound> {
        let decisions = self.carry(request, outlives);
        let sender = self.sender.as_ref()?;
        let signals: Vec<&Outgoing> = ids
            .iter()
            .filter_map(|id| match &self.entries.get(id)?.delivery {
                Delivery::Pending { signal } => Some(&**signal),
                _ => None,
            })
            .collect();
        let version = if self.start_over { 0 } else { self.weights().head().version };
        let batch = batch(sender, self.consent, request, now, version, &signals, decisions).ok()?;
        Some(Outbound { request, batch })
    }

    /// The answer to a request. Weights in it are applied by [`Page::take_weights`], which the edge calls with their
    /// bytes afterwards.
    pub fn answered(&mut self, request: Id, reply: &Reply, now: u64) {
        let Some(sent) = self.outbox.answered(now, request, reply.retry_after_ms) else { return };
        self.last_error = None;
        self.told(request);
        self.set_clock(reply.server_time, now);
        for verdict in &reply.results {
            self.judged(verdict);
        }
        if sent.iter().any(|id| self.outbox.waits(*id)) {
            self.outbox.left_waiting(now, &mut self.rng);
        } else {
            self.outbox.settled();
        }
    }

    #[inline(never)]
    fn judged(&mut self, verdict: &Verdict) {
        let Ok(id) = Id::parse(&verdict.id) else { return };
        if !self.entries.get(&id).is_some_and(super::is_pending) {
            return;
        }
        let code = match verdict.outcome {
            Outcome::Retry => return,
            Outcome::Ok | Outcome::Duplicate => {
                self.outbox.remove(id);
                let taught = verdict.taught.clone().unwrap_or_default();
                let seq = verdict.seq.unwrap_or(0);
                if seq <= self.mind.weights().head().seq {
                    self.mind.add_own(&taught);
                }
                self.change(id, Delivery::Acknowledged { seq, taught });
                self.events.push(super::Event::Acknowledged { id });
                return;
            }
            Outcome::TooOld => Code::TooOld.as_str().to_owned(),
            Outcome::Erased => Code::Erased.as_str().to_owned(),
            Outcome::Rejected => verdict.code.clone().unwrap_or_else(|| Code::InvalidValue.as_str().into()),
        };
        self.outbox.remove(id);
        *self.dropped.entry(code.clone()) += 1;
        self.events.push(super::Event::Dropped { id, code: code.clone() });
        self.change(id, Delivery::Dropped { code });
    }

    /// What all devices of the person taught, as far as signal `seq` of the server: what is not from here becomes an
    /// entry of its own, so that the sum of the journal is the person's evidence.
    pub fn lend(&mut self, seq: u64, site: &Diff, now: u64) {
        let mut diff = if self.past.seq <= seq { site.plus(&self.past.taught.negated()) } else { site.clone() };
        for entry in self.entries.values() {
            if let Delivery::Acknowledged { seq: at, taught } = &entry.delivery
                && *at <= seq
            {
                diff = diff.plus(&taught.negated());
            }
        }
        // The same word of the server is the same entry in every tab.
        let id = Id::new(0, [0, seq]);
        if diff.0.is_empty() || self.entries.contains_key(&id) {
            return;
        }
        self.mind.add(&diff);
        if seq <= self.mind.weights().head().seq {
            self.mind.add_own(&diff);
        }
        let delivery = Delivery::Acknowledged { seq, taught: diff.clone() };
        self.active.insert(id, Arc::new(diff.clone()));
        self.entries.insert(id, Entry { id, at: now, decision: id, diff: diff.into(), rewrites: Vec::new(), delivery });
        self.due.entries.push(id);
    }

    /// A request failed as a whole; `why` is the error's code or words, for [`Page::status`].
    pub fn failed(&mut self, request: Id, failure: Failure, why: &str, now: u64) {
        self.last_error = Some(why.into());
        let unspoken = [Code::UnsupportedProtocol, Code::UnsupportedModel].iter().any(|code| code.as_str() == why);
        let failure = if unspoken { Failure::Unspoken } else { failure };
        let failure = self.untold(request, failure);
        let gone = self.outbox.failed(now, request, failure, &mut self.rng);
        self.give_up(gone);
    }

    /// Lets go of what the queue does not hold any more, and of what held it back.
    pub(super) fn make_room(&mut self, now: u64) {
        let gone = self.outbox.overflow(now);
        self.give_up(gone);
        let (signals, wait_ms) = self.outbox.settings().contribute_after;
        let first = self.entries.values().next().map_or(now, |entry| entry.at);
        let spoken = || self.entries.values().any(|entry| matches!(entry.delivery, Delivery::Acknowledged { .. }));
        self.outbox
            .hold(self.past_only() + self.entries.len() < signals && now < first.saturating_add(wait_ms) && !spoken());
    }

    fn give_up(&mut self, gone: Vec<(Id, Code)>) {
        for (id, code) in gone {
            self.drop_event(id, code);
            self.change(id, Delivery::Dropped { code: code.as_str().into() });
        }
    }

    /// A clock that is a minute wrong or more is corrected in the ids that are made from here on, which carry the day
    /// that is learned for.
    #[allow(clippy::cast_possible_wrap)] // checked
    fn set_clock(&mut self, server_time: u64, now: u64) {
        let off = (server_time.min(LATEST_MS) as i64).saturating_sub(now.min(LATEST_MS) as i64);
        self.skew_ms = if off.abs() < MINUTE_MS { 0 } else { off };
    }
}

const MINUTE_MS: i64 = 60_000;
/// A time after which nobody's clock is believed: the year 2248.
const LATEST_MS: u64 = 1 << 43;

/// An estimate of a signal's bytes as JSON, a little high.
pub(super) fn size(signal: &Outgoing) -> usize {
    let signal = signal.signal();
    let feedback = match &signal.feedback {
        Feedback::Prefer { over } => candidate_size(over),
        Feedback::Correction(correction) => {
            let texts = [&correction.shown, &correction.corrected];
            texts.into_iter().flatten().map(|text| text.len() + 8).sum::<usize>()
                + object_size(&correction.shown_form)
                + object_size(&correction.corrected_form)
        }
        _ => 0,
    };
    let order = signal.choice.iter().flat_map(|choice| &choice.order).map(|id| id.len() + 3).sum::<usize>();
    360 + order
        + feedback
        + object_size(&signal.context)
        + candidate_size(&signal.shown)
        + signal.earlier.as_ref().map_or(0, candidate_size)
}

pub(super) fn candidate_size(candidate: &Candidate) -> usize {
    40 + candidate.id.len()
        + object_size(&candidate.features)
        + candidate.text.as_ref().map_or(0, |text| text.len() + 10)
}

pub(super) fn object_size(object: &Object) -> usize {
    object.0.iter().map(|(name, value)| name.len() + 4 + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + 4,
        Value::Number(_) => 24,
        Value::List(items) => 2 + items.iter().map(value_size).sum::<usize>(),
        Value::Flag(_) | Value::Nothing | Value::Nested => 5,
    }
}
