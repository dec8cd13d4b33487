//! The frame around the protocol: CORS, static files, health, load.

use crate::fixture::{Fixture, log};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use flywheel_core::error::Code;
use flywheel_core::wire::Problem;
use flywheel_server::{Config, Origins};
use std::time::Duration;

fn with(change: impl FnOnce(&mut Config)) -> Fixture {
    Fixture::new(0).restart_with(change)
}

async fn from_origin(server: &Fixture, method: Method, path: &str, origin: &str) -> crate::fixture::Answer {
    let request = Request::builder().method(method).uri(path).header("origin", origin);
    server.request(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn errors_carry_cors_headers_too() {
    let server = with(|config| config.origins = Origins::Any);
    for (method, path) in [(Method::POST, "/v1/sync"), (Method::GET, "/v1/sync"), (Method::GET, "/nowhere")] {
        let answer = from_origin(&server, method, path, "https://a.example").await;
        assert!(answer.status.is_client_error());
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{path}");
        answer.code();
    }
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let server = with(|config| config.origins = Origins::Listed(vec!["https://a.example".into()]));
    let allowed = from_origin(&server, Method::GET, "/healthz", "https://a.example").await;
    assert_eq!(allowed.headers["access-control-allow-origin"], "https://a.example");
    assert!(allowed.headers["vary"].to_str().expect("text").contains("Origin"));
    let other = from_origin(&server, Method::GET, "/healthz", "https://b.example").await;
    assert!(other.headers.get("access-control-allow-origin").is_none());
    let own = from_origin(&with(|_| ()), Method::GET, "/healthz", "https://a.example").await;
    assert!(own.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn options_is_answered() {
    let server = with(|config| config.origins = Origins::Any);
    let answer = from_origin(&server, Method::OPTIONS, "/v1/sync", "https://a.example").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.headers["access-control-allow-methods"], "GET, POST");
}

#[tokio::test]
async fn static_files_are_served_beside_the_endpoint_and_nothing_above_them() {
    let folder = tempfile::TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("www")).expect("a folder");
    std::fs::write(folder.path().join("www/index.html"), "<p>demo").expect("writes");
    std::fs::write(folder.path().join("secret.txt"), "no").expect("writes");
    let server = with(|config| config.static_dir = Some(folder.path().join("www")));
    assert_eq!(server.get("/").await.body, b"<p>demo");
    assert_eq!(server.get("/healthz").await.body, b"ok\n");
    for path in ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"] {
        assert_eq!(server.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_back_and_what_waited_is_stored() {
    let server = with(|config| config.queue = 1);
    // Somebody holds the database: the writer waits with one request, the queue has room for one more.
    let other = rusqlite::Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locks");
    let body = |person: u64| {
        let (_, signals) = log(person, 1).pop().expect("one");
        serde_json::to_vec(&server.batch(person, 0, signals)).expect("json")
    };
    let waiting = async |person: u64, wait_ms: u64| {
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        server.post("/v1/sync", body(person)).await
    };
    let free = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        other.execute_batch("ROLLBACK").expect("unlocks");
    };
    let (first, second, third, ()) = tokio::join!(waiting(1, 0), waiting(2, 200), waiting(3, 400), free);
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!((third.status, third.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let problem: Problem = serde_json::from_slice(&third.body).expect("a problem");
    assert!(problem.retry_after_ms.is_some() && third.headers.contains_key("retry-after"));
    assert_eq!(server.post("/v1/sync", body(3)).await.status, StatusCode::OK);
    assert_eq!(server.books().sites("default").expect("sites").len(), 3);
}

#[tokio::test]
async fn a_server_that_is_stopping_says_when_to_come_back() {
    let server = Fixture::new(0);
    let batch = server.batch(1, 0, log(1, 1).remove(0).1);
    server.store.close();
    let answer = server.post("/v1/sync", serde_json::to_vec(&batch).expect("json")).await;
    assert_eq!(answer.code(), Code::Unavailable.as_str());
    let problem: Problem = serde_json::from_slice(&answer.body).expect("a problem");
    assert!(problem.retry_after_ms.is_some() && answer.headers.contains_key("retry-after"));
    assert_eq!(server.get("/healthz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}
