//! In the page.

use super::Work;
use super::people::request;
use flywheel_core::belief::Model;
use flywheel_core::consent::Consent;
use flywheel_core::feature::Features;
use flywheel_core::id::Id;
use flywheel_core::page::{Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::rng::Rng;
use flywheel_core::signal::Thumb as Said;
use flywheel_core::sync::Settings;
use std::hint::black_box;

const SIGNALS: u64 = 1_000;
const NOW: u64 = 1_800_000_000_000;

const fn said(at: u64) -> Said {
    if at.is_multiple_of(3) { Said::Down } else { Said::Up }
}

/// A page whose person has said something a thousand times.
fn page(rng: &mut Rng) -> Page {
    let mut page = Page::new(Options {
        model: Model::default(),
        policy: Policy::default(),
        sync: Settings::default(),
        consent: Consent::default(),
        key: None,
        secret: String::new(),
        seed: 1,
        layers: Layers::Both,
    });
    page.ready();
    for at in 0..SIGNALS {
        let decision = page.rank(request(rng, 1), NOW + at).expect("a decision");
        page.thumb(decision.id, Some(said(at)), NOW + at).expect("a signal");
    }
    let _ = page.take_writes();
    page
}

/// A decision of 10 candidates × 20 features with five keys of context. The request is copied, as the edge makes one.
#[derive(Clone)]
pub struct Rank {
    page: Page,
    requests: Vec<Request>,
}

impl Work for Rank {
    const NAME: &'static str = "rank";
    const STEPS: usize = 200;

    fn new() -> Self {
        let mut rng = Rng::new(1);
        let page = page(&mut rng);
        Self { page, requests: (0..Self::STEPS).map(|_| request(&mut rng, 10)).collect() }
    }

    fn step(&mut self, at: usize) {
        let request = self.requests[at % self.requests.len()].clone();
        black_box(self.page.rank(request, NOW + SIGNALS).expect("a decision"));
    }
}

/// A thumb about such a decision.
#[derive(Clone)]
pub struct Thumb {
    page: Page,
    decisions: Vec<Id>,
}

impl Work for Thumb {
    const NAME: &'static str = "learn";
    const STEPS: usize = 200;

    fn new() -> Self {
        let Rank { mut page, requests } = Rank::new();
        let mut decide = |request| page.rank(request, NOW + SIGNALS).expect("a decision").id;
        let decisions = requests.into_iter().map(&mut decide).collect();
        let _ = page.take_writes();
        Self { page, decisions }
    }

    fn step(&mut self, at: usize) {
        let decision = self.decisions[at % self.decisions.len()];
        black_box(self.page.thumb(decision, Some(said(at as u64)), NOW + SIGNALS).expect("a signal"));
    }
}

/// The features of one candidate.
#[derive(Clone)]
pub struct Featurise {
    requests: Vec<Request>,
}

impl Work for Featurise {
    const NAME: &'static str = "featurise";
    const STEPS: usize = 1_000;

    fn new() -> Self {
        let mut rng = Rng::new(2);
        Self { requests: (0..200).map(|_| request(&mut rng, 1)).collect() }
    }

    fn step(&mut self, at: usize) {
        let candidate = &self.requests[at % self.requests.len()].candidates[0];
        black_box(Features::of_candidate(black_box(candidate)));
    }
}
