//! Whatever comes in: a stable code, nothing lost, and the next request is answered.

use crate::fixture::{Fixture, assert_consistent, log, signal};
use flate2::Compression;
use flate2::write::GzEncoder;
use flywheel_core::signal::{Signal, Thumb};
use flywheel_core::wire::{BATCH, Outcome, Reply};
use serde_json::{Value, json};
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writes");
    encoder.finish().expect("finishes")
}

fn good(server: &Fixture) -> Value {
    serde_json::to_value(server.batch(9, 0, vec![signal(900, "short", Thumb::Up)])).expect("json")
}

fn changed(server: &Fixture, field: &str, value: Value) -> Vec<u8> {
    let mut batch = good(server);
    batch[field] = value;
    batch.to_string().into_bytes()
}

#[tokio::test]
async fn a_bad_request_has_its_code_and_costs_nothing_that_is_stored() {
    let server = Fixture::new(1);
    server.send(1, log(1, 3).remove(0).1).await;
    let whole = good(&server).to_string();
    let without = |field: &str| {
        let mut batch = good(&server);
        batch.as_object_mut().expect("an object").remove(field);
        batch.to_string().into_bytes()
    };
    let many: Vec<_> = (0..=BATCH as u64).map(|n| signal(2_000 + n, "short", Thumb::Up)).collect();
    let refused = json!({"learn": true, "share": "denied", "text": false});
    let cases: Vec<(&str, u16, &str, Vec<u8>)> = vec![
        ("nothing", 400, "invalid_json", vec![]),
        ("truncated JSON", 400, "invalid_json", whole.as_bytes()[..whole.len() / 2].to_vec()),
        ("JSON and then something", 400, "invalid_json", format!("{whole} x").into_bytes()),
        ("NaN, which is not JSON", 400, "invalid_json", whole.replace("\"version\":0", "\"version\":NaN").into_bytes()),
        ("deep nesting", 400, "invalid_json", "[".repeat(500_000).into_bytes()),
        ("invalid UTF-8", 400, "invalid_utf8", [whole.as_bytes(), b"\xff\xfe"].concat()),
        ("broken gzip", 400, "invalid_json", gzip(whole.as_bytes())[..40].to_vec()),
        ("a list", 422, "invalid_value", b"[1, 2]".to_vec()),
        ("the fields as a list", 422, "invalid_value", b"[1, \"pk\", \"fw6.18\"]".to_vec()),
        ("another protocol", 400, "unsupported_protocol", changed(&server, "v", json!(2))),
        ("no protocol", 400, "unsupported_protocol", without("v")),
        ("a wrong key", 401, "invalid_key", changed(&server, "key", json!("pk_00000000000000000000000000000000"))),
        ("a key that is no text", 401, "invalid_key", changed(&server, "key", json!({"a": 1}))),
        ("no key", 401, "invalid_key", without("key")),
        ("another model", 409, "unsupported_model", changed(&server, "model", json!("fw6.20"))),
        ("no signals", 422, "invalid_value", without("signals")),
        ("a bad secret", 422, "invalid_value", changed(&server, "secret", json!("zz"))),
        ("a negative version", 422, "invalid_value", changed(&server, "version", json!(-1))),
        ("too many signals", 413, "batch_too_large", changed(&server, "signals", json!(many))),
        ("no consent to share", 403, "share_refused", changed(&server, "consent", refused)),
        ("a body over the limit", 413, "body_too_large", vec![b' '; (1 << 20) + 1]),
        ("a gzip bomb", 413, "body_too_large", gzip(&vec![b' '; 64 << 20])),
    ];
    for (what, status, code, body) in cases {
        let answer = server.post("/v1/sync", body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{what}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("abcd"), "{what}: the secret is not repeated");
    }
    let secret = server.store.keys().secret.clone().expect("the first start shows it");
    let answer = server.post("/v1/sync", changed(&server, "key", json!(secret))).await;
    assert_eq!(answer.code(), "invalid_key", "a secret key does not belong into a page");
    server.send(2, log(2, 3).remove(1).1).await;
    let books = server.books();
    assert_eq!(books.sites("default").expect("sites").len(), 2);
    assert_consistent(&books);
}

#[tokio::test]
async fn a_bad_erase_order_has_its_code() {
    let server = Fixture::new(1);
    let key = server.store.keys().public.clone();
    for (order, code) in [
        (json!({"v": 1, "key": key, "secret": "short"}), "invalid_value"),
        (json!({"v": 1, "key": "pk_x", "secret": "00"}), "invalid_key"),
        (json!({"v": 3, "key": key}), "unsupported_protocol"),
        (json!({"v": 1, "key": key}), "invalid_value"),
    ] {
        assert_eq!(server.post("/v1/erase", order.to_string()).await.code(), code, "{order}");
    }
}

