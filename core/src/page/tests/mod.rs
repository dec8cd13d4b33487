//! What must hold of a page, whatever the browser does around it.

mod alone;
mod bad_input;
mod explaining;
mod habits;
mod holding;
mod importing;
mod known;
mod learning;
mod lineage;
mod records;
mod redaction;
mod rules;
mod sending;
mod side;
mod tabs;
mod worth;

use super::*;
use crate::belief::Sums;
use crate::feature::{Candidate, Object, Str, Value};
use crate::fold::fold;
use crate::signal::{Correction, Thumb};
use crate::wire::{Outcome, PROTOCOL, Reply, Verdict};
use std::collections::BTreeMap;

pub(super) const DAY: u64 = 24 * 60 * 60 * 1_000;
pub(super) const NOW: u64 = 1_700_000_000_000;

pub(super) fn options(seed: u64) -> Options {
    Options {
        model: Model::default(),
        policy: Policy::GREEDY,
        sync: Settings { automatic: false, ..Settings::default() },
        consent: Consent { learn: true, share: Share::Granted, text: true },
        key: Some("pk_test".into()),
        secret: "00".repeat(16),
        seed,
        layers: Layers::Both,
    }
}

pub(super) fn page(seed: u64) -> Page {
    let mut page = Page::new(options(seed));
    page.ready();
    page
}

pub(super) fn candidate(id: &str, style: &str) -> Candidate {
    Candidate { id: id.into(), features: Object(vec![("style".into(), Value::Text(style.into()))]), text: None }
}

pub(super) fn styles() -> Request {
    Request {
        surface: "answer".into(),
        context: Object(vec![("topic".into(), Value::Text("code".into()))]),
        candidates: vec![candidate("short", "short"), candidate("long", "long"), candidate("list", "list")],
        ..Request::default()
    }
}

/// A server in memory: folds what pages send, publishes after every batch.
pub(super) struct Server {
    pub(super) model: Model,
    pub(super) sums: Sums,
    pub(super) weights: Weights,
    pub(super) sites: BTreeMap<u32, Site>,
    active: BTreeMap<(u32, Id), Diff>,
    seen: BTreeMap<Id, (u64, Diff)>,
}

impl Server {
    pub(super) fn new() -> Self {
        let model = Model::default();
        Self {
            model,
            sums: Sums::new(),
            weights: Weights::new(&model),
            sites: BTreeMap::new(),
            active: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// What it answers to a batch of a person.
    pub(super) fn take(&mut self, person: u32, outbound: &Outbound, now: u64) -> Reply {
        let site = self.sites.entry(person).or_default();
        let mut results = Vec::new();
        for signal in &outbound.batch.signals {
            let signal = signal.signal();
            let (outcome, seq, taught) = if let Some((seq, taught)) = self.seen.get(&signal.id) {
                (Outcome::Duplicate, *seq, taught.clone())
            } else {
                let active = self.active.entry((person, signal.decision)).or_default();
                let folded = fold(&self.model, &mut self.sums, site, active, signal);
                *active = active.plus(&folded.taught);
                let seq = self.seen.len() as u64 + 1;
                self.seen.insert(signal.id, (seq, folded.taught.clone()));
                (Outcome::Ok, seq, folded.taught)
            };
            let id = signal.id.to_string();
            results.push(Verdict { id, outcome, seq: Some(seq), taught: Some(taught), code: None, detail: None });
        }
        for (slot, sum) in self.sums.sorted() {
            self.weights.set(slot, Weights::quantise(&self.model, slot, sum)).expect("inside");
        }
        self.weights.set_head(self.weights.head().version + 1, self.seen.len() as u64);
        Reply { v: PROTOCOL, server_time: now, results, weights: None, retry_after_ms: None }
    }

    /// A whole exchange: send, fold, publish, take the weights as bytes.
    pub(super) fn sync(&mut self, person: u32, page: &mut Page, now: u64) {
        let outbound = page.begin(now, true).expect("may send");
        let reply = self.take(person, &outbound, now);
        page.answered(outbound.request, &reply, now);
        let bytes = crate::belief::encode_full(&self.model, &self.weights);
        page.take_weights(&bytes).expect("reads");
    }
}

/// Puts what a page wrote into a new page, as after a reload.
pub(super) fn reload(writes: &[Writes], weights: Option<&[u8]>, seed: u64, now: u64) -> Page {
    let mut entries: BTreeMap<Id, Entry> = BTreeMap::new();
    let mut decisions: BTreeMap<Id, Record> = BTreeMap::new();
    for write in writes {
        // Through JSON, as through a structured clone.
        for entry in &write.entries {
            let text = serde_json::to_string(entry).expect("json");
            entries.insert(entry.id, serde_json::from_str(&text).expect("reads"));
        }
        for record in &write.decisions {
            // How decisions are stored and read back is the edge's, and tested there.
            decisions.insert(record.id, record.clone());
        }
        for id in &write.expired {
            decisions.remove(id);
        }
    }
    let mut page = Page::new(options(seed));
    page.restore(weights, entries.into_values().collect(), decisions.into_values().collect(), now).expect("restores");
    page.ready();
    page
}

pub(super) fn scores(page: &mut Page, now: u64) -> BTreeMap<Str, f64> {
    let decision = page.rank(styles(), now).expect("ranks");
    decision.order.into_iter().zip(decision.scores).collect()
}
