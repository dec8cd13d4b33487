//! From sums to a published version, behind the gate: a *draft* is taken from the sums, made into a version away from
//! the writer's thread, and *released* by the writer if nothing overtook it.

use super::app::App;
use super::history::{self, Row};
use super::shelf::Whole;
use super::{alarm, tally};
use flywheel_core::belief::{Evidence, Model, Weights, encode_delta, encode_full};
use flywheel_core::error::Result;
use flywheel_core::gate;
use flywheel_core::learner::Observation;
use rusqlite::Connection;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the sums were when it was time to publish.
#[derive(Debug)]
pub struct Draft {
    pub(super) app: i64,
    pub(super) name: String,
    pub(super) model: Model,
    /// Which line of versions it continues: after an erasure or a roll-back there is another.
    pub(super) line: u64,
    /// What is published now; its cells are shared, not copied.
    pub(super) current: Weights,
    /// Sums that may differ from what is published.
    pub(super) sums: Vec<(u32, Evidence)>,
    pub(super) seq: u64,
    /// Signals that were folded until then, as [`App::folded`] counts.
    pub(super) folded: u64,
    pub(super) recent: Vec<Observation>,
    pub(super) as_whole: bool,
}

/// A version that may be released.
#[derive(Debug)]
pub struct Version {
    pub(super) app: i64,
    line: u64,
    folded: u64,
    outcome: Outcome,
}

/// What the gate said.
#[derive(Debug)]
enum Outcome {
    /// Nothing is different from what is published.
    Same,
    /// No step towards the sums predicts as well as what is published.
    HeldBack,
    /// The weights `step` of the way to the sums.
    Passed { step: f64, pressed: Box<Pressed> },
}

/// A version in all the forms that it is needed in.
#[derive(Debug)]
pub(super) struct Pressed {
    pub(super) weights: Weights,
    pub(super) changed: Vec<u32>,
    /// For the disk: a whole if `base` is 0, else a step.
    pub(super) base: u64,
    pub(super) bytes: Vec<u8>,
    /// For pages that fetch it, when it does not fit into a reply.
    pub(super) whole: Option<Whole>,
}

impl Pressed {
    pub(super) fn new(name: &str, model: &Model, before: &Weights, weights: Weights, as_whole: bool) -> Self {
        let changed: Vec<u32> = weights.changed_from(before).collect();
        let full = encode_full(model, &weights);
        let whole = Whole::of_bytes(name, weights.head(), &full);
        let base = if as_whole { 0 } else { before.head().version };
        let bytes = if base == 0 {
            full
        } else {
            let cells: Vec<_> = changed.iter().map(|slot| (*slot, weights.cell(*slot))).collect();
            encode_delta(model, base, weights.head(), &cells)
        };
        Self { weights, changed, base, bytes, whole }
    }
}

impl Draft {
    /// Makes the version: quantises, asks the gate, encodes and compresses. Takes about 100 ms for 2¹⁸ slots.
    ///
    /// # Errors
    /// As [`gate::pass`].
    pub fn make(self) -> Result<Version> {
        let mut candidate = self.current.clone();
        for &(slot, sum) in &self.sums {
            candidate.set(slot, Weights::quantise(&self.model, slot, sum))?;
        }
        let head = self.current.head();
        let outcome = if candidate.head().hash == head.hash && self.seq == head.seq {
            Outcome::Same
        } else {
            candidate.set_head(head.version + 1, self.seq);
            match gate::pass(&self.model, &self.current, candidate, &self.recent)? {
                None => Outcome::HeldBack,
                Some((step, weights)) => {
                    let pressed = Pressed::new(&self.name, &self.model, &self.current, weights, self.as_whole);
                    Outcome::Passed { step, pressed: Box::new(pressed) }
                }
            }
        };
        Ok(Version { app: self.app, line: self.line, folded: self.folded, outcome })
    }
}

