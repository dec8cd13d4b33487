//! When to send and what: the state machine of the page's outbox. It has no clock and no network; the page tells it
//! what happened and does what it says.

use crate::error::Code;
use crate::id::Id;
use crate::journal::KEEP_MS;
use crate::map::Map;
use crate::rng::Rng;
use crate::sort::sort_by_key;

/// When batches go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Signals after which a batch goes at once, 1 to [`crate::wire::BATCH`].
    pub count: usize,
    /// Milliseconds after which the oldest waiting signal goes.
    pub wait_ms: u64,
    /// Most bytes of signals in a batch. Browsers share 64 KiB between all requests that outlive a page, and what an answer
    /// changes is done in one task: at 48 KiB a page with a long queue stood still for 50 ms and more, at 20 for 35.
    pub bytes: usize,
    /// Milliseconds after which the newest weights are asked for even if there is nothing to send; 0 for never.
    pub refresh_ms: u64,
    /// Whether anything is sent without being asked for.
    pub automatic: bool,
    /// Most bytes of signals that wait; beyond it the oldest that nobody said in so many words go, then the oldest.
    pub queue_bytes: usize,
    /// Signals are sent once there were so many of them, or once the first is so many milliseconds old.
    pub contribute_after: (usize, u64),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            count: 20,
            wait_ms: 5_000,
            bytes: 20 * 1_024,
            refresh_ms: 300_000,
            automatic: true,
            queue_bytes: 5 * 1_024 * 1_024,
            contribute_after: (0, 0),
        }
    }
}

/// Shortest and longest wait after a failure, in milliseconds; in between it doubles ("full jitter": Brooker 2015,
/// "Exponential Backoff And Jitter").
const BACK_OFF_MS: (u64, u64) = (1_000, 300_000);
/// Wait after a refusal that will not go away by itself, in milliseconds.
const REFUSED_MS: u64 = 300_000;
/// Longest wait, and the one for a server that speaks another version of the protocol, in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// An endpoint that was never reached in so many attempts is probably stopped by a blocker, and left alone for so many
/// milliseconds.
const BLOCKED: (u32, u64) = (3, 30 * 60 * 1_000);
/// Most bytes and requests that may be under way when a page is left: browsers share 64 KiB and nine requests between
/// all that outlive a page.
const OUTLIVING: (usize, usize) = (60 * 1_024, 9);
/// Bytes of a batch around its signals, at most.
const ENVELOPE: usize = 512;

#[derive(Clone, Debug, Default)]
struct Waiting {
    since: u64,
    bytes: usize,
    explicit: bool,
}

/// Why a request failed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer: offline, blocked, cut off.
    Network,
    /// An HTTP status other than 200.
    Status {
        /// The status.
        status: u16,
        /// How long the server wants to be left alone.
        retry_after_ms: Option<u64>,
    },
    /// The server does not speak this version of the protocol, or of the model, any more or yet.
    Unspoken,
}

/// A request under way.
#[derive(Clone, Debug)]
struct Flight {
    request: Id,
    ids: Vec<Id>,
    bytes: usize,
    /// Whether it outlives the page.
    outlives: bool,
}

/// The outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    settings: Settings,
    open: bool,
    /// Signals wait for a later time; only the weights are asked for.
    holding: bool,
    waiting: Map<Id, Waiting>,
    /// Bytes of all that waits.
    bytes: usize,
    /// One request at a time, and those that outlive the page beside it.
    flights: Vec<Flight>,
    failures: u32,
    /// Whether the endpoint ever said anything.
    heard: bool,
    not_before: u64,
    last_exchange: Option<u64>,
    /// Batches are cut to this many signals after the server said that one was too large.
    most: usize,
}

