//! A person has several devices, and a device changes its secret; nothing is lost or counted twice by it.

use crate::fixture::{Answer, Fixture, NOW, assert_consistent, log, secret, signal, sums_of_sites};
use axum::http::StatusCode;
use flywheel_core::base64;
use flywheel_core::belief::Site;
use flywheel_core::signal::Thumb;
use flywheel_core::wire::{Outcome, PROTOCOL, Person, PersonSite};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What the host's own server does with its secret key.
fn token(key: &str, person: &str, until: u64) -> String {
    let url = |bytes: &[u8]| base64::encode(bytes).replace('+', "-").replace('/', "_").replace('=', "");
    let payload = url(serde_json::json!({ "person": person, "until": until }).to_string().as_bytes());
    let mut mac = Hmac::<Sha256>::new_from_slice(&Sha256::digest(key)).expect("a key");
    mac.update(payload.as_bytes());
    format!("{payload}.{}", url(&mac.finalize().into_bytes()))
}

async fn ask(server: &Fixture, device: u64, token: Option<String>, next: Option<u64>) -> Answer {
    let key = server.store.keys().public.clone();
    let body = Person { v: PROTOCOL, key, secret: secret(device), token, next: next.map(secret) };
    server.post("/v1/person", serde_json::to_vec(&body).expect("json")).await
}

async fn site(server: &Fixture, device: u64) -> Site {
    let answer = ask(server, device, None, None).await;
    let known: PersonSite = serde_json::from_slice(&answer.body).expect("a person");
    let mut site = Site::new();
    site.add(&known.site);
    site
}

async fn join(server: &Fixture, device: u64, person: &str) -> StatusCode {
    let key = server.store.keys().secret.clone().expect("the first start");
    ask(server, device, Some(token(&key, person, NOW)), None).await.status
}

#[tokio::test]
async fn devices_that_join_become_one_person_whose_evidence_is_all_of_it() {
    let server = Fixture::new(2);
    for (person, signals) in log(3, 6) {
        server.send(person, signals).await;
    }
    let (one, two) = (site(&server, 1).await, site(&server, 2).await);
    for device in [1, 2, 1] {
        assert_eq!(join(&server, device, "ada").await, StatusCode::OK);
    }
    let both = one.to_diff().plus(&two.to_diff());
    assert_eq!((site(&server, 1).await.to_diff(), site(&server, 2).await.to_diff()), (both.clone(), both.clone()));
    assert_ne!(site(&server, 3).await.to_diff(), both);
    // What was under way twice is one signal still, and what either says is both's.
    let (_, signals) = log(1, 6).remove(0);
    let again = server.sync(&server.batch(2, 0, signals)).await;
    assert!(again.results.iter().all(|verdict| verdict.outcome == Outcome::Duplicate && verdict.taught.is_some()));
    server.send(2, vec![signal(9_001, "short", Thumb::Up)]).await;
    assert_eq!(site(&server, 1).await, site(&server, 2).await);
    let server = server.restart();
    assert_ne!(site(&server, 1).await.to_diff(), both);

    let books = server.books();
    assert_eq!(books.sites("default").expect("sites").len(), 2);
    assert!(*books.sums("default").expect("sums") == sums_of_sites(&books));
    assert_consistent(&books);
}

#[tokio::test]
async fn erasing_a_person_erases_all_devices_and_late_batches_of_each() {
    let server = Fixture::new(1);
    for (person, signals) in log(3, 4) {
        server.send(person, signals).await;
    }
    for device in [1, 2] {
        assert_eq!(join(&server, device, "ada").await, StatusCode::OK);
    }
    let answer = server.erase(2).await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&answer.body).expect("json")["signals"], 8);
    for device in [1, 2] {
        let late = server.sync(&server.batch(device, 0, vec![signal(9_000 + device, "short", Thumb::Up)])).await;
        assert_eq!(late.results[0].outcome, Outcome::Erased);
        assert_eq!(join(&server, device, "ada").await, StatusCode::UNAUTHORIZED);
    }
    // Whoever comes with another device is here again.
    server.send(4, vec![signal(9_004, "short", Thumb::Up)]).await;
    assert_eq!(join(&server, 4, "ada").await, StatusCode::OK);
    server.send(4, vec![signal(9_005, "short", Thumb::Up)]).await;
    let books = server.books();
    assert!(*books.sums("default").expect("sums") == sums_of_sites(&books));
    assert_eq!(books.sites("default").expect("sites").len(), 2);
    let devices: i64 =
        books.database().query_row("SELECT count(*) FROM devices", [], |row| row.get(0)).expect("a count");
    assert_eq!(devices, 1, "nothing says that the erased ones belonged together");
}

