//! Requests from a seed: 10 candidates × 20 features with five keys of context, as in tests/bench.

use flywheel_core::page::Request;
use flywheel_core::rng::Rng;
use serde_json::{Map, Value, json};

const VALUES: usize = 20;
const MOMENTS: usize = 10;

fn draw(rng: &mut Rng, what: &str, names: usize, values: usize) -> Value {
    let pair = |n: usize| (format!("{what}{n}"), json!(format!("{what}-{n}-{}", rng.below(values))));
    Value::Object((0..names).map(pair).collect::<Map<_, _>>())
}

/// One request of that many candidates.
pub fn request(rng: &mut Rng, candidates: usize) -> Request {
    let context = draw(rng, "moment", 5, MOMENTS);
    let candidates: Vec<Value> = (0..candidates)
        .map(|n| json!({ "id": format!("answer-{n}"), "features": draw(rng, "style", 20, VALUES) }))
        .collect();
    // Through JSON: however core keeps its values.
    serde_json::from_value(json!({ "surface": "bench", "context": context, "candidates": candidates }))
        .expect("a request")
}
