//! Where the true rate is known, newcomers are told it.

use super::town::{candidate, expect, newcomer_says, page, publish, thumb};
use flywheel_core::belief::Sums;
use flywheel_core::feature::Candidate;
use flywheel_core::math::{ln, sigmoid};
use flywheel_core::rng::Rng;
use serde_json::json;

/// Rates, and how many people it takes: what the first ones taught, when everything was even, weighs against a rare
/// outcome until many more have spoken (0.5 % is told as 0.72 % after 20,000 people and as 0.55 % after 100,000).
const RATES: [(f64, u32); 4] = [(0.005, 200_000), (0.1, 20_000), (0.9, 20_000), (0.97, 20_000)];

/// Six things that differ in two attributes, by up to ± 0.6 in the logit.
fn things(attributes: bool) -> Vec<(Candidate, f64)> {
    if !attributes {
        return vec![(candidate(json!({})), 0.0)];
    }
    let lengths = [("short", 0.35), ("long", -0.35)];
    let tones = [("plain", 0.25), ("warm", 0.0), ("formal", -0.25)];
    let pairs = lengths.iter().flat_map(|length| tones.iter().map(move |tone| (length, tone)));
    pairs.map(|(length, tone)| (candidate(json!({"length": length.0, "tone": tone.0})), length.1 + tone.1)).collect()
}

/// What newcomers are told on average, relative to the share of thumbs up that others gave, after one signal a person.
fn told(rate: f64, people: u32, attributes: bool, seed: u64) -> f64 {
    let things = things(attributes);
    let base = ln(rate / (1.0 - rate));
    let mut rng = Rng::new(seed);
    let (mut sums, mut ups) = (Sums::new(), 0u32);
    for number in 0..people {
        let (thing, offset) = &things[rng.below(things.len())];
        let up = rng.unit() < sigmoid(base + offset);
        ups += u32::from(up);
        newcomer_says(&mut sums, &[thumb(thing, up, number.into())]);
    }
    let mut page = page(Some(&publish(&sums)));
    let mean = things.iter().map(|(thing, _)| expect(&mut page, thing)).sum::<f64>() / things.len() as f64;
    mean / (f64::from(ups) / f64::from(people))
}

#[test]
fn the_mean_prediction_for_newcomers_is_within_a_tenth_of_the_rate() {
    for (rate, people) in RATES {
        for attributes in [false, true] {
            let ratio = told(rate, people, attributes, 7);
            assert!((0.9..=1.1).contains(&ratio), "{ratio} of the rate {rate}, with attributes: {attributes}");
        }
    }
}
