//! A server that loses nothing that it acknowledged: what is not committed it forgets when it restarts.

use crate::oracle::slot_of_signal;
use flywheel_core::belief::{Diff, Evidence, Model, Site, Sums, Weights};
use flywheel_core::fold::{erase, fold};
use flywheel_core::id::Id;
use flywheel_core::page::Outbound;
use flywheel_core::sync::Failure;
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// A person, as the number in the device secret.
pub type Who = u64;

/// What became of a signal.
#[derive(Clone, Debug)]
pub struct Counted {
    pub who: Who,
    pub seq: u64,
    pub taught: Diff,
    /// The evidence at the signal's own slot after it was folded.
    pub evidence: Evidence,
    /// How often it was folded.
    pub times: u32,
}

/// What is on disk after a commit.
#[derive(Clone, Debug, Default)]
pub struct Books {
    pub sums: Sums,
    pub sites: BTreeMap<Who, Site>,
    active: BTreeMap<(Who, Id), Diff>,
    newest: BTreeMap<(Who, Id), Id>,
    pub seen: BTreeMap<Id, Counted>,
    erased: BTreeSet<Who>,
    seq: u64,
}

/// How it feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// Not now, and perhaps when.
    Busy(Option<u64>),
    /// Batches of more signals than this are too large.
    Narrow(usize),
    /// It does not speak this version.
    Foreign,
    /// It says `retry` to every other signal.
    Hesitant,
}

/// The server.
pub struct Server {
    pub model: Model,
    disk: Books,
    pub memory: Books,
    /// What was published of what is on disk.
    pub weights: Weights,
    pub mood: Mood,
}

impl Server {
    pub fn new() -> Self {
        let model = Model::default();
        Self {
            model,
            disk: Books::default(),
            memory: Books::default(),
            weights: Weights::new(&model),
            mood: Mood::Well,
        }
    }

    /// What it will say once this is committed.
    pub fn take(&mut self, outbound: &Outbound, now: u64) -> Result<Reply, Failure> {
        let signals = &outbound.batch.signals;
        let status = |status, retry_after_ms| Err(Failure::Status { status, retry_after_ms });
        match self.mood {
            Mood::Busy(wait) => return status(503, wait),
            Mood::Narrow(most) if signals.len() > most => return status(413, None),
            Mood::Foreign => return Err(Failure::Unspoken),
            _ => {}
        }
        let who = Who::from_str_radix(&outbound.batch.secret, 16).expect("a secret");
        let mut results = Vec::new();
        for (place, outgoing) in signals.iter().enumerate() {
            let signal = outgoing.signal();
            let mut verdict = Verdict {
                id: signal.id.to_string(),
                outcome: Outcome::Retry,
                seq: None,
                taught: None,
                code: None,
                detail: None,
            };
            if self.memory.erased.contains(&who) {
                verdict.outcome = Outcome::Erased;
            } else if is_poison(signal.id) {
                (verdict.outcome, verdict.code) = (Outcome::Rejected, Some("invalid_value".into()));
            } else if self.mood != Mood::Hesitant || place % 2 == 0 {
                let known = self.memory.seen.contains_key(&signal.id);
                verdict.outcome = if known { Outcome::Duplicate } else { Outcome::Ok };
                if !known {
                    self.memory.count(&self.model, who, signal);
                }
                let counted = &self.memory.seen[&signal.id];
                if counted.who == who {
                    (verdict.seq, verdict.taught) = (Some(counted.seq), Some(counted.taught.clone()));
                }
            }
            results.push(verdict);
        }
        Ok(Reply { v: PROTOCOL, server_time: now, results, weights: None, retry_after_ms: None })
    }

    /// Takes a person out.
    pub fn erase(&mut self, who: Who) {
        let books = &mut self.memory;
        erase(&self.model, &mut books.sums, books.sites.entry(who).or_default());
        books.sites.remove(&who);
        books.seen.retain(|_, counted| counted.who != who);
        books.active.retain(|(owner, _), _| *owner != who);
        books.newest.retain(|(owner, _), _| *owner != who);
        books.erased.insert(who);
    }

    /// What was taken is on disk.
    pub fn commit(&mut self) {
        self.disk = self.memory.clone();
    }

    /// What was not committed is forgotten.
    pub fn restart(&mut self) {
        self.memory = self.disk.clone();
    }

    /// Publishes what is on disk.
    pub fn publish(&mut self) {
        let gone: Vec<u32> = self.weights.cells().map(|(slot, _)| slot).collect();
        let sums = self.disk.sums.sorted();
        for slot in gone.into_iter().chain(sums.into_iter().map(|(slot, _)| slot)) {
            let cell = Weights::quantise(&self.model, slot, self.disk.sums.at(slot));
            self.weights.set(slot, cell).expect("inside");
        }
        self.weights.set_head(self.weights.head().version + 1, self.disk.seq);
    }
}

/// One in so many signals is never taken.
pub fn is_poison(id: Id) -> bool {
    id.as_bytes()[15].is_multiple_of(64)
}

impl Books {
    fn count(&mut self, model: &Model, who: Who, signal: &flywheel_core::signal::Signal) {
        let (key, slot) = ((who, signal.decision), slot_of_signal(signal));
        let site = self.sites.entry(who).or_default();
        // A word that comes after a later one about the same decision changes nothing any more.
        let taught = if self.newest.get(&key).is_some_and(|id| *id > signal.id) {
            Diff::default()
        } else {
            let active = self.active.entry(key).or_default();
            let folded = fold(model, &mut self.sums, site, active, signal);
            *active = active.plus(&folded.taught);
            self.newest.insert(key, signal.id);
            folded.taught
        };
        self.seq += 1;
        let times = self.seen.get(&signal.id).map_or(0, |counted| counted.times) + 1;
        let counted = Counted { who, seq: self.seq, taught, evidence: site.at(slot), times };
        self.seen.insert(signal.id, counted);
    }

    /// The latest word about a decision that came here.
    pub fn latest(&self, who: Who, decision: Id) -> Option<(Id, &Counted)> {
        self.newest.get(&(who, decision)).map(|id| (*id, &self.seen[id]))
    }
}