#[tokio::test]
async fn a_bad_signal_is_rejected_beside_good_ones() {
    let server = Fixture::new(1);
    let base = |n: u64| serde_json::to_value(signal(n, "short", Thumb::Up)).expect("json");
    let set = |n: u64, pointer: &str, value: Value| {
        let mut signal = base(n);
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        signal.pointer_mut(parent).expect("a parent")[field] = value;
        signal
    };
    let features: serde_json::Map<_, _> = (0..600).map(|n| (format!("f{n}"), json!(1))).collect();
    let long_list = vec![json!("x"); 600];
    let cases = vec![
        (set(10, "/shown/features", Value::Object(features)), "too_many_features"),
        (set(11, "/shown/features/list", json!(long_list)), "too_many_features"),
        (set(12, "/context/__proto__", json!("x")), "reserved_key"),
        (set(13, "/shown/features/constructor", json!(true)), "reserved_key"),
        (set(14, "/context/deep", json!({"a": {"b": 1}})), "nested_value"),
        (set(15, "/shown/text", json!("x".repeat(1 << 20))), "text_too_long"),
        (set(16, "/context/note", json!("x".repeat(1 << 20))), "text_too_long"),
        (set(17, "/feedback", json!({"reward": {"value": 1.5}})), "out_of_range"),
        (set(18, "/feedback", json!({"applause": 3})), "invalid_value"),
        (set(19, "/surface", json!("")), "invalid_name"),
        (set(20, "/shown/id", json!("seven words are one more than allowed")), "invalid_name"),
        (set(21, "/at", json!("yesterday")), "invalid_value"),
        (set(22, "/context/n", json!("HUGE")), "not_finite"),
        (json!({"id": base(23)["id"]}), "invalid_value"),
        (json!({"id": 5}), "invalid_value"),
        (json!(null), "invalid_value"),
        (json!([]), "invalid_value"),
    ];
    // Half of them are before, half behind a good one.
    let half = cases.len() / 2;
    let mut signals: Vec<_> = cases.iter().map(|(signal, _)| signal.clone()).collect();
    signals.insert(half, base(1));
    signals.push(base(2));
    let mut batch = good(&server);
    batch["signals"] = json!(signals);
    // serde_json cannot write it, but a stranger can.
    let body = batch.to_string().replace("\"HUGE\"", "1e999");
    let answer = server.post("/v1/sync", gzip(body.as_bytes())).await;
    let reply: Reply = serde_json::from_slice(&answer.body).expect("a reply");
    assert_eq!(reply.results.len(), signals.len());
    let mut codes: Vec<_> = cases.iter().map(|(_, code)| Some(*code)).collect();
    codes.insert(half, None);
    codes.push(None);
    for (n, ((verdict, code), signal)) in reply.results.iter().zip(&codes).zip(&signals).enumerate() {
        assert_eq!(verdict.code.as_deref(), *code, "{n}: {:?}", verdict.detail);
        assert_eq!(verdict.outcome, if code.is_some() { Outcome::Rejected } else { Outcome::Ok });
        let id = signal.get("id").and_then(Value::as_str).map_or_else(|| n.to_string(), str::to_owned);
        assert_eq!(verdict.id, id);
    }
    let books = server.books();
    let rows: i64 = books.database().query_row("SELECT count(*) FROM signals", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 2);
    assert_consistent(&books);
}

#[tokio::test]
async fn numbers_at_the_edge_of_their_type_break_nothing() {
    let server = Fixture::new(1);
    let mut odd = signal(1, "short", Thumb::Up);
    odd.at = u64::MAX;
    odd.shown.features.0.push(("x".into(), flywheel_core::feature::Value::Number(f64::MAX)));
    odd.shown.features.0.push(("y".into(), flywheel_core::feature::Value::Number(5e-324)));
    let mut batch = server.batch(1, u64::MAX, vec![odd]);
    batch.sent_at = 0;
    let reply = server.sync(&batch).await;
    assert_eq!(reply.results[0].outcome, Outcome::Ok);
    assert_eq!(reply.weights.expect("the whole").head.version, 1);
    assert_consistent(&server.books());
}

#[tokio::test]
async fn without_consent_to_text_no_word_is_stored_even_if_it_was_sent() {
    for text in [false, true] {
        let server = Fixture::new(1);
        let mut telling = signal(1, "short", Thumb::Up);
        telling.shown.text = Some("my grandmother needs seven zanzibar peppercorns".into());
        let mut batch = server.batch(1, 0, vec![telling]);
        batch.consent.text = text;
        server.sync(&batch).await;
        let body: String =
            server.books().database().query_row("SELECT body FROM signals", [], |row| row.get(0)).expect("a signal");
        assert_eq!(body.contains("zanzibar"), text);
    }
}

#[tokio::test]
async fn a_weight_is_not_a_strangers_to_give() {
    let fixture = Fixture::new(0);
    let heavy = Signal { weight: Some(64.0), ..signal(1, "short", Thumb::Up) };
    let reply = fixture.sync(&fixture.batch(1, 0, vec![heavy, signal(2, "short", Thumb::Up)])).await;
    assert_eq!(
        (reply.results[0].outcome, reply.results[0].code.as_deref()),
        (Outcome::Rejected, Some("invalid_value"))
    );
    assert_eq!(reply.results[1].outcome, Outcome::Ok);
}
