//! What only a browser can show of the engine; runs in headless browsers (`cargo xtask test wasm`).
//!
//! The adapters around it (IndexedDB, fetch, timers) are TypeScript; tests/package and tests/e2e have them.
#![cfg(target_arch = "wasm32")]

#[path = "../core/tests/golden/compute.rs"]
mod golden;
#[path = "web/support.rs"]
mod support;

use flywheel_core::journal::Record;
use flywheel_sdk::Engine;
use serde_json::{Value, json};
use support::{code, encode_request, engine, flat, id, parts, restored, scores};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_golden_file_holds_in_a_browser() {
    let computed = serde_json::to_string_pretty(&golden::compute()).expect("json") + "\n";
    assert_eq!(include_str!("../core/tests/golden/golden.json"), computed);
}

fn request() -> (String, Vec<f64>) {
    encode_request("style", "", &[("topic", "code")], &[("short", "short"), ("long", "long")])
}

fn rank(engine: &Engine) -> Vec<f64> {
    let (text, shape) = request();
    engine.rank(&text, &shape).expect("ranks")
}

#[wasm_bindgen_test]
fn a_thumb_is_learned_before_the_call_returns() {
    let engine = engine(json!({ "app": "web", "seed": 1, "epsilon": 0 }));
    engine.ready();
    let before = rank(&engine);
    assert_eq!(scores(&before), [0.5, 0.5]);
    engine.thumb(&id(&before), Some(false)).expect("learns");
    let after = rank(&engine);
    assert!(scores(&after).iter().all(|score| *score < 0.5), "both share the context");
    let first = |decision: &[f64]| support::places(decision)[0];
    assert_ne!(first(&before), first(&after), "the other one is better now");
    engine.thumb(&id(&before), None).expect("takes back");
    assert_eq!(scores(&rank(&engine)), [0.5, 0.5]);
}

#[wasm_bindgen_test]
fn what_was_stored_is_restored_to_the_bit() {
    let first = engine(json!({ "app": "web", "seed": 1, "epsilon": 0 }));
    first.ready();
    let early = rank(&first);
    for turn in 0..20 {
        let decision = rank(&first);
        let share = f64::from(turn) / 20.0;
        first.reward(&id(&decision), share, Some("kept".into())).expect("learns");
    }
    let [entries, decisions, _] = parts(&first);
    assert_eq!((entries.len(), decisions.len()), (20, 21));
    let expected = scores(&rank(&first));

    let second = restored(entries, decisions);
    second.ready();
    let found = scores(&rank(&second));
    assert!(expected.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits()), "{expected:?} {found:?}");
    second.thumb(&id(&early), Some(true)).expect("a decision of an earlier session takes feedback");
}

#[wasm_bindgen_test]
fn a_record_that_cannot_be_read_is_counted_and_the_rest_is_restored() {
    let first = engine(json!({ "app": "web", "seed": 1 }));
    first.ready();
    let decision = rank(&first);
    first.thumb(&id(&decision), Some(true)).expect("learns");
    let [mut entries, mut decisions, _] = parts(&first);
    entries.push(json!({ "id": "nonsense" }));
    decisions.push(json!(7));
    let mut broken = decisions[0].clone();
    broken["candidates"][0]["features"] = json!("AAAA");
    decisions.push(broken);
    let second = restored(entries, decisions);
    second.ready();
    let status: Value = flat(&second, second.status());
    assert_eq!((&status["dropped"]["corrupt"], &status["signals"]), (&json!(3), &json!(1)));
    second.thumb(&id(&decision), Some(false)).expect("the instance works");
}

#[wasm_bindgen_test]
fn records_are_what_serde_reads() {
    let engine = engine(json!({ "app": "web", "seed": 1 }));
    engine.ready();
    rank(&engine);
    let [_, decisions, _] = parts(&engine);
    let record: Record = serde_json::from_value(decisions[0].clone()).expect("serde reads it");
    assert_eq!(record.surface, "style");
}

#[wasm_bindgen_test]
fn each_bad_input_has_its_code_and_the_instance_works_on() {
    let engine = engine(json!({ "app": "web", "seed": 1 }));
    engine.ready();
    let long = "x".repeat(1 << 20);
    let twice = [("a", "x"), ("a", "y")];
    let rows: [(&str, (String, Vec<f64>)); 7] = [
        ("no_candidates", encode_request("s", "", &[], &[])),
        ("duplicate_candidate", encode_request("s", "", &[], &twice)),
        ("reserved_key", encode_request("s", "", &[("__proto__", "x")], &twice)),
        ("text_too_long", encode_request("s", "", &[("a", &long)], &twice)),
        ("invalid_name", encode_request("", "", &[], &twice)),
        ("unknown_decision", encode_request("s", "nonsense", &[], &twice)),
        ("internal", ("cut".into(), vec![1.0, 9.0])),
    ];
    for (expected, (text, shape)) in rows {
        assert_eq!(code(engine.rank(&text, &shape)), expected);
    }
    let decision = id(&rank(&engine));
    assert_eq!(code(engine.thumb("nonsense", Some(true))), "unknown_decision");
    assert_eq!(code(engine.prefer(&decision, "other".into())), "unknown_candidate");
    assert_eq!(code(engine.reward(&decision, f64::NAN, None)), "not_finite");
    assert_eq!(code(engine.reward(&decision, 1.5, None)), "out_of_range");
    assert_eq!(code(engine.correct(&decision, long, "y".into())), "text_too_long");
    assert_eq!(code(engine.take_weights(b"FWW1")), "invalid_weights");
    assert_eq!(code(Engine::new("", &[], false).map(|_| ())), "internal");
    engine.thumb(&decision, Some(true)).expect("the instance works");
}

#[wasm_bindgen_test]
fn options_of_the_wrong_type_or_range_are_refused() {
    let rows = [
        ("invalid_value", json!({})),
        ("invalid_value", json!({ "app": 7 })),
        ("invalid_name", json!({ "app": "" })),
        ("invalid_key", json!({ "app": "a", "endpoint": "/x" })),
        ("out_of_range", json!({ "app": "a", "epsilon": 2 })),
        ("out_of_range", json!({ "app": "a", "count": 0 })),
        ("invalid_value", json!({ "app": "a", "choice": { "learn": "yes" } })),
    ];
    for (expected, options) in rows {
        assert_eq!(code(support::open(&options, false).map(|_| ())), expected, "{options}");
    }
}

#[wasm_bindgen_test]
fn privacy_control_refuses_to_share() {
    let options = json!({ "app": "a", "endpoint": "/x", "key": "pk_x", "choice": { "share": "granted" } });
    for (control, expected) in [(true, "denied"), (false, "granted")] {
        let engine = support::open(&options, control).expect("opens");
        let status: Value = flat(&engine, engine.status());
        assert_eq!(status["consent"]["share"], expected);
        engine.ready();
        assert_eq!(engine.begin(true).is_some(), !control);
    }
}

#[wasm_bindgen_test]
fn secrets_are_32_digits_and_never_the_same() {
    let (one, two) = (flywheel_sdk::secret().expect("random"), flywheel_sdk::secret().expect("random"));
    assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(one, two);
}
