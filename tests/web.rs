//! What only a browser can show of the engine; runs in headless browsers (`cargo xtask test wasm`).
//!
//! The adapters around it (IndexedDB, fetch, timers) are TypeScript; tests/package and tests/e2e have them.
#![cfg(target_arch = "wasm32")]

#[path = "../core/tests/golden/compute.rs"]
mod golden;
#[path = "web/support.rs"]
mod support;

use flywheel_sdk::Engine;
use flywheel_sdk::call::{BEGIN, CORRECT, PREFER, REWARD, SECRET, STATUS};
use serde_json::json;
use support::{call, code, engine, parts, ready, request_of, restored, scores, thumb};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_golden_file_holds_in_a_browser() {
    let computed = serde_json::to_string_pretty(&golden::compute()).expect("json") + "\n";
    assert_eq!(include_str!("../core/tests/golden/golden.json"), computed);
}

fn rank(engine: &Engine) -> (String, Vec<f64>) {
    let request = request_of("style", &[("topic", "code")], &[("short", "short"), ("long", "long")]);
    support::rank(engine, request, "").expect("ranks")
}

#[wasm_bindgen_test]
fn a_thumb_is_learned_before_the_call_returns() {
    let engine = engine(json!({ "app": "web", "seed": 1, "epsilon": 0 }));
    ready(&engine);
    let (shown, before) = rank(&engine);
    assert_eq!(scores(&before), [0.5, 0.5]);
    assert_eq!(thumb(&engine, &shown, Some(false)), "none");
    let (_, after) = rank(&engine);
    assert!(scores(&after).iter().all(|score| *score < 0.5), "both share the context");
    let first = |decision: &[f64]| support::places(decision)[0];
    assert_ne!(first(&before), first(&after), "the other one is better now");
    assert_eq!(thumb(&engine, &shown, None), "none");
    assert_eq!(scores(&rank(&engine).1), [0.5, 0.5]);
}

#[wasm_bindgen_test]
fn what_was_stored_is_restored_to_the_bit() {
    let first = engine(json!({ "app": "web", "seed": 1, "epsilon": 0 }));
    ready(&first);
    let (early, _) = rank(&first);
    for turn in 0..20 {
        let (decision, _) = rank(&first);
        let share = f64::from(turn) / 20.0;
        call(&first, REWARD, json!([decision, share, "kept"])).expect("learns");
    }
    let [entries, decisions, _] = parts(&first);
    assert_eq!((entries.len(), decisions.len()), (20, 21));
    let expected = scores(&rank(&first).1);

    let second = restored(entries, decisions);
    let found = scores(&rank(&second).1);
    assert!(expected.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits()), "{expected:?} {found:?}");
    assert_eq!(thumb(&second, &early, Some(true)), "none", "a decision of an earlier session");
}

#[wasm_bindgen_test]
fn a_record_that_cannot_be_read_is_counted_and_the_rest_is_restored() {
    let first = engine(json!({ "app": "web", "seed": 1 }));
    ready(&first);
    let (decision, _) = rank(&first);
    assert_eq!(thumb(&first, &decision, Some(true)), "none");
    let [mut entries, mut decisions, _] = parts(&first);
    entries.push(json!({ "id": "nonsense" }));
    decisions.push(json!(7));
    let mut broken = decisions[0].clone();
    broken["candidates"][0]["features"] = json!("AAAA");
    decisions.push(broken);
    let second = restored(entries, decisions);
    let status = call(&second, STATUS, json!([])).expect("status");
    assert_eq!((&status["dropped"]["corrupt"], &status["signals"]), (&json!(3), &json!(1)));
    assert_eq!(thumb(&second, &decision, Some(false)), "none", "the instance works");
}

