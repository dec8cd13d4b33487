//! The day-one rush: thousands of newcomers who all share sixteen directions say something at once (DESIGN.md, "The
//! model"). Clients that each learn from the same stale weights overshoot; a fold over live sums must not.

use super::town::{candidate, expect, newcomer_says, page, publish, thumb};
use flywheel_core::belief::Sums;
use flywheel_core::feature::Candidate;
use flywheel_core::math::{log_loss, sigmoid};
use flywheel_core::rng::Rng;
use flywheel_core::signal::Signal;
use serde_json::{Value, json};

const NEWCOMERS: usize = 2_000;
/// What each of them says.
const SIGNALS: usize = 4;
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

/// Mean log-loss over fresh newcomers, in expectation: of weights, and of the truth.
fn loss(things: &[(Candidate, f64)], sums: Option<&Sums>) -> f64 {
    let weights = sums.map(publish);
    let mut page = page(weights.as_ref());
    things.iter().map(|(thing, truth)| log_loss(expect(&mut page, thing), *truth)).sum::<f64>() / things.len() as f64
}

fn oracle(things: &[(Candidate, f64)]) -> f64 {
    things.iter().map(|(_, truth)| log_loss(*truth, *truth)).sum::<f64>() / things.len() as f64
}

fn crowd(things: &[(Candidate, f64)], seed: u64) -> Vec<Vec<Signal>> {
    let mut rng = Rng::new(seed);
    let mut says = |n: usize| {
        let (thing, truth) = &things[rng.below(things.len())];
        thumb(thing, rng.unit() < *truth, n as u64)
    };
    (0..NEWCOMERS).map(|person| (0..SIGNALS).map(|n| says(person * SIGNALS + n)).collect()).collect()
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

/// Folds the crowd in so many shards that see each other every `merge` people; checks every version, returns the last.
fn rush(shards: usize, merge: usize, publish_every: usize) -> f64 {
    let things = things();
    let none = loss(&things, None);
    let (mut base, mut last) = (Sums::new(), none);
    let mut parts = vec![base.clone(); shards];
    for (n, signals) in crowd(&things, 3).iter().enumerate() {
        newcomer_says(&mut parts[n % shards], signals);
        if (n + 1) % merge == 0 {
            base = merged(&base, &parts);
            parts.fill(base.clone());
        }
        if (n + 1) % publish_every == 0 {
            last = loss(&things, Some(&base));
            println!("{shards} shards, {} people: {last:.4} (none {none:.4})", n + 1);
            assert!(last <= none, "{last} after {} people in {shards} shards, {none} without weights", n + 1);
        }
    }
    last - oracle(&things)
}

#[test]
fn folded_one_after_the_other_no_version_is_worse_than_none_and_the_last_is_near_the_oracle() {
    let above = rush(1, 1, 50);
    assert!(above < 0.05, "{above}");
}

#[test]
fn sixteen_shards_that_merge_every_thousand_do_as_well() {
    let above = rush(16, 1_000, 1_000);
    assert!(above < 0.05, "{above}");
}