impl Outbox {
    /// An empty outbox that is closed until [`Outbox::set_open`].
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            open: false,
            holding: false,
            waiting: Map::new(),
            bytes: 0,
            flights: Vec::new(),
            failures: 0,
            heard: false,
            not_before: 0,
            last_exchange: None,
            most: crate::wire::BATCH,
        }
    }

    /// Whether anything may be sent: there is an endpoint, and the person allows it.
    pub const fn set_open(&mut self, open: bool) {
        self.open = open;
    }

    /// Whether signals are to wait although they may be sent.
    pub const fn hold(&mut self, holding: bool) {
        self.holding = holding;
    }

    /// Puts a signal in. `bytes` is an estimate of its size on the wire.
    pub fn push(&mut self, id: Id, since: u64, bytes: usize, explicit: bool) {
        self.remove(id);
        self.bytes += bytes;
        self.waiting.insert(id, Waiting { since, bytes, explicit });
    }

    /// Takes a signal out: the server has spoken about it, or it must not be sent.
    pub fn remove(&mut self, id: Id) {
        if let Some(gone) = self.waiting.remove(&id) {
            self.bytes -= gone.bytes;
        }
    }

    /// What has to go and why: the oldest while there is more than the queue holds, first of what nobody said in so
    /// many words; of that also what has waited for 30 days. What is under way stays.
    pub fn overflow(&mut self, now: u64) -> Vec<(Id, Code)> {
        let aged = |waiting: &Waiting| waiting.since.saturating_add(KEEP_MS) < now;
        let mut gone = Vec::new();
        if self.bytes <= self.settings.queue_bytes && !self.waiting.values().next().is_some_and(aged) {
            return gone;
        }
        for explicit in [false, true] {
            let old = |waiting: &Waiting| !explicit && aged(waiting);
            let mut over = self.bytes.saturating_sub(self.settings.queue_bytes);
            // Times rise with ids: behind the first that stays nothing goes.
            for (id, waiting) in self.waiting.iter().filter(|(_, waiting)| waiting.explicit == explicit) {
                if over == 0 && !old(waiting) {
                    break;
                }
                if !self.flights.iter().any(|flight| flight.ids.contains(id)) {
                    gone.push((*id, if over > 0 { Code::QueueFull } else { Code::TooOld }));
                    over = over.saturating_sub(waiting.bytes);
                }
            }
            gone.iter().for_each(|(id, _)| self.remove(*id));
        }
        gone
    }

    /// How many signals wait, those on their way included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many signals are on their way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.flights.iter().map(|flight| flight.ids.len()).sum()
    }

    /// When to look again: milliseconds since 1970, or `None` if only something new can change anything.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        if !self.open || !self.flights.is_empty() || !self.settings.automatic {
            return None;
        }
        let oldest = if self.holding { None } else { self.waiting.values().map(|w| w.since).min() };
        let signals = oldest.map(|since| if self.is_full() { 0 } else { since.saturating_add(self.settings.wait_ms) });
        let refresh = match (self.last_exchange, self.settings.refresh_ms) {
            (None, _) => Some(0),
            (Some(_), 0) => None,
            (Some(last), every) => Some(last.saturating_add(every)),
        };
        signals.into_iter().chain(refresh).min().map(|at| at.max(self.not_before))
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= self.settings.count.min(self.most) || self.bytes >= self.settings.bytes
    }

    /// Begins a request when it is time, or at once when `now_or_never` says so: the ids to send, possibly none, in
    /// order.
    pub fn begin(&mut self, now: u64, request: Id, now_or_never: bool) -> Option<Vec<Id>> {
        self.doubt(now);
        let due = self.due().is_some_and(|at| at <= now);
        if !self.open || !self.flights.is_empty() || !(due || now_or_never) {
            return None;
        }
        Some(self.depart(request, self.settings.bytes, false))
    }

    /// The page is being left: what goes now in a request that outlives it, beside what is under way. What is under way
    /// in a request that may end with the page goes again. `None` if there is nothing that fits, or the server is to be
    /// left alone for long.
    pub fn last_words(&mut self, now: u64, request: Id) -> Option<Vec<Id>> {
        let taken: usize = self.outliving().map(|flight| flight.bytes + ENVELOPE).sum();
        let room = OUTLIVING.0.saturating_sub(taken + ENVELOPE).min(self.settings.bytes);
        if !self.may_leave_more(now) {
            return None;
        }
        let ids = self.depart(request, room, true);
        if ids.is_empty() {
            self.flights.pop();
            return None;
        }
        Some(ids)
    }

    /// The page is being left: a request that outlives it for something else than signals, as [`Outbox::last_words`].
    pub fn leave_with(&mut self, now: u64, request: Id) -> Option<Vec<Id>> {
        if !self.may_leave_more(now) {
            return None;
        }
        self.flights.push(Flight { request, ids: Vec::new(), bytes: 0, outlives: true });
        Some(Vec::new())
    }

    fn outliving(&self) -> impl Iterator<Item = &Flight> {
        self.flights.iter().filter(|flight| flight.outlives)
    }

    /// Whether one more request may outlive the page, and the server is not to be left alone for long.
    fn may_leave_more(&self, now: u64) -> bool {
        let away = self.not_before.saturating_sub(now) > BACK_OFF_MS.0 + BACK_OFF_MS.1;
        self.open && !away && self.outliving().count() < OUTLIVING.1
    }

    /// Bytes that may go beside the signals that are under way, in a request that outlives the page; none while signals
    /// stay behind, have to wait or have just failed.
    #[must_use]
    pub fn room_beside(&self) -> usize {
        let goes = |id: &Id| self.flights.iter().any(|flight| flight.ids.contains(id));
        if self.holding
            || self.failures > 0
            || self.in_flight() < self.len()
            || !self.waiting.iter().all(|(id, _)| goes(id))
        {
            return 0;
        }
        let taken: usize = self.flights.iter().map(|flight| flight.bytes + ENVELOPE).sum();
        OUTLIVING.0.saturating_sub(taken)
    }

    /// A request that is under way carries so many bytes beside its signals.
    pub fn carry(&mut self, request: Id, bytes: usize) {
        if let Some(flight) = self.flights.iter_mut().find(|flight| flight.request == request) {
            flight.bytes += bytes;
        }
    }

    /// A clock that was set back must not keep the page waiting for what it took for the future.
    fn doubt(&mut self, now: u64) {
        self.not_before = self.not_before.min(now.saturating_add(DAY_MS));
        self.last_exchange = self.last_exchange.map(|last| last.min(now));
        let future: Vec<Id> = self.waiting.iter().filter(|(_, w)| w.since > now).map(|(id, _)| *id).collect();
        for id in future {
            if let Some(waiting) = self.waiting.get_mut(&id) {
                waiting.since = now;
            }
        }
    }

    /// Explicit feedback first, then in the order of time, as far as there is room; in a request that may be of any size
    /// at least one.
    fn depart(&mut self, request: Id, room: usize, outlives: bool) -> Vec<Id> {
        let (mut ids, mut bytes) = (Vec::new(), 0);
        let gone = |id: &Id| self.flights.iter().any(|flight| flight.outlives && flight.ids.contains(id));
        let of = |explicit| self.waiting.iter().filter(move |(_, waiting)| waiting.explicit == explicit);
        for (id, waiting) in of(true).chain(of(false)).filter(|_| !self.holding) {
            let fits = bytes + waiting.bytes <= room || (ids.is_empty() && !outlives);
            if ids.len() >= self.most || (!fits && !outlives) {
                break;
            }
            if fits && !gone(id) {
                bytes += waiting.bytes;
                ids.push(*id);
            }
        }
        // The server folds in the order of the batch; a later word about a decision must come later.
        sort_by_key(&mut ids, |id| *id);
        self.flights.push(Flight { request, ids: ids.clone(), bytes, outlives });
        ids
    }

    fn landed(&mut self, request: Id) -> Option<Vec<Id>> {
        let place = self.flights.iter().position(|flight| flight.request == request)?;
        Some(self.flights.remove(place).ids)
    }

    /// The answer to a request came: the signals that it was about, or `None` for a request that is not under way.
    pub fn answered(&mut self, now: u64, request: Id, retry_after_ms: Option<u64>) -> Option<Vec<Id>> {
        let ids = self.landed(request)?;
        self.heard = true;
        self.last_exchange = Some(now);
        self.most = (self.most * 2).min(crate::wire::BATCH);
        self.not_before = now.saturating_add(retry_after_ms.unwrap_or(0).min(DAY_MS));
        Some(ids)
    }

    /// The server answered and yet left some of what was sent waiting, without a word on when to come back: comes
    /// back as after a failure, not at once.
    pub fn left_waiting(&mut self, now: u64, rng: &mut Rng) {
        if self.not_before <= now {
            self.failures = self.failures.saturating_add(1);
            self.not_before = now.saturating_add(self.jitter(rng));
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    fn jitter(&self, rng: &mut Rng) -> u64 {
        let ceiling = (BACK_OFF_MS.0 << self.failures.min(20)).min(BACK_OFF_MS.1);
        BACK_OFF_MS.0 / 2 + (rng.unit() * ceiling as f64) as u64
    }

    /// All that was sent has been dealt with.
    pub const fn settled(&mut self) {
        self.failures = 0;
    }

    /// Whether a signal waits.
    #[must_use]
    pub fn waits(&self, id: Id) -> bool {
        self.waiting.get(&id).is_some()
    }

    /// A request failed as a whole. Returns the ids that can never be sent, with the reason.
    pub fn failed(&mut self, now: u64, request: Id, failure: Failure, rng: &mut Rng) -> Vec<(Id, Code)> {
        let Some(ids) = self.landed(request) else {
            return Vec::new();
        };
        self.failures = self.failures.saturating_add(1);
        self.heard |= failure != Failure::Network;
        let jitter = self.jitter(rng);
        let wait = match failure {
            Failure::Status { status: 413, .. } if ids.len() > 1 => {
                self.most = ids.len() / 2;
                0
            }
            Failure::Status { status: 413, .. } if !ids.is_empty() => {
                ids.iter().for_each(|id| self.remove(*id));
                self.not_before = now;
                return ids.into_iter().map(|id| (id, Code::BodyTooLarge)).collect();
            }
            Failure::Status { retry_after_ms: Some(wait), .. } => wait.min(DAY_MS).max(jitter),
            Failure::Status { status: 400..=428 | 430..=499, .. } => REFUSED_MS,
            Failure::Unspoken => DAY_MS,
            Failure::Network if !self.heard && self.failures >= BLOCKED.0 => BLOCKED.1 + jitter,
            Failure::Network | Failure::Status { .. } => jitter,
        };
        self.not_before = now.saturating_add(wait);
        Vec::new()
    }

    /// When batches go.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        self.settings
    }

    /// How many requests in a row have failed.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests;
