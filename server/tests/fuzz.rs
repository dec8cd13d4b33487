//! The fuzz targets (fuzz/src/targets.rs) with a seeded mutator, for a few seconds: `FLYWHEEL_SEEDS=n` for n inputs each,
//! `FLYWHEEL_SEED=n` for one alone, `FLYWHEEL_CORPUS=DIR` writes what they begin with.
//!
//! What counts as failure: a panic, in the target or in what it calls. Nothing here depends on time or on the machine.

#[path = "../../fuzz/src/targets.rs"]
mod targets;

use flywheel_core::base64;
use flywheel_core::belief::{Cell, Model, Weights, encode_delta, encode_full};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Choice, Correction, Feedback, Signal, Thumb};
use flywheel_core::wire::{Batch, Decided, Erase, PROTOCOL};
use flywheel_server::replay::{SynthArgs, synth};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>, u64);

/// Name, what must hold, what to begin with, and how many inputs take about two seconds.
const TARGETS: [Target; 3] = [
    ("wire", targets::wire, batches, 2_000),
    ("weights", targets::weights, weights, 3_000),
    ("replay", targets::replay, logs, 3_000),
];

/// What breaks readers: structure, limits, and the words of the formats.
const TOKENS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "-0",
    "1e999",
    "-1",
    "0.1",
    "18446744073709551616",
    "1e-320",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "é",
    "__proto__",
    "\"weight\":64",
    "\"retract\"",
    "\"regenerate\"",
    "\"thumb\"",
    "\"prefer\"",
    "\"over\"",
    "\"correction\"",
    "\"share\"",
    "\"rewards\"",
    "\"chosen\"",
    "\"earlier\"",
    "\"text\"",
    "\n",
    "FWW1",
];

fn object(names: &[&str]) -> Object {
    let value = |at: usize| match at % 5 {
        0 => Value::Text("short".into()),
        1 => Value::Number(-2.5e3),
        2 => Value::Flag(true),
        3 => Value::List(vec![Value::Text("a".into()), Value::Number(1.0)]),
        _ => Value::Text("a text of more than six words, which is text wherever it stands".into()),
    };
    Object(names.iter().enumerate().map(|(at, name)| ((*name).into(), value(at))).collect())
}

fn candidate(id: &str) -> Candidate {
    Candidate {
        id: id.into(),
        features: object(&["a", "b", "c", "d", "e"]),
        text: Some("Some words. Some more!".into()),
    }
}

fn batches() -> Vec<Vec<u8>> {
    let said = [
        Feedback::Thumb(Thumb::Up),
        Feedback::Thumb(Thumb::Down),
        Feedback::Retract,
        Feedback::Regenerate,
        Feedback::Prefer { over: candidate("other") },
        Feedback::Reward { value: 0.5, reason: Some("copied".into()) },
        Feedback::Correction(Correction::of_texts("teh answer".into(), "the answer".into())),
        Feedback::Correction(Correction {
            share: 0.25,
            shown_form: object(&["text.size"]),
            corrected_form: object(&["text.size", "text.list"]),
            ..Correction::default()
        }),
    ];
    let signal = |(n, feedback): (u64, &Feedback)| Signal {
        id: Id::new(n, [n, n]),
        at: 1_750_000_000_000,
        decision: Id::new(n / 2, [n / 2, 1]),
        surface: "answer".into(),
        context: object(&["prompt", "turns", "c", "d", "history"]),
        shown: candidate("shown"),
        choice: Some(Choice { order: vec!["shown".into(), "other".into()], propensity: 0.5, ..Choice::default() }),
        earlier: (n % 2 == 0).then(|| candidate("earlier")),
        feedback: feedback.clone(),
        weight: None,
        automated: false,
    };
    let batch = |signals| Batch {
        v: PROTOCOL,
        key: "pk_0".into(),
        secret: "0".repeat(32),
        request: Id::new(1, [1, 1]),
        sent_at: 1_750_000_000_000,
        model: Model::default().id(),
        version: 0,
        consent: Consent { share: Share::Granted, text: true, ..Consent::default() },
        signals,
        decisions: vec![Decided {
            id: Id::new(7, [7, 7]),
            surface: "answer".into(),
            choice: Choice { order: vec!["shown".into()], propensity: 0.01, explored: true, ..Choice::default() },
            held_out: true,
            kept: 0.5,
            context: object(&["prompt", "turns"]),
            candidates: vec![candidate("shown"), candidate("other")],
        }],
    };
    let all: Vec<_> = (0..).zip(&said).map(signal).collect();
    let mut corpus: Vec<_> =
        all.iter().map(|one| serde_json::to_vec(&batch(vec![one.clone()])).expect("JSON")).collect();
    corpus.push(serde_json::to_vec(&batch(all)).expect("JSON"));
    let order = Erase { v: PROTOCOL, key: "pk_0".into(), secret: "0".repeat(32) };
    corpus.push(serde_json::to_vec(&order).expect("JSON"));
    corpus
}