impl Version {
    /// Whether it is the sums as they were, nothing held back.
    pub(super) const fn is_whole_step(&self) -> bool {
        matches!(self.outcome, Outcome::Same | Outcome::Passed { step: 1.0, .. })
    }
}

impl App {
    /// Takes a draft of the sums, when there is something to publish and nothing forbids it.
    pub(super) fn draft(&mut self) -> Option<Draft> {
        if self.frozen {
            return None;
        }
        self.recall();
        if self.unquantised.is_empty() && self.seq == self.published.weights.head().seq {
            return None;
        }
        self.in_flight = self.unquantised.take();
        self.tried = self.folded;
        Some(Draft {
            app: self.id,
            name: self.name.clone(),
            model: self.model,
            line: self.line,
            current: self.published.weights.clone(),
            sums: self.in_flight.iter().map(|slot| (*slot, self.sums.at(*slot))).collect(),
            seq: self.seq,
            folded: self.folded,
            recent: self.recent.observations(),
            as_whole: self.chain.wants_whole(),
        })
    }

    /// Takes a draft that is still being made back: what comes of it will not be released, and its slots wait again.
    pub(super) fn recall(&mut self) {
        self.unquantised.extend(std::mem::take(&mut self.in_flight));
        self.line = next_line();
    }

    /// Publishes a version that was made from a draft, unless it was recalled. Returns what is to be fetched of it.
    pub(super) fn release(&mut self, db: &Connection, version: &Version, now_ms: u64) -> Result<Option<Whole>> {
        if version.line != self.line {
            return Ok(None);
        }
        let drafted = std::mem::take(&mut self.in_flight);
        match &version.outcome {
            Outcome::Same => Ok(None),
            Outcome::HeldBack => {
                self.unquantised.extend(drafted);
                self.held_back += 1;
                let number = self.published.weights.head().version;
                let detail = format!("version {number} stays: it predicts the most recent signals better");
                alarm::note(db, self.id, alarm::Kind::HeldBack, &detail, now_ms)?;
                // Once is often chance; again and again is not.
                if self.held_back >= 4 && self.held_back.is_power_of_two() {
                    tracing::error!(app = self.name, times = self.held_back, detail, "nothing is published");
                } else {
                    tracing::warn!(app = self.name, detail, "held back");
                }
                Ok(None)
            }
            Outcome::Passed { step, pressed } => {
                if *step < 1.0 {
                    self.unquantised.extend(drafted);
                    alarm::note(db, self.id, alarm::Kind::SteppedBack, &format!("a step of {step}"), now_ms)?;
                }
                self.held_back = 0;
                self.put_out(db, pressed, *step, version.folded, now_ms)?;
                Ok(pressed.whole.clone())
            }
        }
    }

    /// Writes a version down and makes it the newest. It contains the first `folded` signals.
    pub(super) fn put_out(
        &mut self,
        db: &Connection,
        pressed: &Pressed,
        step: f64,
        folded: u64,
        now_ms: u64,
    ) -> Result<()> {
        let Pressed { weights, changed, base, bytes, .. } = pressed;
        let signals = folded.saturating_sub(self.out);
        history::write(db, self.id, Row { weights, base: *base, bytes, step, signals, at: now_ms })?;
        self.out = folded;
        self.measures.published(now_ms, weights.head().version, folded);
        tally::prune(db, self.id, weights.head().version, now_ms)?;
        self.chain.add(*base == 0, bytes.len());
        self.published.advance(weights.clone(), changed);
        Ok(())
    }

    /// Publishes the sums as they are now, here and at once. Returns what is to be fetched of the new version.
    pub(super) fn publish(&mut self, db: &Connection, now_ms: u64) -> Result<Option<Whole>> {
        match self.draft() {
            Some(draft) => self.release(db, &draft.make()?, now_ms),
            None => Ok(None),
        }
    }
}

/// A number that no line of versions had in this process.
pub(super) fn next_line() -> u64 {
    static LINES: AtomicU64 = AtomicU64::new(0);
    LINES.fetch_add(1, Ordering::Relaxed)
}
