//! People who say one thing each about things of known worth, and a server that folds it.

use flywheel_core::belief::{Diff, Model, Site, Sums, Weights, encode_full};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object};
use flywheel_core::fold::fold;
use flywheel_core::id::Id;
use flywheel_core::page::{Layers, Options, Page, Request};
use flywheel_core::rank::Policy;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_core::sync::Settings;
use serde_json::Value;

pub const NOW: u64 = 1_700_000_000_000;

/// A candidate with these features.
pub fn candidate(features: Value) -> Candidate {
    let features: Object = serde_json::from_value(features).expect("an object");
    Candidate { id: "it".into(), features, ..Candidate::default() }
}

/// A thumb about it.
pub fn thumb(shown: &Candidate, up: bool, number: u64) -> Signal {
    let id = Id::new(NOW, [0, number]);
    Signal {
        id,
        at: NOW,
        decision: id,
        surface: "town".into(),
        context: Object::default(),
        shown: shown.clone(),
        choice: None,
        earlier: None,
        weight: None,
        automated: false,
        feedback: Feedback::Thumb(if up { Thumb::Up } else { Thumb::Down }),
    }
}

/// Folds what one newcomer says.
pub fn newcomer_says(sums: &mut Sums, signals: &[Signal]) {
    let mut site = Site::new();
    for signal in signals {
        fold(&Model::default(), sums, &mut site, &Diff::default(), signal);
    }
}

/// What is published of these sums.
pub fn publish(sums: &Sums) -> Weights {
    let model = Model::default();
    let mut weights = Weights::new(&model);
    for (slot, sum) in sums.sorted() {
        weights.set(slot, Weights::quantise(&model, slot, sum)).expect("inside");
    }
    weights.set_head(1, 1);
    weights
}

/// A page that opens for the first time.
pub fn page(weights: Option<&Weights>) -> Page {
    let mut page = Page::new(Options {
        model: Model::default(),
        policy: Policy { epsilon: 0.0, ..Policy::default() },
        sync: Settings { automatic: false, ..Settings::default() },
        consent: Consent { learn: true, share: Share::Granted, text: true },
        key: Some("pk_town".into()),
        secret: "0".repeat(32),
        seed: 5,
        layers: Layers::Both,
    });
    page.ready();
    if let Some(weights) = weights {
        page.take_weights(&encode_full(&Model::default(), weights)).expect("reads back");
    }
    page
}

/// The probability that a page gives a candidate.
pub fn expect(page: &mut Page, shown: &Candidate) -> f64 {
    let request = Request { surface: "town".into(), candidates: vec![shown.clone()], ..Request::default() };
    page.rank(request, NOW).expect("ranks").scores[0]
}
