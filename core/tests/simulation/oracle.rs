//! What must have become of everything that was said.

use crate::browser::{Browser, Tab};
use crate::server::{Server, Who, is_poison};
use flywheel_core::belief::{Diff, Evidence, Model, contribution};
use flywheel_core::consent::Share;
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::fold::erase;
use flywheel_core::id::Id;
use flywheel_core::journal::Delivery;
use flywheel_core::page::{Event, Outbound};
use flywheel_core::signal::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Features that have a slot of their own.
const FEATURES: usize = 256;

struct Word {
    who: Who,
    /// The evidence at the decision's slot right after it was said.
    evidence: Evidence,
    /// It was not saved when its tab crashed.
    lost: bool,
    /// Sharing was refused when it was said or while it waited.
    refused: bool,
    /// It stood in a request.
    sent: bool,
}

/// Everything that was said.
#[derive(Default)]
pub struct Oracle {
    /// Decisions and the slot that is theirs alone.
    pub decisions: BTreeMap<Id, u32>,
    words: BTreeMap<Id, Word>,
    forgotten: BTreeSet<Who>,
}

impl Oracle {
    /// A feature of its own.
    pub fn fresh(&self) -> (usize, u32) {
        let only = self.decisions.len() % FEATURES;
        (only, slots()[only])
    }

    pub fn say(&mut self, id: Id, who: Who, decision: Id, share: Share, evidence: Evidence) {
        assert!(self.decisions.contains_key(&decision));
        let word = Word { who, evidence, lost: false, refused: share == Share::Denied, sent: false };
        assert!(self.words.insert(id, word).is_none(), "an id twice");
    }

    pub fn lose(&mut self, id: Id) {
        self.words.get_mut(&id).expect("was said").lost = true;
    }

    pub fn refuse(&mut self, id: Id) {
        self.words.get_mut(&id).expect("was said").refused = true;
    }

    pub fn forget(&mut self, who: Who) {
        self.forgotten.insert(who);
    }

    /// What leaves must be allowed to.
    pub fn sends(&mut self, outbound: &Outbound, share: Share) {
        assert_eq!(share, Share::Granted, "a request without consent");
        for signal in &outbound.batch.signals {
            let word = self.words.get_mut(&signal.signal().id).expect("was said");
            assert!(!word.refused, "{}: sent although it was refused", signal.signal().id);
            word.sent = true;
        }
    }

    /// The network is good and everything was sent that may be: how many signals were said.
    pub fn check(&self, mut server: Server, browsers: &mut [Browser]) -> usize {
        let share: BTreeMap<Who, Share> = browsers.iter().map(|b| (b.who, b.consent.share)).collect();
        for (id, word) in &self.words {
            let total = server.memory.seen.get(id).map_or(0, |counted| counted.times);
            let expected = if self.forgotten.contains(&word.who) || is_poison(*id) || !word.sent {
                assert!(
                    word.sent || word.lost || word.refused || share.get(&word.who) != Some(&Share::Granted),
                    "{id}: never sent"
                );
                0..=0
            } else if word.lost || word.refused || share[&word.who] != Share::Granted {
                0..=1
            } else {
                1..=1
            };
            assert!(expected.contains(&total), "{id}: the server's total is {total}, not {expected:?}");
        }
        for browser in browsers.iter_mut() {
            let who = browser.who;
            let sites: Vec<Diff> = browser.tabs.iter().map(|tab| tab.page.site().to_diff()).collect();
            assert!(sites.windows(2).all(|two| two[0] == two[1]), "two tabs differ");
            browser.tabs.iter_mut().for_each(|tab| self.check_tab(tab, who, &server));
        }
        self.check_server(&server);
        for site in server.memory.sites.values_mut() {
            erase(&server.model, &mut server.memory.sums, site);
        }
        assert!(server.memory.sums.sorted().is_empty(), "something is left of people who are erased");
        self.words.len()
    }

