//! What is sent.

use crate::Args;
use flywheel_core::belief::Model;
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Choice, Feedback, Signal, Thumb};
use flywheel_core::wire::{Batch, Decided, PROTOCOL};

/// Different values of each feature.
const VALUES: usize = 50;

/// When it all takes place: milliseconds since 1970.
pub const NOW: u64 = 1_800_000_000_000;

/// One thumb of a person; `n` is never the same twice.
pub fn signal(args: &Args, rng: &mut Rng, n: u64) -> Signal {
    let mut object = |prefix: char, count: usize| {
        let values = (0..count)
            .map(|at| (format!("{prefix}{at}").into(), Value::Text(format!("value-{}", rng.below(VALUES)).into())));
        Object(values.collect())
    };
    let (context, features) = (object('c', args.context), object('f', args.features));
    let thumb = if rng.unit() < 0.6 { Thumb::Up } else { Thumb::Down };
    Signal {
        id: Id::new(NOW + n, [n, rng.next_u64()]),
        at: NOW,
        decision: Id::new(NOW + n, [n, rng.next_u64()]),
        surface: "answer".into(),
        context,
        shown: Candidate { id: "short".into(), features, text: None },
        choice: Some(Choice {
            order: vec!["short".into(), "long".into(), "list".into()],
            propensity: 0.98,
            explored: false,
            prediction: 0.6,
            version: 1,
        }),
        earlier: None,
        feedback: Feedback::Thumb(thumb),
        weight: None,
        automated: false,
    }
}

/// A batch of `person` as its bytes.
pub fn body(key: &str, person: u64, version: u64, signals: Vec<Signal>) -> Vec<u8> {
    let batch = Batch {
        v: PROTOCOL,
        key: key.to_owned(),
        secret: format!("{person:032x}"),
        request: Id::new(NOW, [person, 0]),
        sent_at: NOW,
        model: Model::default().id(),
        version,
        consent: Consent { share: Share::Granted, ..Consent::default() },
        signals,
        decisions: Vec::<Decided>::new(),
    };
    serde_json::to_vec(&batch).expect("JSON")
}

/// `count` batches, each of another person, made beforehand so that making them is not measured.
pub fn bodies(args: &Args, key: &str, count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut rng = Rng::new(seed);
    let mut n = seed << 32;
    let mut next = || {
        n += 1;
        n
    };
    (0..count)
        .map(|_| {
            let signals = (0..args.signals).map(|_| signal(args, &mut rng, next())).collect();
            // People come back: a batch is the work of one of ten thousand.
            body(key, rng.next_u64() % 10_000, 0, signals)
        })
        .collect()
}
