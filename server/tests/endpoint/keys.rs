//! Apps and keys: made, replaced and ended by an operator while the server runs.

use crate::fixture::{Fixture, NOW, log};
use axum::http::StatusCode;
use flywheel_core::error::Code;
use flywheel_core::wire::Batch;
use flywheel_server::{KeyEntry, Kind, Registry};
use std::time::{Duration, Instant};

async fn status(server: &Fixture, key: &str) -> StatusCode {
    server.get(&format!("/v1/head?key={key}")).await.status
}

/// Waits until the server sees a key as it should.
async fn becomes(server: &Fixture, key: &str, wanted: StatusCode) {
    let start = Instant::now();
    while status(server, key).await != wanted {
        assert!(start.elapsed() < Duration::from_secs(5), "the server has not noticed within seconds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn id_of(registry: &Registry, app: &str, kind: Kind) -> String {
    let is_it = |key: &KeyEntry| key.kind == kind && key.expires_at.is_none();
    registry.keys(Some(app)).expect("keys").into_iter().find(is_it).expect("a key").id
}

#[tokio::test]
async fn a_running_server_notices_new_replaced_and_ended_keys_within_seconds() {
    let server = Fixture::new(1);
    let mut registry = Registry::open(server.folder.path()).expect("opens beside the server");
    let first = registry.create_app("shop", NOW).expect("an app").public;
    assert_eq!(status(&server, &first).await, StatusCode::UNAUTHORIZED);
    becomes(&server, &first, StatusCode::OK).await;
    // The new app works at once, without a restart.
    let batch = Batch { key: first.clone(), ..server.batch(1, 0, log(1, 2).remove(0).1) };
    assert_eq!(server.sync(&batch).await.weights.expect("published").head.version, 1);

    // Replaced, with an hour in which both are valid.
    let id = id_of(&registry, "shop", Kind::Public);
    let second = registry.rotate_key(&id, Duration::from_secs(3_600), NOW).expect("a key");
    becomes(&server, &second, StatusCode::OK).await;
    assert_eq!(status(&server, &first).await, StatusCode::OK);
    server.set_time(NOW + 3_600_001);
    becomes(&server, &first, StatusCode::UNAUTHORIZED).await;
    assert_eq!(status(&server, &second).await, StatusCode::OK);

    registry.revoke_key(&id_of(&registry, "shop", Kind::Public), NOW + 3_600_001).expect("ends");
    becomes(&server, &second, StatusCode::UNAUTHORIZED).await;
    let own = server.store.keys().public.clone();
    assert_eq!(status(&server, &own).await, StatusCode::OK, "the other app's key is as it was");
}

#[tokio::test]
async fn a_replaced_key_of_the_default_app_is_the_one_that_is_shown() {
    let server = Fixture::new(0);
    let old = server.store.keys().public.clone();
    let mut registry = Registry::open(server.folder.path()).expect("opens");
    let id = id_of(&registry, "default", Kind::Public);
    let new = registry.rotate_key(&id, Duration::ZERO, NOW).expect("a key");
    drop(registry);
    let server = server.restart();
    assert_eq!(server.store.keys().public, new);
    assert_eq!(status(&server, &old).await, StatusCode::UNAUTHORIZED);
    // Ended altogether, another is made at the next start, as when the file is lost.
    let mut registry = Registry::open(server.folder.path()).expect("opens");
    registry.revoke_key(&id_of(&registry, "default", Kind::Public), NOW).expect("ends");
    drop(registry);
    let server = server.restart();
    assert_ne!(server.store.keys().public, new);
    assert_eq!(status(&server, &new).await, StatusCode::UNAUTHORIZED);
}

#[test]
fn what_cannot_be_done_has_its_code() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut registry = Registry::open(folder.path()).expect("opens");
    for name in ["", "Shop", "a b", "a/b", "ä", "..", &"x".repeat(65)] {
        assert_eq!(registry.create_app(name, 1).expect_err(name).code, Code::InvalidName, "{name}");
    }
    registry.create_app("shop", 1).expect("an app");
    assert_eq!(registry.create_app("shop", 1).expect_err("twice").code, Code::InvalidName);
    assert_eq!(registry.create_key("nobody", Kind::Public, 1).expect_err("no app").code, Code::NotFound);
    for id in ["", "00000000", "%", "deadbeef' OR 1=1 --"] {
        assert_eq!(registry.revoke_key(id, 1).expect_err(id).code, Code::NotFound, "{id}");
    }
    let id = id_of(&registry, "shop", Kind::Secret);
    registry.revoke_key(&id, 2).expect("ends");
    assert_eq!(registry.revoke_key(&id, 3).expect_err("twice").code, Code::NotFound);
    assert_eq!(registry.rotate_key(&id, Duration::ZERO, 3).expect_err("ended").code, Code::NotFound);
    assert_eq!(registry.apps(3).expect("apps")[0].keys, 1);
}

#[test]
fn a_key_is_in_no_file_but_the_one_that_shows_it() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut registry = Registry::open(folder.path()).expect("opens");
    let keys = registry.create_app("shop", 1).expect("an app");
    let more = registry.create_key("shop", Kind::Secret, 1).expect("a key");
    for file in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("reads");
        for key in [&keys.public, keys.secret.as_ref().expect("made"), &more] {
            let raw = &key.as_bytes()[3..];
            assert!(!bytes.windows(raw.len()).any(|window| window == raw));
        }
    }
}

#[tokio::test]
async fn an_older_database_under_a_running_server_is_left_alone() {
    let server = Fixture::new(0);
    let db = rusqlite::Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
    db.pragma_update(None, "user_version", 1).expect("set");
    assert_eq!(Registry::open(server.folder.path()).expect_err("refused").code, Code::Unavailable);
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a number");
    assert_eq!(version, 1);
}
