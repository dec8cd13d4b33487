//! What strangers may take: by address, by key, of memory, of the disk.

use crate::fixture::{Answer, Fixture, log};
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use flywheel_core::wire::Problem;
use flywheel_server::{Config, Limits, Rate};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

fn with(change: impl FnOnce(&mut Limits)) -> Fixture {
    Fixture::new(0).restart_with(|config: &mut Config| change(&mut config.limits))
}

/// Next to no requests come back: what is taken is the burst.
fn burst(burst: u32) -> Rate {
    Rate { per_second: 0.001, burst }
}

fn body(server: &Fixture, person: u64) -> Vec<u8> {
    serde_json::to_vec(&server.batch(person, 0, log(person, 1).pop().expect("one").1)).expect("json")
}

async fn from(server: &Fixture, peer: &str, forwarded: Option<&str>) -> Answer {
    let peer = format!("{peer}:9").parse::<SocketAddr>().expect("an address");
    let mut request = Request::post("/v1/sync").extension(ConnectInfo(peer));
    if let Some(list) = forwarded {
        request = request.header("x-forwarded-for", list);
    }
    server.request(request.body(Body::from(body(server, 1))).expect("a request")).await
}

/// The problem of an answer that says when to come back.
fn refusal(answer: &Answer) -> Problem {
    let problem: Problem = serde_json::from_slice(&answer.body).expect("a problem");
    let wait_ms = problem.retry_after_ms.expect("says when to come back");
    let seconds: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!(seconds * 1_000 >= wait_ms && wait_ms > 0);
    problem
}

