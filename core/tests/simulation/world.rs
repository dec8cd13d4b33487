//! Time, chance and the network.

use crate::browser::Browser;
use crate::oracle::Oracle;
use crate::server::{Mood, Server, Who};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::id::Id;
use flywheel_core::page::Outbound;
use flywheel_core::rng::Rng;
use flywheel_core::sync::Failure;
use flywheel_core::wire::Reply;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Furthest that a clock is off, in days.
const JUMP_DAYS: usize = 20;

/// What the network holds: it may come late, twice or never.
#[derive(Clone)]
enum Message {
    Batch { from: usize, tab: u64, outbound: Box<Outbound> },
    Order { from: usize, who: Who },
    Answer { to: usize, tab: u64, request: Id, said: Result<Reply, Failure> },
    Erased { to: usize, who: Who },
}

struct World {
    rng: Rng,
    time: u64,
    server: Server,
    browsers: Vec<Browser>,
    /// On its way.
    air: Vec<Message>,
    /// What the server will say once it has committed.
    pending: Vec<Message>,
    oracle: Oracle,
    /// Numbers for tabs and people.
    next: u64,
}

/// Runs the world of a seed: how many signals were said in it.
pub fn run(seed: u64) -> usize {
    let mut world = World::new(seed);
    for _ in 0..20 + world.rng.below(60) {
        world.time += world.rng.below(5_000) as u64;
        world.step();
    }
    world.settle();
    world.oracle.check(world.server, &mut world.browsers)
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut world = Self {
            time: 1_700_000_000_000,
            server: Server::new(),
            browsers: Vec::new(),
            air: Vec::new(),
            pending: Vec::new(),
            oracle: Oracle::default(),
            next: seed << 20,
            rng: rng.clone(),
        };
        for at in 0..1 + rng.below(3) {
            let share = if rng.below(5) == 0 { Share::Ask } else { Share::Granted };
            let who = world.number();
            world.browsers.push(Browser::new(who, share));
            (0..1 + rng.below(3)).for_each(|_| world.open(at));
        }
        world
    }

    const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn open(&mut self, at: usize) {
        let (seed, now) = (self.number(), self.now(at));
        self.browsers[at].open(seed, now);
    }

    fn now(&self, at: usize) -> u64 {
        self.time.saturating_add_signed(self.browsers[at].off)
    }

    fn step(&mut self) {
        let at = self.rng.below(self.browsers.len());
        let (now, tab) = (self.now(at), self.rng.below(self.browsers[at].tabs.len()));
        match self.rng.below(100) {
            0..22 => self.browsers[at].say(tab, &mut self.oracle, now),
            22..28 => {
                let pick = self.rng.below(1_000);
                self.browsers[at].change(tab, pick, &mut self.oracle, now);
            }
            28..36 => self.browsers[at].save(tab, usize::MAX),
            36..40 => self.browsers[at].catch_up(tab, now),
            40..43 => self.crash(at, tab),
            43 if self.browsers[at].tabs.len() < 3 => self.open(at),
            44 => self.browsers[at].off = (self.rng.below(2 * JUMP_DAYS + 1) as i64 - JUMP_DAYS as i64) * DAY_MS,
            45..47 => self.change_consent(at),
            47 => {
                let who = self.number();
                self.browsers[at].forget(who, &mut self.oracle);
            }
            48..50 => {
                let moods = [Mood::Busy(None), Mood::Busy(Some(9_000)), Mood::Foreign, Mood::Hesitant];
                let narrow = Mood::Narrow(1 + self.rng.below(3));
                self.server.mood = moods.get(self.rng.below(10)).copied().unwrap_or(narrow);
            }
            50..54 => self.server.mood = Mood::Well,
            54..57 => {
                // Who waited for an answer never hears it.
                self.pending.clear();
                self.server.restart();
            }
            57..63 => self.commit(),
            63..80 => self.send(at, tab),
            80..83 => self.give_up(at, tab),
            _ => self.blow(),
        }
    }

    /// A tab or the whole browser is gone, in the middle of a write perhaps.
    fn crash(&mut self, at: usize, tab: usize) {
        if self.rng.below(2) == 0 {
            let kept = self.rng.below(4);
            self.browsers[at].save(tab, kept);
        }
        let whole = self.rng.below(3) == 0;
        let browser = &mut self.browsers[at];
        browser.crash(tab, &mut self.oracle);
        while whole && !browser.tabs.is_empty() {
            browser.crash(0, &mut self.oracle);
        }
        if browser.tabs.is_empty() {
            self.open(at);
        }
    }

    fn change_consent(&mut self, at: usize) {
        let now = self.now(at);
        let share = [Share::Ask, Share::Granted, Share::Granted, Share::Denied][self.rng.below(4)];
        let learn = self.rng.below(8) > 0;
        if !learn {
            let who = self.number();
            self.browsers[at].forget(who, &mut self.oracle);
        }
        self.browsers[at].allow(Consent { learn, share, text: false }, &mut self.oracle, now);
    }

    /// What a tab or the storage has to send, if anything.
    fn send(&mut self, at: usize, tab: usize) {
        let now = self.now(at);
        let (asked, leaving) = (self.rng.below(2) == 0, self.rng.below(4) == 0);
        let browser = &mut self.browsers[at];
        self.air.extend(browser.disk.orders.iter().map(|who| Message::Order { from: at, who: *who }));
        let share = if browser.consent.learn { browser.consent.share } else { Share::Denied };
        let tab = &mut browser.tabs[tab];
        let outbound = if leaving { tab.page.last_words(now) } else { tab.page.begin(now, asked) };
        if let Some(outbound) = outbound {
            self.oracle.sends(&outbound, share);
            tab.asked.push(outbound.request);
            self.air.push(Message::Batch { from: at, tab: tab.born, outbound: Box::new(outbound) });
        }
    }

    /// A tab waits no longer.
    fn give_up(&mut self, at: usize, tab: usize) {
        let now = self.now(at);
        let tab = &mut self.browsers[at].tabs[tab];
        for request in tab.asked.drain(..) {
            tab.page.failed(request, Failure::Network, "offline", now);
        }
    }

    /// The network does something to something.
    fn blow(&mut self) {
        if self.air.is_empty() {
            return;
        }
        let place = self.rng.below(self.air.len());
        match self.rng.below(10) {
            0 => drop(self.air.swap_remove(place)),
            1 => self.arrive(self.air[place].clone()),
            _ => {
                let message = self.air.swap_remove(place);
                self.arrive(message);
            }
        }
    }

    fn arrive(&mut self, message: Message) {
        match message {
            Message::Batch { from, tab, outbound } => {
                let said = self.server.take(&outbound, self.time);
                let refused = said.is_err();
                let answer = Message::Answer { to: from, tab, request: outbound.request, said };
                if refused { self.air.push(answer) } else { self.pending.push(answer) }
            }
            Message::Order { from, who } => {
                self.server.erase(who);
                self.pending.push(Message::Erased { to: from, who });
            }
            Message::Erased { to, who } => self.browsers[to].disk.orders.retain(|order| *order != who),
            Message::Answer { to, tab, request, said } => {
                let (now, weights) = (self.now(to), self.server.weights.clone());
                let Some(tab) = self.browsers[to].tab(tab) else { return };
                tab.asked.retain(|asked| *asked != request);
                match said {
                    Ok(reply) => {
                        tab.page.answered(request, &reply, now);
                        tab.page.share_weights(weights);
                    }
                    Err(failure) => tab.page.failed(request, failure, "unavailable", now),
                }
            }
        }
    }

    /// What the server took is on disk; now it says so.
    fn commit(&mut self) {
        self.server.commit();
        if self.rng.below(2) == 0 {
            self.server.publish();
        }
        self.air.append(&mut self.pending);
    }

    /// The network is good from here on, and everybody's patience ends.
    fn settle(&mut self) {
        self.server.mood = Mood::Well;
        while !self.air.is_empty() || !self.pending.is_empty() {
            while !self.air.is_empty() {
                let place = self.rng.below(self.air.len());
                let message = self.air.swap_remove(place);
                self.arrive(message);
            }
            self.commit();
        }
        for at in 0..self.browsers.len() {
            let now = self.now(at);
            self.browsers[at].save_all(now);
            for tab in 0..self.browsers[at].tabs.len() {
                self.give_up(at, tab);
                for _ in 0..100 {
                    self.exchange(at, tab);
                    if self.browsers[at].tabs[tab].page.status().queued == 0 {
                        break;
                    }
                }
            }
            self.browsers[at].save_all(now);
        }
    }

    fn exchange(&mut self, at: usize, tab: usize) {
        let now = self.now(at);
        let browser = &mut self.browsers[at];
        let orders: Vec<Message> =
            browser.disk.orders.iter().map(|who| Message::Order { from: at, who: *who }).collect();
        let share = browser.consent.share;
        let tab = &mut browser.tabs[tab];
        let batch = tab.page.begin(now, true).map(|outbound| {
            self.oracle.sends(&outbound, share);
            Message::Batch { from: at, tab: tab.born, outbound: Box::new(outbound) }
        });
        for message in orders.into_iter().chain(batch) {
            self.arrive(message);
        }
        self.commit();
        for message in std::mem::take(&mut self.air) {
            self.arrive(message);
        }
    }
}
