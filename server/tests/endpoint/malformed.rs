//! Requests that make no sense, many of them.
//!
//! What counts as failure: an answer of 5xx, a panic, an error without a proper problem, anything stored that was not
//! acknowledged, anything at all stored of what cannot be meant, a server that does not answer a good request
//! afterwards. What does not: a mutated request that is a good one still; what it says is then counted.
//!
//! `FLYWHEEL_SEEDS=1000` asks for 100,000 requests; the usual number is a twentieth of that.

use crate::fixture::{Fixture, NOW, assert_consistent, log, signal};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use flywheel_core::error::Code;
use flywheel_core::rng::Rng;
use flywheel_core::signal::Thumb;
use flywheel_core::wire::{Erase, Outcome, PROTOCOL, Problem, Reply};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writes");
    encoder.finish().expect("finishes")
}

fn random(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.below(most)).map(|_| rng.below(256) as u8).collect()
}

/// Bytes changed, put in, taken out, doubled or cut off.
fn mutated(rng: &mut Rng, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..=rng.below(6) {
        let at = rng.below(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        match rng.below(6) {
            _ if bytes.is_empty() => bytes.push(b'{'),
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes.insert(at, *b"{}[]\",:0e-\\u\x00n".get(rng.below(14)).unwrap_or(&0)),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            4 => {
                let piece = bytes[at..(at + rng.below(40)).min(bytes.len())].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => bytes[at] = rng.below(256) as u8,
        }
    }
    bytes
}

/// A value of any type but, mostly, the right one.
fn strange(rng: &mut Rng) -> Value {
    match rng.below(14) {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(1e308),
        3 => json!(u64::MAX),
        4 => json!(0.5),
        5 => json!(true),
        6 => json!([]),
        7 => json!({}),
        8 => json!(""),
        9 => json!("x".repeat(rng.below(3_000))),
        10 => json!([[1], {"a": [null]}]),
        11 => json!({"__proto__": {"x": 1}}),
        12 => json!("\u{0}\u{202e}\u{1f600}"),
        _ => json!({"thumb": "sideways"}),
    }
}

/// One node of a value replaced, dropped or renamed.
fn retyped(rng: &mut Rng, value: &mut Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() && rng.below(4) > 0 => {
            let name = fields.keys().nth(rng.below(fields.len())).cloned().unwrap_or_default();
            match rng.below(8) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(format!("{name}x"), strange(rng))),
                _ => retyped(rng, &mut fields[&name]),
            }
        }
        Value::Array(items) if !items.is_empty() && rng.below(4) > 0 => {
            let at = rng.below(items.len());
            retyped(rng, &mut items[at]);
        }
        other => *other = strange(rng),
    }
}

/// What a request is made of.
struct Maker {
    rng: Rng,
    batch: Value,
    order: Value,
    bomb: Vec<u8>,
    /// The number of the next signal.
    next: u64,
}

impl Maker {
    /// A batch with a signal that was never sent.
    fn fresh(&mut self) -> Value {
        self.next += 1;
        let mut batch = self.batch.clone();
        batch["signals"][0] = json!(signal(self.next, "short", Thumb::Up));
        batch
    }

    fn fresh_bytes(&mut self) -> Vec<u8> {
        self.fresh().to_string().into_bytes()
    }