#[tokio::test]
async fn an_address_has_its_rate_and_is_told_when_to_come_back() {
    let server = Fixture::new(0).restart_with(|config: &mut Config| {
        config.limits.address_rate = burst(3);
        config.origins = flywheel_server::Origins::Any;
    });
    for _ in 0..3 {
        assert_eq!(from(&server, "203.0.113.5", None).await.status, StatusCode::OK);
    }
    let answer = from(&server, "203.0.113.5", None).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "rate_limited"));
    assert!(refusal(&answer).retry_after_ms > Some(900_000), "a thousand seconds to the next one");
    assert_eq!(answer.headers["access-control-allow-origin"], "*", "a page may read why");
    assert_eq!(from(&server, "203.0.113.6", None).await.status, StatusCode::OK, "others are not concerned");
    for host in 0..3 {
        assert_eq!(from(&server, &format!("[2001:db8:7:{host}::1]"), None).await.status, StatusCode::OK);
    }
    assert_eq!(from(&server, "[2001:db8:7:9::2]", None).await.code(), "rate_limited", "a /48 is one client");
    assert_eq!(from(&server, "[2001:db8:8::2]", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_large_body_counts_as_the_many_that_it_is_however_small_it_was_packed() {
    let server = with(|limits| limits.address_rate = burst(8));
    let send = async |peer: &str, spaces: usize| {
        let peer = format!("{peer}:9").parse::<SocketAddr>().expect("an address");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&[body(&server, 1), vec![b' '; spaces]].concat()).expect("packs");
        let body = Body::from(packed.finish().expect("packs"));
        let request = Request::post("/v1/sync").extension(ConnectInfo(peer)).body(body).expect("a request");
        server.request(request).await.status.as_u16()
    };
    assert_eq!(send("203.0.113.5", 4_000_000).await, 200, "a full bucket pays for the largest");
    assert_eq!(send("203.0.113.5", 0).await, 429, "and is empty then");
    for _ in 0..2 {
        assert_eq!(send("203.0.113.6", 150_000).await, 200, "four each");
    }
    assert_eq!(send("203.0.113.6", 0).await, 429);
    for _ in 0..8 {
        assert_eq!(send("203.0.113.7", 40_000).await, 200, "what a page sends at most is one");
    }
    for _ in 0..8 {
        assert_eq!(send("127.0.0.1", 4_000_000).await, 200, "this machine has no rate");
    }
}

#[tokio::test]
async fn a_forwarded_address_counts_when_a_trusted_proxy_says_so_and_only_then() {
    let server = with(|limits| {
        limits.address_rate = burst(1);
        limits.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a net"), "127.0.0.0/8".parse().expect("a net")];
    });
    for (peer, forwarded, status) in [
        ("10.0.0.1", "198.51.100.1", 200),
        ("10.0.0.1", "198.51.100.2", 200),
        ("10.0.0.2", "198.51.100.1", 429),
        // Whatever the client says about itself stands before what the proxy saw.
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", 429),
        // A stranger cannot choose an address, however often it tries.
        ("203.0.113.5", "198.51.100.3", 200),
        ("203.0.113.5", "198.51.100.4", 429),
        ("127.0.0.1", "198.51.100.5", 200),
        ("127.0.0.1", "198.51.100.5", 429),
    ] {
        assert_eq!(from(&server, peer, Some(forwarded)).await.status.as_u16(), status, "{peer} for {forwarded}");
    }
}

#[tokio::test]
async fn this_machine_itself_has_no_rate_by_address() {
    let server = with(|limits| limits.address_rate = burst(1));
    for peer in ["127.0.0.1", "[::1]", "127.0.0.1", "[::1]"] {
        assert_eq!(from(&server, peer, Some("198.51.100.1")).await.status, StatusCode::OK, "{peer}");
    }
}

#[tokio::test]
async fn a_key_has_its_rate_over_all_that_it_can_ask_for() {
    let server = with(|limits| limits.key_rate = burst(4));
    let key = server.store.keys().public.clone();
    let head = format!("/v1/head?key={key}");
    assert_eq!(server.post("/v1/sync", body(&server, 1)).await.status, StatusCode::OK);
    assert_eq!(server.get(&head).await.status, StatusCode::OK);
    assert_eq!(server.erase(2).await.status, StatusCode::OK);
    assert_eq!(server.get(&head).await.status, StatusCode::OK);
    for answer in [server.post("/v1/sync", body(&server, 1)).await, server.get(&head).await, server.erase(2).await] {
        assert_eq!(answer.code(), "rate_limited");
        refusal(&answer);
    }
    assert_eq!(server.get("/v1/head?key=pk_other").await.code(), "invalid_key", "an unknown key costs nobody anything");
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_that_do_not_fit_into_memory_are_told_to_come_back_and_give_it_back() {
    let server = with(|limits| limits.body_bytes = 100 << 10);
    let gzip = |size: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&vec![b' '; size]).expect("writes");
        encoder.finish().expect("finishes")
    };
    for _ in 0..3 {
        // As it was sent, and as it is unpacked.
        for large in [vec![b' '; 101 << 10], gzip(120 << 10)] {
            let answer = server.post("/v1/sync", large).await;
            assert_eq!(answer.code(), "rate_limited");
            refusal(&answer);
        }
        for fits in [vec![b' '; 49 << 10], gzip(90 << 10)] {
            assert_eq!(server.post("/v1/sync", fits).await.code(), "invalid_json");
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up_and_costs_nothing() {
    let server = with(|limits| limits.body_time = Duration::from_millis(80));
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    sender.send(Ok(Bytes::from_static(b"{\"v\":1"))).await.expect("sends");
    let stream = http_body_util::StreamBody::new(Frames(receiver));
    let answer = server.post("/v1/sync", Body::new(stream)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (408, "request_timeout"));
    drop(sender);
}

/// Frames of a body from a channel.
struct Frames(tokio::sync::mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl futures_core::Stream for Frames {
    type Item = Result<http_body::Frame<Bytes>, std::io::Error>;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|item| item.map(|data| data.map(http_body::Frame::data)))
    }
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_no_signals_and_still_erases_and_publishes() {
    let server = Fixture::new(0);
    server.send(1, log(1, 3).pop().expect("one").1).await;
    let server = server.restart_with(|config| config.limits.disk_floor = u64::MAX);
    let answer = server.post("/v1/sync", body(&server, 2)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (507, "disk_full"));
    refusal(&answer);
    assert_eq!(server.store.ready().expect_err("not ready").code.as_str(), "disk_full");
    let key = server.store.keys().public.clone();
    assert_eq!(server.get(&format!("/v1/head?key={key}")).await.status, StatusCode::OK);
    assert_eq!(server.erase(1).await.status, StatusCode::OK);
    let server = server.restart_with(|config| config.limits.disk_floor = 0);
    assert_eq!(server.store.ready(), Ok(()));
    assert_eq!(server.books().sites("default").expect("sites").len(), 0, "nothing was stored");
}