#[wasm_bindgen_test]
fn each_bad_input_has_its_code_and_the_instance_works_on() {
    let engine = engine(json!({ "app": "web", "seed": 1 }));
    ready(&engine);
    let long = "x".repeat(1 << 20);
    let twice = [("a", "x"), ("a", "y")];
    let rows = [
        ("no_candidates", request_of("s", &[], &[]), ""),
        ("duplicate_candidate", request_of("s", &[], &twice), ""),
        ("reserved_key", request_of("s", &[("__proto__", "x")], &twice), ""),
        ("text_too_long", request_of("s", &[("a", &long)], &twice), ""),
        ("invalid_name", request_of("", &[], &twice), ""),
        ("unknown_decision", request_of("s", &[], &twice), "nonsense"),
        ("invalid_value", json!([[{ "id": 7 }, { "id": "a" }], []]), ""),
        ("invalid_value", json!([[{ "id": "s" }, { "id": "a", "features": ["x"] }], []]), ""),
        ("nested_value", json!([[{ "id": "s", "features": { "deep": [[1]] } }, { "id": "a" }], []]), ""),
        ("out_of_range", json!([[{ "id": "s" }, { "id": "a" }], [2]]), ""),
        ("invalid_rules", json!([[{ "id": "s" }, { "id": "a" }], [-1]]), ""),
    ];
    for (expected, request, after) in rows {
        assert_eq!(support::rank(&engine, request, after).expect_err("is refused"), expected);
    }
    let (decision, _) = rank(&engine);
    assert_eq!(thumb(&engine, "nonsense", Some(true)), "unknown_decision");
    let refused = |number, given| call(&engine, number, given).expect_err("is refused");
    assert_eq!(refused(PREFER, json!([decision, "other"])), "unknown_candidate");
    assert_eq!(refused(REWARD, json!([decision, 1.5])), "out_of_range");
    assert_eq!(refused(REWARD, json!([decision])), "internal");
    assert_eq!(refused(CORRECT, json!([decision, long, "y"])), "text_too_long");
    assert_eq!(refused(9_999, json!([])), "internal");
    assert_eq!(code(&engine, engine.take_weights(b"FWW1", false)), "invalid_weights");
    assert_eq!(code(&engine, engine.call(STATUS, "", &[])), "internal");
    assert_eq!(thumb(&engine, &decision, Some(true)), "none", "the instance works");
}

#[wasm_bindgen_test]
fn options_of_the_wrong_type_or_range_are_refused() {
    let rows = [
        ("invalid_value", json!({})),
        ("invalid_value", json!({ "app": 7 })),
        ("invalid_name", json!({ "app": "" })),
        ("invalid_key", json!({ "app": "a", "endpoint": "/x" })),
        ("invalid_key", json!({ "app": "a", "endpoint": "/x", "key": "sk_secret" })),
        ("out_of_range", json!({ "app": "a", "epsilon": 2 })),
        ("out_of_range", json!({ "app": "a", "count": 0 })),
        ("invalid_value", json!({ "app": "a", "choice": { "learn": "yes" } })),
    ];
    for (expected, options) in rows {
        assert_eq!(support::open(&options, false).err().as_deref(), Some(expected), "{options}");
    }
}

#[wasm_bindgen_test]
fn privacy_control_refuses_to_share() {
    let options = json!({ "app": "a", "endpoint": "/x", "key": "pk_x", "choice": { "share": "granted" } });
    for (control, expected) in [(true, "denied"), (false, "granted")] {
        let engine = support::open(&options, control).expect("opens");
        let status = call(&engine, STATUS, json!([])).expect("status");
        assert_eq!(status["consent"]["share"], expected);
        ready(&engine);
        assert_eq!(call(&engine, BEGIN, json!([true])).expect("answers").is_object(), !control);
    }
}

#[wasm_bindgen_test]
fn secrets_are_32_digits_and_never_the_same() {
    let engine = Engine::new();
    let secret = || call(&engine, SECRET, json!([])).expect("random").as_str().map(str::to_owned).expect("text");
    assert!(secret().len() == 32 && secret().bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_ne!(secret(), secret());
}