    /// A body, and whether it is certain that nothing of it may be stored.
    fn body(&mut self) -> (Vec<u8>, bool) {
        let good = self.fresh_bytes();
        let rng = &mut self.rng;
        match rng.below(100) {
            0..8 => (random(rng, 2_000), true),
            8..12 => ([vec![0x1F, 0x8B], random(rng, 500)].concat(), true),
            12..42 => (mutated(rng, good), false),
            42..48 => (gzip(&mutated(rng, good)), false),
            48..52 => {
                let packed = gzip(&good);
                (packed[..rng.below(packed.len())].to_vec(), true)
            }
            52..56 => (mutated(rng, gzip(&good)), false),
            56..78 => {
                let mut batch = self.fresh();
                for _ in 0..=self.rng.below(3) {
                    retyped(&mut self.rng, &mut batch);
                }
                (batch.to_string().into_bytes(), false)
            }
            78..83 => {
                let most = if rng.below(20) == 0 { 100_000 } else { 300 };
                let depth = 1 + rng.below(most);
                let (open, close) = [("[", "]"), ("{\"a\":", "}")][rng.below(2)];
                let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let at = ["signals", "consent", "secret", "v"][rng.below(4)];
                let mut batch = self.fresh();
                batch[at] = json!("DEEP");
                (batch.to_string().replace("\"DEEP\"", &deep).into_bytes(), true)
            }
            83..89 => {
                let huge = ["1e999", "-1e999", "99999999999999999999999", "1e-999", "0x10", "1_000", "NaN", "-"];
                let number = huge[rng.below(huge.len())];
                let at = ["sent_at", "version", "v"][rng.below(3)];
                let mut batch = self.fresh();
                batch[at] = json!("HUGE");
                (batch.to_string().replace("\"HUGE\"", number).into_bytes(), true)
            }
            89..94 => {
                let bad: [&[u8]; 5] = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"];
                let (mut bytes, piece) = (good, bad[rng.below(5)]);
                let at = rng.below(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
                (bytes, true)
            }
            94 => (self.bomb.clone(), true),
            _ => (self.order.to_string().into_bytes(), true),
        }
    }

    /// The body of an erase order, of somebody who has never sent anything.
    fn order(&mut self) -> (Vec<u8>, bool) {
        let rng = &mut self.rng;
        let mut order = self.order.clone();
        match rng.below(4) {
            0 => (random(rng, 300), true),
            1 => (order.to_string().into_bytes()[..rng.below(40)].to_vec(), true),
            2 => (mutated(rng, order.to_string().into_bytes()), false),
            _ => {
                retyped(rng, &mut order);
                (order.to_string().into_bytes(), false)
            }
        }
    }

    fn request(&mut self) -> (Request<Body>, bool) {
        let odd = |rng: &mut Rng| -> String { random(rng, 30).iter().map(|byte| format!("%{byte:02x}")).collect() };
        let kind = self.rng.below(20);
        let (body, is_nonsense) = if kind < 7 && kind > 4 { self.order() } else { self.body() };
        let rng = &mut self.rng;
        let (method, path) = match kind {
            0 => (Method::GET, format!("/v1/head?{}", odd(rng))),
            1 => {
                let key = self.batch["key"].as_str().unwrap_or_default();
                (Method::GET, format!("/v1/head?key={key}&version={}&model={}", odd(rng), odd(rng)))
            }
            2 => (Method::GET, format!("/v1/weights/{}/{}", odd(rng), odd(rng))),
            3 => (Method::GET, format!("/{}", odd(rng))),
            4 => ([Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD][rng.below(4)].clone(), "/v1/sync".into()),
            5 | 6 => (Method::POST, "/v1/erase".into()),
            _ => (Method::POST, "/v1/sync".into()),
        };
        let mut request = Request::builder().method(method).uri(path);
        if rng.below(4) == 0 {
            let encodings = ["gzip", "br", "identity, gzip", "\u{7f}"];
            let encoding = encodings[rng.below(3)];
            request = request.header("content-encoding", encoding).header("content-type", "multipart/form-data");
        }
        (request.body(Body::from(body)).expect("a request"), is_nonsense)
    }
}

#[tokio::test]
async fn malformed_requests_are_refused_with_a_code_and_store_nothing() {
    let seeds = std::env::var("FLYWHEEL_SEEDS").ok().and_then(|seeds| seeds.parse::<u64>().ok()).unwrap_or(50);
    let server = Fixture::new(0).restart_with(|config| config.limits.key_rate.per_second = 0.0);
    server.send(1, log(1, 3).pop().expect("one").1).await;
    let batch = json!(server.batch(9, 0, vec![signal(1, "short", Thumb::Up)]));
    let order = json!(Erase { v: PROTOCOL, key: server.store.keys().public.clone(), secret: "f".repeat(32) });
    let bomb = gzip(&vec![b'['; 5 << 20]);
    let mut maker = Maker { rng: Rng::new(5), batch, order, bomb, next: NOW % 1_000_000 };
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let (mut seen, mut taken, mut erased) = (BTreeMap::<String, u32>::new(), BTreeSet::new(), BTreeSet::new());
    for number in 0..seeds * 100 {
        let (request, is_nonsense) = maker.request();
        let words = format!("request {number}: {} {}", request.method(), request.uri());
        let answer = server.request(request).await;
        assert!(answer.status.as_u16() < 500, "{words}: {}", String::from_utf8_lossy(&answer.body));
        if answer.status.is_client_error() {
            // HEAD has no body to say why.
            let problem = serde_json::from_slice::<Problem>(&answer.body).map(|problem| problem.code);
            let code = problem.unwrap_or_else(|_| String::from("none"));
            assert!(codes.contains(code.as_str()) || words.contains("HEAD"), "{words}: {code}");
            *seen.entry(code).or_default() += 1;
        } else if let Ok(reply) = serde_json::from_slice::<Reply>(&answer.body) {
            for verdict in reply.results {
                if verdict.outcome == Outcome::Ok {
                    assert!(!is_nonsense, "{words} was taken");
                    taken.insert(verdict.id);
                }
                *seen.entry(format!("{:?}", verdict.outcome)).or_default() += 1;
            }
        } else if words.contains("/v1/erase") {
            assert!(!is_nonsense, "{words} was taken");
            erased.insert(number);
        }
    }
    println!("{seen:?}");
    for code in ["invalid_json", "invalid_utf8", "invalid_value", "invalid_key", "body_too_large", "not_finite"] {
        assert!(seen.contains_key(code), "no request came to {code}: the test says too little");
    }
    // And everything works as before.
    server.send(2, log(2, 3).remove(1).1).await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    let books = server.books();
    let count = |what: &str| -> i64 { books.database().query_row(what, [], |row| row.get(0)).expect("a count") };
    assert_eq!(count("SELECT count(*) FROM signals"), 6 + taken.len() as i64, "stored is what was acknowledged");
    assert!(count("SELECT count(*) FROM tombstones") <= erased.len() as i64);
    assert_consistent(&books);
}