    fn check_tab(&self, tab: &mut Tab, who: Who, server: &Server) {
        let dropped = tab.page.take_events().iter().filter(|event| matches!(event, Event::Dropped { .. })).count();
        let counted: u64 = tab.page.status().dropped.values().sum();
        assert_eq!(dropped as u64, counted, "a signal was given up and not counted");
        let export = tab.page.export();
        let here = export.entries.iter().fold(Diff::default(), |sum, entry| sum.plus(&entry.diff));
        assert_eq!(here, tab.page.site().to_diff(), "the model is not the sum of the journal");
        let latest: BTreeMap<Id, Id> = export.entries.iter().map(|entry| (entry.decision, entry.id)).collect();
        for (decision, last) in latest {
            let evidence = tab.page.site().at(self.decisions[&decision]);
            assert_eq!(evidence, self.words[&last].evidence, "{decision}: its total here is not 1");
        }
        // Where no crash took entries that the server had already, the page knows its part in the weights to the bit.
        let taught: BTreeMap<Id, &Diff> = export
            .entries
            .iter()
            .filter_map(|entry| match &entry.delivery {
                Delivery::Acknowledged { taught, .. } => Some((entry.id, taught)),
                _ => None,
            })
            .collect();
        let theirs = server.memory.seen.iter().filter(|(_, counted)| counted.who == who);
        if theirs.clone().all(|(id, _)| taught.contains_key(id)) {
            let own = taught.values().fold(Diff::default(), |sum, taught| sum.plus(taught));
            let there = server.memory.sites.get(&who).map(flywheel_core::belief::Site::to_diff).unwrap_or_default();
            assert_eq!(own, there, "own part differs from the server's");
        }
    }

    fn check_server(&self, server: &Server) {
        let owners: BTreeMap<Id, Who> = server.memory.seen.keys().map(|id| (*id, self.words[id].who)).collect();
        let people: BTreeSet<Who> = owners.values().copied().collect();
        for (decision, slot) in &self.decisions {
            for who in &people {
                let Some((id, last)) = server.memory.latest(*who, *decision) else { continue };
                let evidence = server.memory.sites[who].at(*slot);
                assert_eq!(evidence, last.evidence, "{decision}: its total on the server is not 1");
                // One thumb adds at most a quarter to the precision; what is taken back nothing.
                let taken_back = self.words[&id].evidence.is_zero();
                assert_eq!(evidence.is_zero(), taken_back, "{decision}: taken back here and not there, or there alone");
                assert!(evidence.precision <= 1 << 18, "{decision}: its total on the server is over 1");
                let vote = contribution(&server.model, *slot, evidence);
                assert_eq!(server.memory.sums.at(*slot), vote, "{decision}: the sums hold something else");
            }
        }
    }
}

pub fn candidate(only: usize) -> Candidate {
    let features = Object(vec![("only".into(), Value::Text(names()[only].to_string().into()))]);
    Candidate { id: names()[only].to_string().as_str().into(), features, text: None }
}

/// The slot that is a signal's alone.
pub fn slot_of_signal(signal: &Signal) -> u32 {
    let place = names().iter().position(|name| *signal.shown.id == *name.to_string());
    slots()[place.expect("a candidate of this world")]
}

fn table() -> &'static (Vec<u32>, Vec<u32>) {
    static TABLE: OnceLock<(Vec<u32>, Vec<u32>)> = OnceLock::new();
    TABLE.get_or_init(|| {
        let of = |object: &Object| Model::default().space.vector("sim", &Features::default(), &Features::of(object));
        let plain = of(&Object::default())[0].0;
        let (mut names, mut slots) = (Vec::new(), Vec::new());
        for name in 0u32.. {
            let object = Object(vec![("only".into(), Value::Text(name.to_string().into()))]);
            let slot = of(&object).iter().map(|(slot, _)| *slot).find(|slot| *slot != plain).expect("its own slot");
            if !slots.contains(&slot) {
                names.push(name);
                slots.push(slot);
            }
            if slots.len() == FEATURES {
                break;
            }
        }
        (names, slots)
    })
}

fn names() -> &'static [u32] {
    &table().0
}

fn slots() -> &'static [u32] {
    &table().1
}
