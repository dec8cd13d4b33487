//! When to send and what: the state machine of the page's outbox. It has no clock and no network; the page tells it
//! what happened and does what it says.

use crate::error::Code;
use crate::id::Id;
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { count: 20, wait_ms: 5_000, bytes: 20 * 1_024, refresh_ms: 300_000, automatic: true }
    }
}

/// Shortest and longest wait after a failure, in milliseconds; in between it doubles ("full jitter": Brooker 2015,
/// "Exponential Backoff And Jitter").
const BACK_OFF_MS: (u64, u64) = (1_000, 300_000);
/// Wait after a refusal that will not go away by itself, in milliseconds.
const REFUSED_MS: u64 = 300_000;

#[derive(Clone, Debug)]
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
}

/// The outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    settings: Settings,
    open: bool,
    waiting: Map<Id, Waiting>,
    flight: Option<(Id, Vec<Id>)>,
    failures: u32,
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
            waiting: Map::new(),
            flight: None,
            failures: 0,
            not_before: 0,
            last_exchange: None,
            most: crate::wire::BATCH,
        }
    }

    /// Whether anything may be sent: there is an endpoint, and the person allows it.
    pub const fn set_open(&mut self, open: bool) {
        self.open = open;
    }

    /// Puts a signal in. `bytes` is an estimate of its size on the wire.
    pub fn push(&mut self, id: Id, since: u64, bytes: usize, explicit: bool) {
        self.waiting.insert(id, Waiting { since, bytes, explicit });
    }

    /// Takes a signal out: the server has spoken about it, or it must not be sent.
    pub fn remove(&mut self, id: Id) {
        let _ = self.waiting.remove(&id);
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
        self.flight.as_ref().map_or(0, |(_, ids)| ids.len())
    }

    /// When to look again: milliseconds since 1970, or `None` if only something new can change anything.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        if !self.open || self.flight.is_some() || !self.settings.automatic {
            return None;
        }
        let oldest = self.waiting.values().map(|w| w.since).min();
        let signals = oldest.map(|since| if self.is_full() { 0 } else { since.saturating_add(self.settings.wait_ms) });
        let refresh = match (self.last_exchange, self.settings.refresh_ms) {
            (None, _) => Some(0),
            (Some(_), 0) => None,
            (Some(last), every) => Some(last.saturating_add(every)),
        };
        signals.into_iter().chain(refresh).min().map(|at| at.max(self.not_before))
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= self.settings.count.min(self.most)
            || self.waiting.values().map(|w| w.bytes).sum::<usize>() >= self.settings.bytes
    }

    /// Begins a request when it is time, or at once when `now_or_never` says so (the app asks, or the page is being
    /// left): the ids to send, possibly none, in order.
    pub fn begin(&mut self, now: u64, request: Id, now_or_never: bool) -> Option<Vec<Id>> {
        let due = self.due().is_some_and(|at| at <= now);
        if !self.open || self.flight.is_some() || !(due || now_or_never) {
            return None;
        }
        let ids = self.pick();
        self.flight = Some((request, ids.clone()));
        Some(ids)
    }

    /// Explicit feedback first, then in the order of time; always at least one.
    fn pick(&self) -> Vec<Id> {
        let of = |explicit| self.waiting.iter().filter(move |(_, waiting)| waiting.explicit == explicit);
        let (mut ids, mut bytes) = (Vec::new(), 0);
        for (id, waiting) in of(true).chain(of(false)) {
            bytes += waiting.bytes;
            if !ids.is_empty() && (bytes > self.settings.bytes || ids.len() >= self.most) {
                break;
            }
            ids.push(*id);
        }
        // The server folds in the order of the batch; a later word about a decision must come later.
        sort_by_key(&mut ids, |id| *id);
        ids
    }

    /// The answer to a request came. Returns false for an answer to a request that is not under way.
    pub fn answered(&mut self, now: u64, request: Id, retry_after_ms: Option<u64>) -> bool {
        if self.flight.as_ref().is_none_or(|(id, _)| *id != request) {
            return false;
        }
        self.flight = None;
        self.last_exchange = Some(now);
        self.most = (self.most * 2).min(crate::wire::BATCH);
        self.not_before = now.saturating_add(retry_after_ms.unwrap_or(0).min(24 * 60 * 60 * 1_000));
        true
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

    /// The signals that are on their way.
    #[must_use]
    pub fn on_their_way(&self) -> Vec<Id> {
        self.flight.as_ref().map_or_else(Vec::new, |(_, ids)| ids.clone())
    }

    /// A request failed as a whole. Returns the ids that can never be sent, with the reason.
    pub fn failed(&mut self, now: u64, request: Id, failure: Failure, rng: &mut Rng) -> Vec<(Id, Code)> {
        let Some((_, ids)) = self.flight.take_if(|(id, _)| *id == request) else {
            return Vec::new();
        };
        self.failures = self.failures.saturating_add(1);
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
            Failure::Status { retry_after_ms: Some(wait), .. } => wait.min(24 * 60 * 60 * 1_000).max(jitter),
            Failure::Status { status: 400..=499, .. } => REFUSED_MS,
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
mod tests {
    use super::*;

    fn outbox(signals: u64) -> Outbox {
        let mut outbox = Outbox::new(Settings::default());
        outbox.set_open(true);
        for n in 0..signals {
            outbox.push(Id::new(n, [n, n]), 1_000, 500, true);
        }
        outbox
    }

    const REQUEST: Id = Id::new(1, [2, 3]);

    #[test]
    fn a_batch_goes_by_count_by_bytes_by_time_or_when_asked() {
        let mut fresh = outbox(1);
        fresh.last_exchange = Some(0);
        assert_eq!(fresh.due(), Some(6_000));
        assert_eq!(fresh.begin(5_999, REQUEST, false), None);
        assert_eq!(fresh.clone().begin(5_999, REQUEST, true).map(|ids| ids.len()), Some(1));
        assert_eq!(fresh.begin(6_000, REQUEST, false).map(|ids| ids.len()), Some(1));
        let mut full = outbox(20);
        full.last_exchange = Some(0);
        assert_eq!(full.begin(1_000, REQUEST, false).map(|ids| ids.len()), Some(20));
        let mut heavy = outbox(0);
        heavy.last_exchange = Some(0);
        heavy.push(REQUEST, 1_000, 60_000, false);
        assert_eq!(heavy.begin(1_000, REQUEST, false), Some(vec![REQUEST]));
    }

    #[test]
    fn the_first_exchange_is_at_once_and_only_one_is_under_way() {
        let mut outbox = outbox(0);
        assert_eq!(outbox.begin(0, REQUEST, false), Some(vec![]));
        assert_eq!(outbox.begin(0, REQUEST, true), None);
        assert!(outbox.answered(10, REQUEST, None));
        assert!(!outbox.answered(10, REQUEST, None), "an answer counts once");
        assert_eq!(outbox.due(), Some(10 + 300_000));
    }

    #[test]
    fn nothing_goes_while_it_is_closed() {
        let mut outbox = outbox(50);
        outbox.set_open(false);
        assert_eq!((outbox.due(), outbox.begin(1 << 40, REQUEST, true)), (None, None));
    }

    #[test]
    fn failures_wait_longer_up_to_a_cap_and_nothing_leaves_the_outbox() {
        let (mut outbox, mut rng) = (outbox(5), Rng::new(9));
        let mut now = 0;
        for _ in 0..40 {
            assert!(outbox.begin(now, REQUEST, true).is_some());
            assert!(outbox.failed(now, REQUEST, Failure::Network, &mut rng).is_empty());
            let due = outbox.due().expect("will try again");
            assert!(due > now && due <= now + BACK_OFF_MS.1 + BACK_OFF_MS.0);
            now = due;
        }
        assert_eq!(outbox.len(), 5);
        let failure = Failure::Status { status: 503, retry_after_ms: Some(400_000) };
        assert!(outbox.begin(now, REQUEST, false).is_some());
        outbox.failed(now, REQUEST, failure, &mut rng);
        assert!(outbox.due() >= Some(now + 400_000));
    }

    #[test]
    fn a_batch_that_is_too_large_is_halved_down_to_one_which_is_set_aside() {
        let (mut outbox, mut rng) = (outbox(16), Rng::new(9));
        let large = Failure::Status { status: 413, retry_after_ms: None };
        for expected in [16, 8, 4, 2] {
            assert_eq!(outbox.begin(9_000, REQUEST, true).map(|ids| ids.len()), Some(expected));
            assert!(outbox.failed(9_000, REQUEST, large, &mut rng).is_empty());
        }
        assert_eq!(outbox.begin(9_000, REQUEST, true).map(|ids| ids.len()), Some(1));
        assert_eq!(outbox.failed(9_000, REQUEST, large, &mut rng).len(), 1);
        assert_eq!(outbox.len(), 15);
    }

    #[test]
    fn explicit_feedback_goes_first_when_not_all_fits() {
        let mut outbox = outbox(0);
        for n in 0..10 {
            outbox.push(Id::new(n, [0, 0]), 0, 5_000, n >= 6);
        }
        let times: Vec<u64> = outbox.begin(0, REQUEST, true).expect("sends").iter().map(Id::at_ms).collect();
        assert_eq!(times, [6, 7, 8, 9]);
    }
}
