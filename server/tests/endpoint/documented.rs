//! docs/protocol.md tells the truth: its examples are sent, its table is the list of codes, its bytes are the bytes.

use crate::fixture::Fixture;
use flywheel_core::belief::{Cell, Diff, Evidence, Model, Weights, decode, encode_full, to_fixed};
use flywheel_core::error::Code;
use flywheel_core::wire::{Decided, Erase, Problem, Reply};
use serde_json::{Value, json};

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");

/// The code block behind a comment.
fn block(name: &str) -> &'static str {
    let (_, rest) = PROTOCOL.split_once(&format!("<!-- {name} -->\n```")).expect(name);
    let (_, rest) = rest.split_once('\n').expect("a line");
    rest.split_once("\n```").expect("an end").0
}

fn example(name: &str) -> Value {
    serde_json::from_str(block(&format!("example: {name}"))).expect(name)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// What two JSON values have in common: their fields and their types.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!("string"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_example_batch_gets_an_answer_like_the_example() {
    let server = Fixture::new(1);
    let mut batch = example("batch");
    batch["key"] = json!(server.store.keys().public);
    let answer = server.post("/v1/sync", batch.to_string()).await;
    let got: Value = serde_json::from_slice(&answer.body).expect("json");
    let documented = example("reply");
    assert_eq!(shape(&got), shape(&documented), "{got:#}");
    for field in ["id", "outcome", "code", "seq"] {
        for place in 0..2 {
            assert_eq!(got["results"][place][field], documented["results"][place][field]);
        }
    }
    serde_json::from_value::<Reply>(got).expect("a reply");
}

#[test]
fn the_example_decision_is_a_record_and_is_written_like_that() {
    let mut decided: Decided = serde_json::from_value(example("decision")).expect("a record");
    assert_eq!((decided.check(), decided.kept), (Ok(()), 0.25));
    decided.held_out = true;
    let written = serde_json::to_value(&decided).expect("json");
    let fields = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&written), fields(&example("decision")));
}

#[tokio::test]
async fn the_example_erase_order_is_taken() {
    let server = Fixture::new(1);
    let mut order = example("erase");
    serde_json::from_value::<Erase>(order.clone()).expect("an order");
    order["key"] = json!(server.store.keys().public);
    let answer = server.post("/v1/erase", order.to_string()).await;
    let got: Value = serde_json::from_slice(&answer.body).expect("json");
    assert_eq!(got, json!({"v": 1, "signals": 0}));
}

#[test]
fn the_example_problem_is_one() {
    let problem: Problem = serde_json::from_value(example("problem")).expect("a problem");
    assert_eq!((problem.status, problem.code.as_str()), (Code::RateLimited.status(), Code::RateLimited.as_str()));
}

#[test]
fn every_code_stands_in_the_table_with_its_status_and_no_other_does() {
    let mut documented: Vec<_> = PROTOCOL
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let (code, status) = (cells.next()?.trim_end_matches('`'), cells.next()?);
            Some((code, status.parse::<u16>().ok()?))
        })
        .collect();
    let mut known: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
    documented.sort_unstable();
    known.sort_unstable();
    assert_eq!(documented, known);
}

#[test]
fn the_bytes_are_those_that_are_written_and_read() {
    let taught = Diff(vec![
        (5, Evidence { precision: to_fixed(0.25), shift: to_fixed(-0.5) }),
        (300, Evidence { precision: 0, shift: to_fixed(1.0) }),
    ]);
    assert_eq!(hex(&taught.to_bytes()), block("bytes: taught"));
    let model = Model::default();
    let mut weights = Weights::new(&model);
    weights.set(5, Cell { precision: 3, mean: 0x3C00 }).expect("inside");
    weights.set(70_000, Cell { precision: 16, mean: 0xB800 }).expect("inside");
    weights.set_head(1, 1);
    let bytes = encode_full(&model, &weights);
    assert_eq!(hex(&bytes), block("bytes: weights"));
    // The answer in the example carries the same bytes.
    let reply: Reply = serde_json::from_value(example("reply")).expect("a reply");
    let offered = reply.weights.expect("weights");
    assert_eq!(offered.head, weights.head());
    assert_eq!(offered.delta, Some(flywheel_core::base64::encode(&bytes)));
    let read = decode(&model, &Weights::new(&model), &bytes).expect("reads");
    assert_eq!(read.value(read.cell(5)).1, 1.0);
    assert_eq!(read.value(read.cell(70_000)).1, -0.5);
}
