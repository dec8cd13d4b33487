//! A seeded world of people, crashes, a bad network and a server.
//!
//! What counts as failure: a signal that was saved, or whose page lived on, and that the server does not have once the
//! network is good; a signal that counts twice, here or there; a page whose idea of its own part in the weights is not
//! what the server counted, to the bit; sums that are not zero once everybody is erased.
//! What does not: a signal said within the last unsaved moments before a crash; the order in which pages come.
//! Nondeterminism: none. A failure prints its seed; `FLYWHEEL_SEED=n cargo test -p flywheel-core --test simulation`
//! runs that one alone, `FLYWHEEL_SEEDS=n` runs more.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use flywheel_core::belief::{Diff, Model, Site, Sums, Weights, encode_full};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::fold::{erase, fold};
use flywheel_core::id::Id;
use flywheel_core::journal::{Delivery, Entry, Record};
use flywheel_core::page::{Layers, Options, Outbound, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::rng::Rng;
use flywheel_core::signal::Thumb;
use flywheel_core::sync::{Failure, Settings};
use flywheel_core::wire::{Outcome, PROTOCOL, Reply, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// A server that loses nothing; the network around it does.
struct Server {
    model: Model,
    sums: Sums,
    weights: Weights,
    sites: Vec<Site>,
    active: BTreeMap<(usize, Id), Diff>,
    newest: BTreeMap<(usize, Id), Id>,
    /// Whose it was, its number, and what it taught.
    seen: BTreeMap<Id, (usize, u64, Diff)>,
}

impl Server {
    fn new(people: usize) -> Self {
        let model = Model::default();
        Self {
            model,
            sums: Sums::new(),
            weights: Weights::new(&model),
            sites: vec![Site::new(); people],
            active: BTreeMap::new(),
            newest: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn take(&mut self, person: usize, outbound: &Outbound, now: u64) -> Reply {
        let mut results = Vec::new();
        for signal in &outbound.batch.signals {
            let signal = signal.signal();
            let key = (person, signal.decision);
            let outcome = if self.seen.contains_key(&signal.id) { Outcome::Duplicate } else { Outcome::Ok };
            if outcome == Outcome::Ok {
                // A word that comes after a later one about the same decision changes nothing any more.
                let late = self.newest.get(&key).is_some_and(|id| *id > signal.id);
                let taught = if late {
                    Diff::default()
                } else {
                    let active = self.active.entry(key).or_default();
                    let folded = fold(&self.model, &mut self.sums, &mut self.sites[person], active, signal);
                    *active = active.plus(&folded.taught);
                    self.newest.insert(key, signal.id);
                    folded.taught
                };
                self.seen.insert(signal.id, (person, self.seen.len() as u64 + 1, taught));
            }
            let (_, seq, taught) = self.seen[&signal.id].clone();
            let id = signal.id.to_string();
            results.push(Verdict { id, outcome, seq: Some(seq), taught: Some(taught), code: None, detail: None });
        }
        for (slot, sum) in self.sums.sorted() {
            self.weights.set(slot, Weights::quantise(&self.model, slot, sum)).expect("inside");
        }
        self.weights.set_head(self.weights.head().version + 1, self.seen.len() as u64);
        Reply { v: PROTOCOL, server_time: now, results, weights: None, retry_after_ms: None }
    }
}

struct Person {
    page: Page,
    /// What a crash leaves.
    entries: BTreeMap<Id, Entry>,
    decisions: BTreeMap<Id, Record>,
    weights: Option<Vec<u8>>,
    /// Every signal that was said and not lost in a crash, and the thumbs that are in force, by their own feature.
    said: BTreeSet<Id>,
    unsaved: BTreeSet<Id>,
    standing: BTreeMap<Id, (u64, bool)>,
}

fn open(seed: u64) -> Page {
    Page::new(Options {
        model: Model::default(),
        policy: Policy::default(),
        sync: Settings { automatic: false, ..Settings::default() },
        consent: Consent { learn: true, share: Share::Granted, text: false },
        key: Some("pk".into()),
        secret: "0".repeat(32),
        seed,
        layers: Layers::Both,
    })
}

impl Person {
    fn new(seed: u64) -> Self {
        let mut page = open(seed);
        page.ready();
        Self {
            page,
            entries: BTreeMap::new(),
            decisions: BTreeMap::new(),
            weights: None,
            said: BTreeSet::new(),
            unsaved: BTreeSet::new(),
            standing: BTreeMap::new(),
        }
    }

    /// Says something about something that nobody else ever says anything about.
    fn thumb(&mut self, only: u64, now: u64) {
        let features = Object(vec![("only".into(), Value::Text(only.to_string().into()))]);
        let request = Request {
            surface: "sim".into(),
            candidates: vec![Candidate { id: "x".into(), features, text: None }],
            ..Request::default()
        };
        let decision = self.page.rank(request, now).expect("ranks").id;
        let id = self.page.thumb(decision, Some(Thumb::Up), now).expect("learns");
        self.said.insert(id);
        self.unsaved.insert(id);
        self.standing.insert(decision, (only, true));
    }

    /// Changes the mind about something said before.
    fn change(&mut self, rng: &mut Rng, now: u64) {
        let known: Vec<Id> = self.standing.keys().copied().collect();
        let Some(decision) = known.get(rng.below(known.len())) else { return };
        let thumb = [None, Some(Thumb::Up), Some(Thumb::Down)][rng.below(3)];
        // A crash may have taken the decision before it was saved.
        if let Ok(id) = self.page.thumb(*decision, thumb, now) {
            self.said.insert(id);
            self.unsaved.insert(id);
            self.standing.get_mut(decision).expect("known").1 = thumb.is_some();
        }
    }

    fn save(&mut self) {
        let writes = self.page.take_writes();
        self.entries.extend(writes.entries.into_iter().map(|entry| (entry.id, entry)));
        self.decisions.extend(writes.decisions.into_iter().map(|record| (record.id, record)));
        self.unsaved.clear();
    }

    fn crash(&mut self, seed: u64, now: u64) {
        for lost in std::mem::take(&mut self.unsaved) {
            self.said.remove(&lost);
        }
        // What is in force follows from what was saved.
        let (entries, decisions) =
            (self.entries.values().cloned().collect(), self.decisions.values().cloned().collect());
        self.page = open(seed);
        self.page.restore(self.weights.as_deref(), entries, decisions, now).expect("restores");
        self.page.ready();
        let export = self.page.export();
        self.standing.retain(|decision, _| export.entries.iter().any(|entry| entry.decision == *decision));
        for (decision, (_, stands)) in &mut self.standing {
            let sum = export
                .entries
                .iter()
                .filter(|e| e.decision == *decision)
                .fold(Diff::default(), |sum, e| sum.plus(&e.diff));
            *stands = !sum.0.is_empty();
        }
    }
}

fn run(seed: u64) {
    let mut rng = Rng::new(seed);
    let people = 1 + rng.below(4);
    let mut server = Server::new(people);
    let mut persons: Vec<Person> = (0..people).map(|n| Person::new(seed * 100 + n as u64)).collect();
    let (mut now, mut only, mut used) = (1_700_000_000_000, 0, BTreeSet::new());
    // Requests that the network still holds: they may come to the server at any later time, again or for the first.
    let mut wandering: Vec<(usize, Outbound)> = Vec::new();
    for _ in 0..rng.below(120) {
        now += rng.below(5_000) as u64;
        let at = rng.below(people);
        let person = &mut persons[at];
        match rng.below(10) {
            0..4 => {
                // A slot of its own, so that what is counted there is this signal and nothing else.
                only = (only + 1..).find(|only| used.insert(slot_of(*only))).expect("slots are left");
                person.thumb(only, now);
            }
            4 => person.change(&mut rng, now),
            5 => person.save(),
            6 if rng.below(3) == 0 => person.crash(rng.next_u64(), now),
            7 if !wandering.is_empty() => {
                let (owner, outbound) = wandering.swap_remove(rng.below(wandering.len()));
                server.take(owner, &outbound, now);
            }
            _ => exchange(&mut server, person, at, &mut wandering, &mut rng, now),
        }
    }
    for (owner, outbound) in wandering {
        server.take(owner, &outbound, now);
    }
    for (at, person) in persons.iter_mut().enumerate() {
        settle(&mut server, person, at, now);
    }
    check(server, &persons);
}

fn exchange(
    server: &mut Server,
    person: &mut Person,
    at: usize,
    wandering: &mut Vec<(usize, Outbound)>,
    rng: &mut Rng,
    now: u64,
) {
    let Some(outbound) = person.page.begin(now, true) else { return };
    let fate = rng.below(6);
    if fate == 0 {
        // It may still arrive, long after the page has given up on it.
        wandering.push((at, outbound.clone()));
    }
    if fate <= 1 {
        person.page.failed(outbound.request, Failure::Network, "lost", now);
        return;
    }
    let reply = server.take(at, &outbound, now);
    match fate {
        2 => person.page.failed(outbound.request, Failure::Network, "the answer was lost", now),
        3 => {
            server.take(at, &outbound, now);
            deliver(server, person, &outbound, &reply, now);
            person.page.answered(outbound.request, &reply, now);
        }
        _ => deliver(server, person, &outbound, &reply, now),
    }
}

fn deliver(server: &Server, person: &mut Person, outbound: &Outbound, reply: &Reply, now: u64) {
    person.page.answered(outbound.request, reply, now);
    let bytes = encode_full(&server.model, &server.weights);
    person.page.take_weights(&bytes).expect("reads");
    person.weights = Some(bytes);
}

/// The network is good from here on.
fn settle(server: &mut Server, person: &mut Person, at: usize, now: u64) {
    person.save();
    while let Some(outbound) = person.page.begin(now, true) {
        let reply = server.take(at, &outbound, now);
        deliver(server, person, &outbound, &reply, now);
        if person.page.status().queued == 0 {
            return;
        }
    }
}

fn check(mut server: Server, persons: &[Person]) {
    for (at, person) in persons.iter().enumerate() {
        for id in &person.said {
            assert!(server.seen.contains_key(id), "person {at}: signal {id} is lost");
        }
        let export = person.page.export();
        let here = export.entries.iter().fold(Diff::default(), |sum, entry| sum.plus(&entry.diff));
        assert_eq!(here, person.page.site().to_diff(), "person {at}: the model is not the sum of the journal");
        for (decision, (only, stands)) in &person.standing {
            let slot = slot_of(*only);
            let evidence = person.page.site().at(slot);
            assert_eq!(evidence.is_zero(), !stands, "person {at}: decision {decision} counts wrongly");
            // One thumb adds at most a quarter to the precision; two would add more than one ever can.
            assert!(evidence.precision <= 1 << 18, "person {at}: decision {decision} counts twice");
        }
        // Where no crash took entries that the server had already, the page knows its part in the weights to the bit.
        let known: BTreeSet<Id> = export.entries.iter().map(|entry| entry.id).collect();
        if server.seen.iter().all(|(id, (owner, ..))| *owner != at || known.contains(id)) {
            let taught = export.entries.iter().fold(Diff::default(), |sum, entry| match &entry.delivery {
                Delivery::Acknowledged { taught, .. } => sum.plus(taught),
                _ => sum,
            });
            assert_eq!(taught, server.sites[at].to_diff(), "person {at}: own part differs from the server's");
        }
    }
    for site in &mut server.sites {
        erase(&server.model, &mut server.sums, site);
    }
    assert!(server.sums.sorted().is_empty(), "something is left of people who are erased");
}

fn slot_of(only: u64) -> u32 {
    let of = |object| Model::default().space.vector("sim", &Features::default(), &Features::of(&object));
    let plain = of(Object::default())[0].0;
    let object = Object(vec![("only".into(), Value::Text(only.to_string().into()))]);
    of(object).iter().map(|(slot, _)| *slot).find(|slot| *slot != plain).expect("its own slot")
}

#[test]
fn no_saved_signal_is_lost_and_none_counts_twice() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("FLYWHEEL_SEED") {
        Some(one) => one..one + 1,
        None => 0..number("FLYWHEEL_SEEDS").unwrap_or(400),
    };
    for seed in seeds {
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            eprintln!("the world of FLYWHEEL_SEED={seed} fails");
            std::panic::resume_unwind(panic);
        }
    }
}
