//! Versions, the steps between them, and whole weights.

use crate::fixture::{Fixture, log, signal};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use flywheel_core::base64;
use flywheel_core::belief::{Model, Weights, decode};
use flywheel_core::feature::{Object, Value};
use flywheel_core::signal::{Signal, Thumb};
use flywheel_core::wire::{Reply, WeightsHead};
use flywheel_server::Task;
use std::io::Read;
use std::time::Duration;

fn apply(current: &Weights, offered: &WeightsHead) -> Weights {
    let bytes = base64::decode(offered.delta.as_deref().expect("a small step")).expect("base64");
    let weights = decode(&Model::default(), current, &bytes).expect("applies");
    assert_eq!(weights.head(), offered.head);
    weights
}

/// Signals with so many features that the weights do not fit into a reply.
pub fn wide(n: u64) -> Signal {
    let mut signal = signal(n, "short", Thumb::Up);
    signal.context = Object::default();
    signal.shown.features =
        Object((0..500).map(|f| (format!("f{f}").into(), Value::Text(format!("v{n}-{f}").into()))).collect());
    signal
}

#[tokio::test]
async fn with_publish_every_1_the_answer_already_contains_what_was_sent() {
    let server = Fixture::new(1);
    for (round, (person, signals)) in (1..).zip(log(4, 3)) {
        let reply = server.send(person, signals).await;
        let head = reply.weights.expect("weights").head;
        assert_eq!((head.version, Some(head.seq)), (round, reply.results[2].seq));
    }
}

#[tokio::test]
async fn with_publish_every_10_the_tenth_signal_publishes() {
    let server = Fixture::new(10);
    let mut heads = Vec::new();
    for (person, signals) in log(7, 3) {
        heads.push(server.send(person, signals).await.weights.map(|weights| weights.head.seq));
    }
    assert_eq!(heads, [None, None, None, Some(12), Some(12), Some(12), Some(12)]);
}

