//! A browser: tabs over one storage, and a clock of its own.

use crate::oracle::{Oracle, candidate};
use crate::server::Who;
use flywheel_core::belief::{Model, Weights};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::id::Id;
use flywheel_core::journal::{Delivery, Entry, Record};
use flywheel_core::page::{Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::signal::Thumb;
use flywheel_core::sync::Settings;
use std::collections::BTreeMap;

/// What a crash leaves.
#[derive(Default)]
pub struct Disk {
    pub entries: BTreeMap<Id, Entry>,
    pub decisions: BTreeMap<Id, Record>,
    weights: Option<Weights>,
    /// Persons whom the server has still to be told to erase.
    pub orders: Vec<Who>,
}

/// An open page.
pub struct Tab {
    pub page: Page,
    /// Answers come only to the tab that asked.
    pub born: u64,
    /// Signals that are not on disk.
    unsaved: Vec<Id>,
    /// Requests that it waits for.
    pub asked: Vec<Id>,
}

/// A browser of one person.
pub struct Browser {
    pub who: Who,
    pub consent: Consent,
    pub disk: Disk,
    pub tabs: Vec<Tab>,
    /// Milliseconds that its clock is ahead.
    pub off: i64,
}

impl Browser {
    pub fn new(who: Who, share: Share) -> Self {
        let consent = Consent { learn: true, share, text: false };
        Self { who, consent, disk: Disk::default(), tabs: Vec::new(), off: 0 }
    }

    /// Opens a tab from what is on disk.
    pub fn open(&mut self, seed: u64, now: u64) {
        let mut page = Page::new(Options {
            model: Model::default(),
            policy: Policy::default(),
            sync: Settings { wait_ms: 1_000, bytes: 3_000, ..Settings::default() },
            consent: self.consent,
            key: Some("pk".into()),
            secret: secret(self.who),
            seed,
            layers: Layers::Both,
        });
        let (entries, decisions) =
            (self.disk.entries.values().cloned().collect(), self.disk.decisions.values().cloned().collect());
        page.restore(None, entries, decisions, now).expect("restores");
        if let Some(weights) = &self.disk.weights {
            page.share_weights(weights.clone());
        }
        page.ready();
        self.tabs.push(Tab { page, born: seed, unsaved: Vec::new(), asked: Vec::new() });
    }

    pub fn tab(&mut self, born: u64) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.born == born)
    }

    /// Says something about something that nobody else ever says anything about.
    pub fn say(&mut self, at: usize, oracle: &mut Oracle, now: u64) {
        let (only, slot) = oracle.fresh();
        let tab = &mut self.tabs[at];
        let request = Request { surface: "sim".into(), candidates: vec![candidate(only)], ..Request::default() };
        let decision = tab.page.rank(request, now).expect("ranks").id;
        oracle.decisions.insert(decision, slot);
        if let Ok(id) = tab.page.thumb(decision, Some(Thumb::Up), now) {
            tab.unsaved.push(id);
            oracle.say(id, self.who, decision, self.consent.share, tab.page.site().at(slot));
        }
    }

    /// Changes the mind about something said before, in whatever tab; the tabs have heard of each other by then.
    pub fn change(&mut self, at: usize, pick: usize, oracle: &mut Oracle, now: u64) {
        self.save_all(now);
        let tab = &mut self.tabs[at];
        let known: Vec<Id> = tab.page.export().entries.iter().map(|entry| entry.decision).collect();
        let Some(decision) = known.get(pick % known.len().max(1)) else { return };
        let slot = oracle.decisions[decision];
        let thumb = [None, Some(Thumb::Up), Some(Thumb::Down)][pick % 3];
        // A crash may have taken the decision and left what was said about it.
        if let Ok(id) = tab.page.thumb(*decision, thumb, now) {
            tab.unsaved.push(id);
            oracle.say(id, self.who, *decision, self.consent.share, tab.page.site().at(slot));
        }
    }

    /// Saves what a tab wrote. A write that is cut keeps the first `kept` records.
    pub fn save(&mut self, at: usize, kept: usize) {
        let tab = &mut self.tabs[at];
        let writes = tab.page.take_writes();
        self.disk.weights = Some(tab.page.weights().clone());
        let decisions = writes.decisions.len();
        for record in writes.decisions.into_iter().take(kept) {
            self.disk.decisions.insert(record.id, record);
        }
        for entry in writes.entries.into_iter().take(kept.saturating_sub(decisions)) {
            tab.unsaved.retain(|id| *id != entry.id);
            self.disk.entries.insert(entry.id, entry);
        }
        for id in writes.expired.iter().filter(|_| kept == usize::MAX) {
            self.disk.decisions.remove(id);
        }
    }

    /// A tab hears of what the others saved.
    pub fn catch_up(&mut self, at: usize, now: u64) {
        let page = &mut self.tabs[at].page;
        let entries: Vec<Entry> =
            self.disk.entries.values().filter(|entry| page.entry(entry.id).is_none()).cloned().collect();
        let decisions: Vec<Record> =
            self.disk.decisions.values().filter(|record| page.decision(record.id).is_none()).cloned().collect();
        page.restore(None, entries, decisions, now).expect("restores");
    }

    pub fn save_all(&mut self, now: u64) {
        (0..self.tabs.len()).for_each(|at| self.save(at, usize::MAX));
        (0..self.tabs.len()).for_each(|at| self.catch_up(at, now));
    }

    /// A tab is gone, and with it what it had not saved.
    pub fn crash(&mut self, at: usize, oracle: &mut Oracle) {
        let tab = self.tabs.swap_remove(at);
        tab.unsaved.iter().for_each(|id| oracle.lose(*id));
    }

    /// The person changes what is allowed, in all tabs.
    pub fn allow(&mut self, consent: Consent, oracle: &mut Oracle, now: u64) {
        self.save_all(now);
        let refuses = consent.share == Share::Denied && self.consent.share != Share::Denied;
        if refuses {
            let acknowledged = |entry: &Entry| matches!(entry.delivery, Delivery::Acknowledged { .. });
            for id in self.tabs.iter().flat_map(|tab| tab.page.export().entries).filter(|e| !acknowledged(e)) {
                oracle.refuse(id.id);
            }
        }
        self.consent = consent;
        self.tabs.iter_mut().for_each(|tab| tab.page.set_consent(consent));
        self.save_all(now);
    }

    /// The person is forgotten, here and, once the order has come there, on the server.
    pub fn forget(&mut self, who: Who, oracle: &mut Oracle) {
        oracle.forget(self.who);
        let orders = std::mem::take(&mut self.disk.orders);
        self.disk = Disk { orders, ..Disk::default() };
        self.disk.orders.push(self.who);
        self.who = who;
        for tab in &mut self.tabs {
            tab.page.forget(secret(who));
            tab.page.take_writes();
            tab.page.take_events();
            tab.unsaved.clear();
        }
    }
}

fn secret(who: Who) -> String {
    format!("{who:032x}")
}