fn weights() -> Vec<Vec<u8>> {
    let model = Model::default();
    let mut rng = Rng::new(4);
    let mut corpus = vec![encode_full(&model, &Weights::new(&model))];
    for count in [1, 3, 40, 300] {
        let mut weights = Weights::new(&model);
        for _ in 0..count {
            let cell = Cell { precision: rng.below(200) as u8, mean: rng.below(0x7B00) as u16 };
            weights.set(rng.below(model.cells() as usize) as u32, cell).expect("inside");
        }
        weights.set_head(2, 9);
        corpus.push(encode_full(&model, &weights));
        let few: Vec<_> = weights.cells().take(20).collect();
        corpus.push(encode_delta(&model, 1, weights.head(), &few));
    }
    corpus.push(base64::decode("AzRn").expect("what the protocol's example taught"));
    corpus
}

fn logs() -> Vec<Vec<u8>> {
    let args =
        SynthArgs { people: 2, thumbs: 2, rounds: 1, candidates: 3, common: 1.0, spread: 1.0, seed: 5, out: None };
    let lines = |text: &str| text.replace("; ", "\n").into_bytes();
    let mut synthetic = Vec::new();
    for row in synth(&args) {
        serde_json::to_writer(&mut synthetic, &row).expect("JSON");
        synthetic.push(b'\n');
    }
    vec![
        synthetic,
        lines(
            r#"{"user":"a","at":1,"context":{"t":"x"},"candidates":[{"id":"s","features":{"l":1}},{"id":"t","text":"words"}],"chosen":1,"propensity":0.5,"group":"g","feedback":{"thumb":"up"}}; {"user":"a","at":2,"candidates":[{"id":"s"},{"id":"t"}],"group":"g","feedback":{"prefer":1}}"#,
        ),
        lines(
            r#"{"user":"b","at":3,"feedback":{"correction":{"shown":"teh","corrected":"the"}}}; {"user":"b","at":4,"candidates":[{"id":"s"}],"feedback":{"regenerate":true}}; {"user":"b","at":5,"candidates":[{"id":"s"}],"feedback":{"reward":0.25}}"#,
        ),
    ]
}

/// Changes some of the bytes: flips, cuts, doubles, swaps, splices, and puts in tokens.
fn mutate(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut Rng) {
    for _ in 0..=rng.below(4) {
        let (at, len) = (rng.below(bytes.len() + 1), rng.below(16));
        let end = (at + len).min(bytes.len());
        match rng.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
            1 if at < bytes.len() => bytes[at] = rng.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            4 => {
                let digits = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at);
                let digits: Vec<_> = digits.collect();
                if let Some(at) = (!digits.is_empty()).then(|| digits[rng.below(digits.len())]) {
                    bytes[at] = b'0' + rng.below(10) as u8;
                }
            }
            5 => {
                let other = &corpus[rng.below(corpus.len())];
                let from = rng.below(other.len().max(1));
                bytes.truncate(at);
                bytes.extend(other.get(from..).unwrap_or_default());
            }
            6 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, TOKENS[rng.below(TOKENS.len())].bytes())),
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn run(name: &str) {
    let (_, target, corpus, usual) = TARGETS.into_iter().find(|(known, ..)| *known == name).expect("a target");
    let corpus = corpus();
    let seeds = match number("FLYWHEEL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FLYWHEEL_SEEDS").unwrap_or(0).max(usual),
    };
    for seed in seeds {
        let mut rng = Rng::new(seed);
        let mut bytes = corpus[rng.below(corpus.len())].clone();
        // The first few are the corpus itself.
        if seed >= corpus.len() as u64 {
            mutate(&mut bytes, &corpus, &mut rng);
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&bytes))) {
            eprintln!("FLYWHEEL_SEED={seed} breaks {name}: {}", String::from_utf8_lossy(&bytes));
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn no_batch_breaks_the_wire() {
    run("wire");
}

#[test]
fn no_bytes_break_the_weights_codec() {
    run("weights");
}

#[test]
fn no_log_breaks_the_replay_reader() {
    run("replay");
}

#[test]
fn the_corpus_is_taken_as_it_is() {
    for (name, target, corpus, _) in TARGETS {
        for (number, bytes) in corpus().iter().enumerate() {
            target(bytes);
            if let Some(folder) = std::env::var_os("FLYWHEEL_CORPUS") {
                // Tests start in their package's folder.
                let folder = std::path::Path::new("..").join(folder).join(name);
                std::fs::create_dir_all(&folder).expect("a folder");
                std::fs::write(folder.join(number.to_string()), bytes).expect("writes");
            }
        }
    }
    for batch in batches().iter().take(9) {
        assert!(serde_json::from_slice::<Batch<Signal, Decided>>(batch).is_ok_and(|batch| !batch.signals.is_empty()));
    }
    assert!(weights().iter().take(1).all(|bytes| bytes.starts_with(b"FWW1")));
    for log in logs() {
        assert!(flywheel_server::replay::log::parse(&log[..]).is_ok_and(|rows| !rows.is_empty()));
    }
}
