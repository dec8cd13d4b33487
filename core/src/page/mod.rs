//! Everything a page knows and decides: the model, the decisions, the journal and what is due to be sent.
//!
//! The browser's edge feeds it calls and events and carries out what it asks for: what to store
//! ([`Page::take_writes`]), what to send ([`Page::begin`]), what to tell the app ([`Page::take_events`]).

mod decide;
mod deliver;
mod explain;
mod feedback;
mod hints;
mod import;
mod known;
#[cfg(not(feature = "insight"))]
mod lean;
mod mind;
#[cfg(feature = "insight")]
mod records;
mod report;
#[cfg(feature = "insight")]
mod side;
mod stored;
mod table;
mod worth;

pub use decide::{Decided, Decision, Request};
pub use deliver::Outbound;
pub use explain::{Explanation, Term};
pub use hints::Hint;
#[cfg(not(feature = "insight"))]
pub use lean::Told;
#[cfg(feature = "insight")]
pub use records::Told;
pub use report::{Export, FORMAT, Status, Trait};

use crate::belief::{Cell, Diff, Model, Site, Weights, decode};
use crate::consent::{Consent, Share};
use crate::error::{Code, Error, Result};
use crate::feature::check_text;
use crate::id::Id;
use crate::journal::{DECISIONS, Delivery, EXPIRING, Entry, Record, WORDS};
use crate::map::Map;
use crate::rank::{MORE, Policy};
use crate::rewrite::{Habits, Suggestion};
use crate::rng::Rng;
use crate::snapshot::Snapshot;
use crate::sync::{Outbox, Settings};
use crate::wire::Sender;
use feedback::Held;
#[cfg(not(feature = "insight"))]
use lean::{Records, Side};
use mind::Mind;
#[cfg(feature = "insight")]
use records::Records;
use serde::Serialize;
#[cfg(feature = "insight")]
use side::Side;
use std::sync::Arc;
use worth::Attention;

/// What a page is opened with.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The model; the same on page and server.
    pub model: Model,
    /// How candidates are ordered.
    pub policy: Policy,
    /// When batches go.
    pub sync: Settings,
    /// What the person allows.
    pub consent: Consent,
    /// The app's public key, when there is an endpoint.
    pub key: Option<String>,
    /// The device secret: 32 hexadecimal digits of real randomness.
    pub secret: String,
    /// Seed for ids, ties and exploration: real randomness in a page, a fixed number in a test.
    pub seed: u64,
    /// Which layers predict.
    pub layers: Layers,
}

/// Which layers of the belief predict. All of them, except to measure what each is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layers {
    /// Everybody's weights and the person's own evidence.
    #[default]
    Both,
    /// Everybody's weights alone.
    GlobalOnly,
}

/// What the edge must store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Writes {
    /// Journal entries, new or changed.
    pub entries: Vec<Entry>,
    /// Decisions, new.
    pub decisions: Vec<Record>,
    /// Ids of decisions that are no longer kept.
    pub expired: Vec<Id>,
}

/// What must be stored, by id: what it is then is what is stored.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// Journal entries, new or changed.
    pub entries: Vec<Id>,
    /// Decisions, new.
    pub decisions: Vec<Id>,
    /// Decisions that are no longer kept.
    pub expired: Vec<Id>,
}

/// What the app may want to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// The server has a signal.
    Acknowledged {
        /// Its id.
        id: Id,
    },
    /// A signal will not be sent (again), or was never learned.
    Dropped {
        /// Its id.
        id: Id,
        /// Why: a [`Code`] as text.
        code: String,
    },
    /// New weights predict from now on.
    Weights {
        /// Their version.
        version: u64,
    },
    /// New weights are here and predict once they are adopted.
    Held {
        /// Their version.
        version: u64,
    },
}

/// The state of a page.
#[derive(Clone, Debug)]
pub struct Page {
    model: Model,
    policy: Policy,
    layers: Layers,
    consent: Consent,
    sender: Option<Sender>,
    automated: bool,
    rng: Rng,
    /// Milliseconds and count within them of the last id.
    last_id: (u64, u64),
    /// How far the server's clock is ahead of this one.
    skew_ms: i64,
    ready: bool,
    mind: Mind,
    decisions: Map<Id, Record>,
    /// Decisions that are stored and not read yet, in rising order.
    asleep: Vec<Id>,
    /// Features of words in all of them.
    words: usize,
    /// What is in force about each decision: the sum of its entries' differences.
    active: Map<Id, Arc<Diff>>,
    entries: Map<Id, Entry>,
    /// What older entries came to.
    past: Snapshot,
    /// What the person changes again and again: the sum of the entries' rewrites.
    habits: Habits,
    attention: Attention,
    side: Side,
    records: Records,
    /// Feedback given before the journal was read.
    held: Vec<Held>,
    outbox: Outbox,
    /// Whether new weights wait until the app says so, and those that do.
    holds_weights: bool,
    held_weights: Option<Weights>,
    /// The weights here do not lead to the server's: they are to be asked for from nothing.
    start_over: bool,
    due: Due,
    events: Vec<Event>,
    dropped: Map<String, u64>,
    last_error: Option<String>,
}

