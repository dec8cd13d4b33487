//! Erasing takes a person out to the bit.

use crate::fixture::{Fixture, assert_consistent, log, signal, sums_of_sites};
use axum::http::StatusCode;
use flywheel_core::belief::{Model, Weights};
use flywheel_core::signal::Thumb;
use flywheel_core::wire::Outcome;

#[tokio::test]
async fn erasing_a_person_leaves_exactly_the_others_contributions() {
    let server = Fixture::new(4);
    for (person, signals) in log(6, 12) {
        server.send(person, signals).await;
    }
    let answer = server.erase(3).await;
    assert_eq!(answer.status, StatusCode::OK);
    let said: serde_json::Value = serde_json::from_slice(&answer.body).expect("json");
    assert_eq!(said["signals"], 12);

    let books = server.books();
    let sums = books.sums("default").expect("sums");
    assert_eq!(books.sites("default").expect("sites").len(), 5);
    assert!(*sums == sums_of_sites(&books));
    assert_consistent(&books);
    // A feature that only person 3 had is gone from the sums and from the published weights.
    let weights = books.weights("default").expect("weights");
    let expected = sums.sorted().into_iter().map(|(slot, sum)| (slot, Weights::quantise(&Model::default(), slot, sum)));
    assert!(weights.cells().eq(expected.filter(|(_, cell)| !cell.is_empty())));
}

#[tokio::test]
async fn erasing_everybody_leaves_nothing() {
    let server = Fixture::new(1);
    for (person, signals) in log(3, 5) {
        server.send(person, signals).await;
    }
    for person in 1..=3 {
        assert_eq!(server.erase(person).await.status, StatusCode::OK);
    }
    let books = server.books();
    assert!(books.sums("default").expect("sums").sorted().is_empty());
    assert_eq!(books.head("default").expect("a head").hash, 0);
    for table in ["signals", "persons", "sums"] {
        let rows: i64 = books
            .database()
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .expect("a count");
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_left_in_the_files() {
    let server = Fixture::new(1);
    let mut telling = signal(1, "short", Thumb::Up);
    telling.shown.features.0[1].1 = flywheel_core::feature::Value::Text("zanzibar-peppercorn".into());
    server.send(1, vec![telling]).await;
    let holds_it = || {
        let files = std::fs::read_dir(server.folder.path()).expect("a folder");
        files
            .filter_map(|file| std::fs::read(file.expect("a file").path()).ok())
            .any(|bytes| bytes.windows(19).any(|window| window == b"zanzibar-peppercorn"))
    };
    assert!(holds_it(), "the test looks in the wrong place");
    server.erase(1).await;
    assert!(!holds_it());
}

#[tokio::test]
async fn an_erased_person_stays_out_and_erasing_again_is_harmless() {
    let server = Fixture::new(1);
    server.send(1, vec![signal(1, "short", Thumb::Up)]).await;
    server.send(2, vec![signal(2, "short", Thumb::Up)]).await;
    server.erase(1).await;
    let server = server.restart();
    let late =
        server.sync(&server.batch(1, 0, vec![signal(1, "short", Thumb::Up), signal(3, "long", Thumb::Up)])).await;
    assert!(late.results.iter().all(|verdict| verdict.outcome == Outcome::Erased && verdict.seq.is_none()));
    let again: serde_json::Value = serde_json::from_slice(&server.erase(1).await.body).expect("json");
    assert_eq!(again["signals"], 0);
    assert_eq!(server.books().sites("default").expect("sites").len(), 1);
}