#[tokio::test]
async fn a_secret_that_was_replaced_speaks_for_nobody_and_the_next_one_for_the_person() {
    let server = Fixture::new(1);
    server.send(1, vec![signal(1, "short", Thumb::Up), signal(2, "long", Thumb::Down)]).await;
    let before = site(&server, 1).await;
    // The answer may have been lost.
    for _ in 0..2 {
        assert_eq!(ask(&server, 1, None, Some(7)).await.status, StatusCode::OK);
    }
    assert_eq!(site(&server, 7).await, before);
    assert_eq!(ask(&server, 1, None, None).await.code(), "invalid_key");
    assert_eq!(ask(&server, 1, None, Some(8)).await.code(), "invalid_key");
    assert_eq!(join(&server, 1, "ada").await, StatusCode::UNAUTHORIZED);
    // What was under way waits for the other secret.
    let more = vec![signal(3, "list", Thumb::Up)];
    let late = server.sync(&server.batch(1, 0, more.clone())).await;
    assert_eq!(late.results[0].outcome, Outcome::Retry);
    server.send(7, more).await;
    // Nobody else's secret can be taken over, and the old one erases nothing.
    server.send(2, vec![signal(4, "list", Thumb::Up)]).await;
    assert_eq!(ask(&server, 2, None, Some(7)).await.code(), "invalid_key");
    assert_eq!(ask(&server, 7, None, Some(2)).await.code(), "invalid_key");
    server.erase(1).await;
    assert_ne!(site(&server, 7).await, Site::new());
    server.erase(7).await;
    let books = server.books();
    assert_eq!(books.sites("default").expect("sites").len(), 1);
    assert!(*books.sums("default").expect("sums") == sums_of_sites(&books));
}

#[tokio::test]
async fn only_the_hosts_own_server_says_who_belongs_together() {
    let server = Fixture::new(1);
    let keys = server.store.keys().clone();
    let key = keys.secret.expect("the first start");
    let good = token(&key, "ada", NOW);
    let other = token(&key, "bob", NOW);
    let mixed = format!("{}.{}", other.split_once('.').expect("two").0, good.split_once('.').expect("two").1);
    for bad in [
        token(&keys.public, "ada", NOW),
        token(&key, "ada", NOW - 1),
        mixed,
        "a.b".into(),
        ".".into(),
        "x".repeat(2_000),
    ] {
        assert_eq!(ask(&server, 1, Some(bad), None).await.code(), "invalid_key");
    }
    assert_eq!(ask(&server, 1, Some(token(&key, "", NOW)), None).await.code(), "invalid_value");
    assert_eq!(ask(&server, 1, Some(good.clone()), Some(2)).await.code(), "invalid_value");
    assert_eq!(ask(&server, 1, Some(good), None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_table_speaks_of_a_device_that_joined_but_the_one_that_says_so() {
    let server = Fixture::new(1);
    for (person, signals) in log(2, 4) {
        server.send(person, signals).await;
    }
    // The device's name, as it stands in the tables before it joins: read beside the server.
    let database = rusqlite::Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
    let before: Vec<u8> =
        database.query_row("SELECT person FROM signals ORDER BY seq", [], |row| row.get(0)).expect("a row");
    drop(database);
    assert_eq!(join(&server, 1, "ada").await, StatusCode::OK);
    let books = server.books();
    let mut tables = books
        .database()
        .prepare(
            "SELECT name FROM sqlite_schema AS t WHERE type = 'table' AND name <> 'devices'
                  AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'person')",
        )
        .expect("a statement");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("names");
    assert!(tables.len() >= 4, "{tables:?}");
    for table in tables {
        let count = format!("SELECT count(*) FROM {table} WHERE person = ?1");
        let rows: i64 = books.database().query_row(&count, [&before], |row| row.get(0)).expect("a count");
        assert_eq!(rows, 0, "{table}");
    }
}