impl Page {
    /// A page that knows nothing yet. It learns from the moment of [`Page::ready`].
    #[must_use]
    #[inline(never)] // twice, else
    pub fn new(options: Options) -> Self {
        let sender = options.key.map(|key| Sender { key, secret: options.secret, model: options.model.id() });
        let mut page = Self {
            mind: Mind::new(options.model, options.layers),
            model: options.model,
            policy: options.policy,
            layers: options.layers,
            consent: options.consent,
            sender,
            automated: false,
            rng: Rng::new(options.seed),
            last_id: (0, 0),
            skew_ms: 0,
            ready: false,
            decisions: Map::new(),
            asleep: Vec::new(),
            words: 0,
            active: Map::new(),
            entries: Map::new(),
            past: Snapshot::default(),
            habits: Habits::default(),
            attention: Attention::default(),
            side: Side::new(),
            records: Records::new(),
            held: Vec::new(),
            outbox: Outbox::new(options.sync),
            holds_weights: false,
            held_weights: None,
            start_over: false,
            due: Due::default(),
            events: Vec::new(),
            dropped: Map::new(),
            last_error: None,
        };
        page.reopen();
        page
    }

    /// Under this secret the page sends from here on: the one that was stored takes the place of the one it was opened
    /// with.
    pub fn identify(&mut self, secret: String) {
        if let Some(sender) = &mut self.sender {
            sender.secret = secret;
        }
    }

    /// A program is at the browser, not a person: what is said from here on carries that with it.
    pub const fn mark_automated(&mut self) {
        self.automated = true;
    }

    /// Whether the server may know anything about the person: then forgetting needs its help.
    #[must_use]
    pub fn may_have_sent(&self) -> bool {
        let spoken = |entry: &Entry| matches!(entry.delivery, Delivery::Acknowledged { .. } | Delivery::Dropped { .. });
        self.sender.is_some()
            && (self.consent.share == Share::Granted || self.past.seq > 0 || self.entries.values().any(spoken))
    }

    /// From here on the page ranks by what it knows and learns before a call returns. Feedback given earlier is
    /// learned now.
    pub fn ready(&mut self) {
        if !self.ready {
            self.ready = true;
            if cfg!(feature = "insight") {
                self.remember_asking();
                self.settle_side();
            }
            self.learn_held();
        }
    }

