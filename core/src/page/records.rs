//! The records that decisions leave, on their way to the endpoint. They go with what is sent anyway, or when the page is
//! left; they are bounded, and the first thing to be left out: no signal waits for them or is lost by them. They are
//! kept in memory only (docs/decisions/0120-records-of-decisions.md).

use super::Page;
use super::deliver::{candidate_size, object_size};
use crate::feature::Object;
use crate::hold_out;
use crate::id::Id;
use crate::sync::Failure;
use crate::wire::{Decided, RECORDS};

/// A record on its way.
pub type Told = Decided;

/// Most bytes of records in a request.
const BYTES: usize = 16 * 1_024;
/// Most bytes of one record; without its candidates it is less.
const ONE: usize = 8 * 1_024;
/// A page is not left with a request for less room than this.
const LEAST: usize = 1_024;

/// A decision whose record is to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) id: Id,
    pub(super) held_out: bool,
    /// Whether all candidates were kept.
    pub(super) whole: bool,
    /// The share of decisions that records were kept of.
    kept: f64,
}

#[derive(Clone, Debug)]
struct Flight {
    request: Id,
    outlives: bool,
    made: Vec<Made>,
}

/// Records that wait and those on their way.
#[derive(Clone, Debug)]
pub(super) struct Records {
    waiting: Vec<Made>,
    flights: Vec<Flight>,
    /// The share of decisions that the endpoint asks for; 0 once it has refused them.
    asked: f64,
    /// The share that records are kept of, less where so many were made that not all can wait.
    kept: f64,
}

impl Records {
    pub(super) const fn new() -> Self {
        Self { waiting: Vec::new(), flights: Vec::new(), asked: 1.0, kept: 1.0 }
    }

    /// From here on records of this share are kept, 0 to 1.
    pub(super) fn keep(&mut self, share: f64) {
        (self.asked, self.kept) = (share, share);
        self.thin();
    }

    /// A decision was made.
    pub(super) fn note(&mut self, id: Id, held_out: bool, whole: bool) {
        self.waiting.push(Made { id, held_out, whole, kept: self.kept });
        self.thin();
    }

    /// Those that the share leaves out go, and those that stay stand for them.
    fn thin(&mut self) {
        loop {
            for mut made in core::mem::take(&mut self.waiting) {
                made.kept = made.kept.min(self.kept);
                if hold_out::place(&made.id.text()) < made.kept {
                    self.waiting.push(made);
                }
            }
            if self.waiting.len() <= RECORDS {
                return;
            }
            self.kept /= 2.0;
        }
    }

    /// Nothing of what waits is sent.
    pub(super) fn clear(&mut self) {
        *self = Self { asked: self.asked, kept: self.asked, ..Self::new() };
    }

    /// Whether something would be lost with the page.
    fn is_at_risk(&self) -> bool {
        let ends = |flight: &Flight| !flight.outlives && !flight.made.is_empty();
        !self.waiting.is_empty() || self.flights.iter().any(ends)
    }

    fn landed(&mut self, request: Id) -> Vec<Made> {
        let place = self.flights.iter().position(|flight| flight.request == request);
        let made = place.map(|place| self.flights.remove(place).made).unwrap_or_default();
        if self.waiting.is_empty() && self.flights.is_empty() {
            self.kept = self.asked;
        }
        made
    }
}

impl Page {
    /// Records that go with a request, as many as there is room for beside what is in it; none while signals stay behind.
    pub(super) fn carry(&mut self, request: Id, outlives: bool) -> Vec<Decided> {
        let room = self.outbox.room_beside().min(BYTES);
        let mut made = Vec::new();
        for flight in &mut self.records.flights {
            // A request that may end with the page is not relied upon.
            if outlives && !flight.outlives {
                made.append(&mut flight.made);
            }
        }
        made.append(&mut self.records.waiting);
        let (mut decided, mut count, mut bytes) = (Vec::new(), 0, 0);
        for next in made.iter().take(RECORDS) {
            // What is not kept any more leaves no record.
            if let Some((record, size)) = self.tell(*next) {
                if bytes + size > room {
                    break;
                }
                bytes += size;
                decided.push(record);
            }
            count += 1;
        }
        self.records.waiting = made.split_off(count);
        if count > 0 {
            self.outbox.carry(request, bytes);
            self.records.flights.push(Flight { request, outlives, made });
        }
        decided
    }

    /// Whether records are worth a request of their own when the page is left.
    pub(super) fn has_last_records(&self) -> bool {
        self.records.is_at_risk() && self.outbox.room_beside() >= LEAST
    }

    /// A request was answered: its records are there.
    pub(super) fn told(&mut self, request: Id) {
        self.records.landed(request);
    }

    /// A request failed. What it carried waits again, unless it may have been the reason; then no signal shall suffer
    /// from it, and the failure is one that passes.
    pub(super) fn untold(&mut self, request: Id, failure: Failure) -> Failure {
        let mut made = self.records.landed(request);
        match failure {
            Failure::Status { status: 400..=407 | 409..=428 | 430..=499, .. } if !made.is_empty() => {
                self.records.keep(0.0);
                Failure::Status { status: 503, retry_after_ms: None }
            }
            failure => {
                made.append(&mut self.records.waiting);
                self.records.waiting = made;
                self.records.thin();
                failure
            }
        }
    }

    /// The record of a decision and an estimate of its bytes.
    fn tell(&self, made: Made) -> Option<(Decided, usize)> {
        let record = self.decisions.get(&made.id)?;
        let mut decided = Decided {
            id: made.id,
            surface: record.surface.clone(),
            choice: record.choice(),
            held_out: made.held_out,
            kept: made.kept,
            context: Object::default(),
            candidates: Vec::new(),
        };
        let order: usize = decided.choice.order.iter().map(|id| id.len() + 3).sum();
        let mut bytes = 240 + record.surface.len() + order;
        if record.how.explored && made.whole {
            let all = record.candidates.iter().map(|shown| candidate_size(&shown.candidate));
            let size = object_size(&record.context) + all.sum::<usize>();
            if size <= ONE {
                bytes += size;
                decided.context = Object::clone(&record.context);
                decided.candidates = record.candidates.iter().map(|shown| shown.candidate.clone()).collect();
            }
        }
        Some((decided, bytes))
    }
}