#[tokio::test]
async fn the_timer_publishes_what_has_changed_and_nothing_else() {
    let server = Fixture::new(0).restart_with(|config| config.publish_interval = Duration::from_millis(20));
    server.send(1, log(1, 3).remove(0).1).await;
    let mut head = None;
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        head = server.sync(&server.batch(2, 0, vec![])).await.weights.map(|weights| weights.head);
        if head.is_some() {
            break;
        }
    }
    assert_eq!(head.map(|head| (head.version, head.seq)), Some((1, 3)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let later = server.sync(&server.batch(2, 0, vec![])).await.weights.map(|weights| weights.head);
    assert_eq!(later, head);
}

#[tokio::test]
async fn steps_from_every_earlier_version_lead_to_the_same_weights() {
    let server = Fixture::new(1);
    let mut held = vec![Weights::new(&Model::default())];
    for (person, signals) in log(5, 4) {
        for signal in signals {
            let have = held.last().expect("one");
            let reply = server.sync(&server.batch(person, have.head().version, vec![signal])).await;
            held.push(apply(have, &reply.weights.expect("a step")));
        }
        // Clearing cells must travel as well.
        if person == 3 {
            server.erase(2).await;
        }
    }
    let newest = server.sync(&server.batch(1, 0, vec![])).await.weights.expect("weights");
    let newest = apply(&Weights::new(&Model::default()), &newest);
    for have in held.iter().filter(|have| have.head().version != newest.head().version) {
        let reply = server.sync(&server.batch(1, have.head().version, vec![])).await;
        assert!(apply(have, &reply.weights.expect("a step")).cells().eq(newest.cells()));
    }
    let none: Reply = server.sync(&server.batch(1, newest.head().version, vec![])).await;
    assert_eq!(none.weights, None);
    assert!(server.books().weights("default").expect("weights").cells().eq(newest.cells()));
}

#[tokio::test]
async fn a_version_from_another_life_is_replaced_by_the_whole() {
    let server = Fixture::new(1);
    server.send(1, log(1, 3).remove(0).1).await;
    let mut other = Weights::new(&Model::default());
    other.set_head(77, 500);
    let offered = server.sync(&server.batch(1, 77, vec![])).await.weights.expect("weights");
    let weights = apply(&other, &offered);
    assert_eq!(weights.head().version, 1);
    assert!(server.books().weights("default").expect("weights").cells().eq(weights.cells()));
}

#[tokio::test]
async fn a_page_that_shares_nothing_gets_the_weights_all_the_same() {
    let server = Fixture::new(1);
    server.send(1, log(1, 3).remove(0).1).await;
    let key = server.store.keys().public.clone();
    let ask = async |rest: &str| -> Reply {
        let answer = server.get(&format!("/v1/head?key={key}{rest}")).await;
        serde_json::from_slice(&answer.body).expect("a reply")
    };
    let offered = ask(&format!("&version=0&model={}", Model::default().id())).await.weights.expect("weights");
    let weights = apply(&Weights::new(&Model::default()), &offered);
    assert_eq!(ask("&version=1").await.weights, None);
    for (query, code) in [
        ("".to_owned(), "invalid_key"),
        ("?key=pk_x".to_owned(), "invalid_key"),
        (format!("?key={key}&model=other"), "unsupported_model"),
        (format!("?key={key}&version=x"), "invalid_value"),
    ] {
        assert_eq!(server.get(&format!("/v1/head{query}")).await.code(), code, "{query}");
    }
    assert!(server.books().weights("default").expect("weights").cells().eq(weights.cells()));
}

#[tokio::test]
async fn large_weights_are_fetched_from_an_address_that_never_changes() {
    let server = Fixture::new(1);
    let reply = server.send(1, (0..12).map(wide).collect()).await;
    let offered = reply.weights.expect("weights");
    assert_eq!(offered.delta, None);
    let url = offered.url.expect("an address");
    assert_eq!(url, format!("v1/weights/default/1-{:016x}", offered.head.hash));

    let plain = server.get(&format!("/{url}")).await;
    assert_eq!(plain.status, StatusCode::OK);
    assert_eq!(plain.headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(plain.headers.get("content-encoding").is_none());
    let nothing = Weights::new(&Model::default());
    let weights = decode(&Model::default(), &nothing, &plain.body).expect("weights");
    assert_eq!(weights.head(), offered.head);
    assert!(weights.cells().count() > 5_000);

    let ask = |name: &str, value: &str| {
        server.request(Request::get(format!("/{url}")).header(name, value).body(Body::empty()).expect("a request"))
    };
    let zipped = ask("accept-encoding", "br, gzip").await;
    assert_eq!(zipped.headers["content-encoding"], "gzip");
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(&zipped.body[..]).read_to_end(&mut inflated).expect("gzip");
    assert!(inflated == plain.body);
    let tag = plain.headers["etag"].to_str().expect("text").to_owned();
    let same = ask("if-none-match", &tag).await;
    assert_eq!((same.status, same.body.len()), (StatusCode::NOT_MODIFIED, 0));

    // A small step afterwards is inline again, and the address outlives a restart.
    let server = server.restart();
    assert!(server.get(&format!("/{url}")).await.body == plain.body);
    let step = server.sync(&server.batch(1, 1, vec![signal(50, "long", Thumb::Down)])).await;
    assert!(apply(&weights, &step.weights.expect("weights")).head().version == 2);
}

#[tokio::test]
async fn weights_that_are_not_kept_are_a_problem_with_a_code() {
    let server = Fixture::new(1);
    server.send(1, (0..12).map(wide).collect()).await;
    for address in ["1-0000000000000000", "9-0123456789abcdef", "x", "..%2f..%2fetc"] {
        let answer = server.get(&format!("/v1/weights/default/{address}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"), "{address}");
    }
}

#[tokio::test]
async fn versions_that_contain_an_erased_person_cannot_be_fetched_any_more() {
    let server = Fixture::new(1);
    let url = server.send(1, (0..12).map(wide).collect()).await.weights.expect("weights").url.expect("an address");
    assert_eq!(server.get(&format!("/{url}")).await.status, StatusCode::OK);
    server.erase(1).await;
    assert_eq!(server.get(&format!("/{url}")).await.code(), "not_found");
}

#[tokio::test]
async fn publishing_nothing_new_makes_no_version() {
    let server = Fixture::new(0);
    server.send(1, log(1, 2).remove(0).1).await;
    for _ in 0..3 {
        server.store.run(Task::Publish).await.expect("publishes");
    }
    assert_eq!(server.books().head("default").expect("a head").version, 1);
}