    /// Whether the stored state has been put back.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.ready
    }

    /// What the person allows.
    #[must_use]
    pub const fn consent(&self) -> Consent {
        self.consent
    }

    /// The person changed their mind. When `learn` is refused, the caller must also clear the storage and start a new
    /// page ([`Page::forget`]).
    pub fn set_consent(&mut self, consent: Consent) {
        self.consent = consent;
        if consent.share == Share::Denied {
            self.records.clear();
            let waiting: Vec<Id> = self.entries.values().filter(|e| is_pending(e)).map(|e| e.id).collect();
            for id in waiting {
                self.outbox.remove(id);
                self.change(id, Delivery::Local);
            }
        }
        self.reopen();
    }

    /// Forgets everything that was learned, decided and said. What is stored the caller clears.
    pub fn forget(&mut self, secret: String) {
        let sender = self.sender.take().map(|sender| Sender { secret, ..sender });
        let mut fresh = Self::new(Options {
            model: self.model,
            policy: self.policy,
            sync: self.outbox.settings(),
            consent: self.consent,
            key: None,
            secret: String::new(),
            seed: self.rng.next_u64(),
            layers: self.layers,
        });
        // The weights hold the person's own part, and nothing is left to tell which it is: they go too, and the next
        // exchange brings what the others taught.
        fresh.sender = sender;
        fresh.ready = true;
        fresh.automated = self.automated;
        fresh.holds_weights = self.holds_weights;
        if MORE {
            fresh.side = self.side.of_another();
            fresh.records.keep(fresh.side.recorded());
            fresh.settle_side();
        }
        fresh.reopen();
        *self = fresh;
    }

    /// Takes new weights, whole or as a step from those that are here.
    ///
    /// # Errors
    /// As [`decode`]; then everything stays as it was.
    pub fn take_weights(&mut self, bytes: &[u8]) -> Result<()> {
        let decoded = decode(&self.model, self.weights(), bytes);
        // A step that does not fit comes from another line of versions: the next exchange asks for the whole.
        self.start_over = decoded.is_err();
        self.show_weights(decoded?);
        Ok(())
    }

    pub(super) fn show_weights(&mut self, weights: Weights) {
        let version = weights.head().version;
        self.held_weights = Some(weights);
        if self.holds_weights && self.ready {
            self.events.push(Event::Held { version });
        } else {
            self.adopt();
        }
    }

    /// From here on new weights wait for [`Page::adopt`], so that a list that is ranked again keeps its order while
    /// somebody looks at it. Stored ones do not wait.
    pub const fn hold_weights(&mut self) {
        self.holds_weights = true;
    }

    /// Predicts with the newest weights from here on.
    pub fn adopt(&mut self) {
        if let Some(weights) = self.held_weights.take() {
            self.events.push(Event::Weights { version: weights.head().version });
            self.share_weights(weights);
        }
    }

    /// The newest weights, to be stored.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        self.held_weights.as_ref().unwrap_or_else(|| self.mind.weights())
    }

    /// Swaps in weights that were published elsewhere in this process, without bytes in between.
    pub fn share_weights(&mut self, weights: Weights) {
        let seq = weights.head().seq;
        let mut own = Site::new();
        if self.past.seq <= seq {
            own.add(&self.past.taught);
        }
        for entry in self.entries.values() {
            if let Delivery::Acknowledged { seq: at, taught } = &entry.delivery
                && *at <= seq
            {
                own.add(taught);
            }
        }
        self.mind.take(weights, own);
    }

    /// Where this person would change a text, as they have changed others again and again; at most `most` places.
    ///
    /// # Errors
    /// [`Code::TextTooLong`].
    pub fn suggest(&self, text: &str, most: usize) -> Result<Vec<Suggestion>> {
        check_text("a text", text)?;
        Ok(self.habits.suggest(text, most))
    }

    /// What must be stored since the last call.
    pub fn take_writes(&mut self) -> Writes {
        let Due { entries, decisions, expired } = self.take_due();
        Writes {
            entries: entries.iter().filter_map(|id| self.entry(*id)).cloned().collect(),
            decisions: decisions.iter().filter_map(|id| self.decision(*id)).cloned().collect(),
            expired,
        }
    }

    /// The same by id. An entry that was made and then changed may stand there twice.
    pub fn take_due(&mut self) -> Due {
        core::mem::take(&mut self.due)
    }

    /// An entry of the journal.
    #[must_use]
    pub fn entry(&self, id: Id) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// A decision that is kept.
    #[must_use]
    pub fn decision(&self, id: Id) -> Option<&Record> {
        self.decisions.get(&id)
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        core::mem::take(&mut self.events)
    }

    /// The person's own evidence.
    #[must_use]
    pub const fn site(&self) -> &Site {
        self.mind.site()
    }

    /// The cell of the published weights at a slot.
    #[must_use]
    pub fn published(&self, slot: u32) -> Cell {
        self.mind.weights().cell(slot)
    }

    fn reopen(&mut self) {
        self.outbox.set_open(self.sender.is_some() && self.consent.share == Share::Granted && self.consent.learn);
    }

    fn post(&mut self, entry: &Entry) {
        if let Delivery::Pending { signal } = &entry.delivery {
            let feedback = &signal.signal().feedback;
            self.outbox.push(entry.id, entry.at, deliver::size(signal), feedback.is_explicit());
        }
    }

    fn change(&mut self, id: Id, delivery: Delivery) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.delivery = delivery;
            self.due.entries.push(id);
        }
    }

    fn keep(&mut self, record: Record) {
        self.due.decisions.push(record.id);
        self.words += words_of(&record);
        self.decisions.insert(record.id, record);
        self.expire();
    }

    fn expire(&mut self) {
        while self.asleep.len() + self.decisions.len() > DECISIONS
            || (self.words > WORDS && self.decisions.len() > EXPIRING)
        {
            let oldest = self.decisions.iter().next().map(|(id, _)| *id);
            if self.words <= WORDS && self.asleep.first().is_some_and(|id| oldest.is_none_or(|oldest| *id < oldest)) {
                self.due.expired.extend(self.asleep.drain(..self.asleep.len().min(EXPIRING)));
                continue;
            }
            for (id, record) in self.decisions.take_first(EXPIRING) {
                self.words -= words_of(&record);
                self.due.expired.push(id);
            }
        }
    }

    fn record(&self, decision: Id) -> Result<&Record> {
        self.decisions.get(&decision).ok_or_else(|| {
            Error::new(
                Code::UnknownDecision,
                ["no decision ", &decision.text(), " here: never made, older than 30 days, or forgotten"].concat(),
            )
        })
    }
}

/// How many features of words a decision's candidates hold.
fn words_of(record: &Record) -> usize {
    record.candidates.iter().map(|shown| shown.features.words.len()).sum()
}

const fn is_pending(entry: &Entry) -> bool {
    matches!(entry.delivery, Delivery::Pending { .. })
}

#[cfg(test)]
mod tests;
