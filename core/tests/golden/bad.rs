//! Broken input, and the code with which it is refused. Shared by the native test and the browser's.

use flywheel_core::base64;
use flywheel_core::belief::{Cell, Diff, Evidence, Model, Weights, decode, encode_delta, encode_full};
use flywheel_core::error::Result;
use flywheel_core::signal::Signal;
use serde_json::{Value, json};

fn code<T>(result: Result<T>) -> &'static str {
    result.map_or_else(|error| error.code.as_str(), |_| "accepted")
}

/// Name, what was read, and the code, for every broken input. The expected codes stand here; the inputs are in the file.
pub fn bad() -> Value {
    let rows = weights().into_iter().chain(diffs()).chain(signals());
    let rows = rows.map(|(name, input, found, expected)| {
        assert_eq!(found, expected, "{name}");
        json!([name, input, found])
    });
    rows.collect()
}

type Row = (String, Value, &'static str, &'static str);

fn whole() -> Weights {
    let mut weights = Weights::new(&Model::default());
    for slot in [3, 4, 90_000, 262_143] {
        weights.set(slot, Cell { precision: 20, mean: 0x3C00 }).expect("inside");
    }
    weights.set_head(2, 40);
    weights
}

fn weights() -> Vec<Row> {
    let model = Model::default();
    let good = encode_full(&model, &whole());
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    let cut = |to: usize| good[..to].to_vec();
    let step = encode_delta(&model, 1, whole().head(), &[(3, Cell::default())]);
    let last = good.len() - 1;
    [
        ("weights: nothing", Vec::new(), "invalid_weights"),
        ("weights: another format", changed(0, b'X'), "invalid_weights"),
        ("weights: another number of slots", changed(4, 20), "unsupported_model"),
        ("weights: cut in the header", cut(9), "invalid_weights"),
        ("weights: cut in the columns", cut(last), "invalid_weights"),
        ("weights: more cells than bytes", changed(16, 0x7F), "invalid_weights"),
        ("weights: a Rice parameter out of range", changed(17, 60), "invalid_weights"),
        ("weights: another checksum", changed(8, good[8] ^ 1), "weights_hash_mismatch"),
        ("weights: another mean", changed(last, good[last] ^ 1), "weights_hash_mismatch"),
        ("weights: a byte too many", [&good[..], &[0]].concat(), "invalid_weights"),
        ("weights: a step from another version", step, "weights_base_mismatch"),
    ]
    .into_iter()
    .map(|(name, bytes, expected)| {
        let found = code(decode(&model, &Weights::new(&model), &bytes));
        (name.into(), json!(base64::encode(&bytes)), found, expected)
    })
    .collect()
}

fn diffs() -> Vec<Row> {
    let good = Diff(vec![(5, Evidence { precision: 300, shift: -7 })]).to_bytes();
    [
        ("difference: a slot without its numbers", vec![5]),
        ("difference: cut in a number", good[..good.len() - 1].to_vec()),
        ("difference: a slot twice", vec![5, 1, 1, 0, 1, 1]),
        ("difference: a number without end", vec![0x80; 12]),
        ("difference: a slot that no model has", vec![0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 1]),
    ]
    .into_iter()
    .map(|(name, bytes)| {
        (name.into(), json!(base64::encode(&bytes)), code(Diff::from_base64(&base64::encode(&bytes))), "corrupt")
    })
    .chain([("difference: no base64".into(), json!("*"), code(Diff::from_base64("*")), "corrupt")])
    .collect()
}

fn signals() -> Vec<Row> {
    let id = "018bcfe5-6800-7000-8000-000000000001";
    let good = json!({"id": id, "at": 1, "decision": id, "surface": "s", "shown": {"id": "a"},
        "feedback": {"thumb": "up"}});
    let with = |path: &str, value: Value| {
        let mut signal = good.clone();
        *signal.pointer_mut(path).expect("there") = value;
        signal
    };
    let long = "x".repeat(65);
    [
        ("signal: a surface without a name", with("/surface", json!("")), "invalid_name"),
        ("signal: a surface that is a text", with("/surface", json!(long)), "invalid_name"),
        ("signal: a reserved key", with("/shown", json!({"id": "a", "features": {"__proto__": 1}})), "reserved_key"),
        ("signal: a nested value", with("/shown", json!({"id": "a", "features": {"n": {"m": 1}}})), "nested_value"),
        ("signal: a reward above 1", with("/feedback", json!({"reward": {"value": 1.5}})), "out_of_range"),
        ("signal: a share below 0", with("/feedback", json!({"correction": {"share": -0.1}})), "out_of_range"),
        (
            "signal: more features than allowed",
            with("/shown", json!({"id": "a", "features": {"n": vec![1; 513]}})),
            "too_many_features",
        ),
        ("signal: too long a text", with("/shown", json!({"id": "a", "text": "y ".repeat(32_769)})), "text_too_long"),
    ]
    .into_iter()
    .map(|(name, signal, expected)| {
        let read: Signal = serde_json::from_value(signal.clone()).expect("the shape of a signal");
        // Long inputs are named by their length.
        let text = signal.to_string();
        let kept = if text.len() > 400 { json!(text.len()) } else { signal };
        (name.into(), kept, code(read.check()), expected)
    })
    .collect()
}
