//! The day-one rush: thousands of newcomers who all share sixteen directions say something at once (DESIGN.md, "The
//! model"). Clients that each learn from the same stale weights overshoot; a fold over live sums must not.

use super::town::{candidate, expect, newcomer_says, page, publish, thumb};
use flywheel_core::belief::{Model, Sums, Weights};
use flywheel_core::feature::Candidate;
use flywheel_core::gate;
use flywheel_core::math::{log_loss, sigmoid};
use flywheel_core::rng::Rng;
use flywheel_core::signal::Signal;
use serde_json::{Value, json};

const NEWCOMERS: usize = 2_000;
const LEVELS: [f64; 4] = [-1.2, -0.4, 0.4, 1.2];

/// Sixteen features that are always on, and one of four kinds; with the true probability of a thumb up.
fn things() -> Vec<(Candidate, f64)> {
    let thing = |level: usize| {
        let mut features: serde_json::Map<String, Value> = (0..16).map(|n| (format!("on{n}"), json!(true))).collect();
        features.insert("kind".into(), json!(format!("k{level}")));
        (candidate(Value::Object(features)), sigmoid(1.1 + LEVELS[level]))
    };
    (0..LEVELS.len()).map(thing).collect()
}

/// Mean log-loss over fresh newcomers, in expectation.
fn loss(things: &[(Candidate, f64)], weights: &Weights) -> f64 {
    let mut page = page(Some(weights));
    things.iter().map(|(thing, truth)| log_loss(expect(&mut page, thing), *truth)).sum::<f64>() / things.len() as f64
}

fn oracle(things: &[(Candidate, f64)]) -> f64 {
    things.iter().map(|(_, truth)| log_loss(*truth, *truth)).sum::<f64>() / things.len() as f64
}

fn crowd(things: &[(Candidate, f64)], signals: usize) -> Vec<Vec<Signal>> {
    let mut rng = Rng::new(3);
    let mut says = |n: usize| {
        let (thing, truth) = &things[rng.below(things.len())];
        thumb(thing, rng.unit() < *truth, n as u64)
    };
    (0..NEWCOMERS).map(|person| (0..signals).map(|n| says(person * signals + n)).collect()).collect()
}

/// Sums that were `base` and grew in several places at once.
fn merged(base: &Sums, shards: &[Sums]) -> Sums {
    let mut all = base.clone();
    for shard in shards {
        for (slot, sum) in shard.sorted() {
            all.add(slot, sum - base.at(slot));
        }
    }
    all
}

/// Folds the crowd in so many shards that see each other every `merge` people, and passes what they come to through
/// the gate every `publish` people. Checks every version; returns how far the last is from the oracle, and the
/// smallest step that was taken.
fn rush(signals: usize, shards: usize, merge: usize, every: usize) -> (f64, f64) {
    let (model, things) = (Model::default(), things());
    let (mut base, mut out, mut smallest) = (Sums::new(), Weights::new(&model), 1.0f64);
    let none = loss(&things, &out);
    let mut parts = vec![base.clone(); shards];
    let mut recent = Vec::new();
    for (n, signals) in crowd(&things, signals).iter().enumerate() {
        newcomer_says(&mut parts[n % shards], signals);
        recent.extend(signals.iter().flat_map(|signal| signal.observations(model.space)));
        if (n + 1) % merge == 0 {
            base = merged(&base, &parts);
            parts.fill(base.clone());
        }
        if (n + 1) % every == 0 {
            let last = &recent[recent.len().saturating_sub(500)..];
            let passed = gate::pass(&model, &out, publish(&base), last).expect("the same model");
            let (step, weights) = passed.unwrap_or((0.0, out));
            (out, smallest) = (weights, smallest.min(step));
            let now = loss(&things, &out);
            assert!(now <= none, "{now} after {} people in {shards} shards, {none} without weights", n + 1);
        }
    }
    (loss(&things, &out) - oracle(&things), smallest)
}

#[test]
fn folded_one_after_the_other_no_version_is_worse_than_none_and_the_last_is_near_the_oracle() {
    for signals in [1, 4] {
        let (above, _) = rush(signals, 1, 1, 50);
        assert!(above < 0.05, "{above} with {signals} signals of each");
    }
}

/// Shards that know of each other only every thousand newcomers overshoot together: without the gate the second merge of four
/// signals each predicts worse than none at all. With it the last version is near the oracle.
#[test]
fn sixteen_shards_that_merge_every_thousand_stay_behind_the_gate() {
    for signals in [1, 2, 4] {
        let (above, smallest) = rush(signals, 16, 1_000, 1_000);
        assert!(above < 0.05, "{above} with {signals} signals of each");
        assert!(smallest < 1.0, "the gate had something to do");
    }
}
