//! A restart changes nothing.

use crate::fixture::{Fixture, assert_consistent, log};
use flywheel_core::error::Code;
use flywheel_core::id::Id;
use flywheel_core::signal::{Feedback, Signal};
use flywheel_server::{Ledger, Store};

#[tokio::test]
async fn sums_sites_and_head_are_the_same_after_a_restart_to_the_bit() {
    // One server runs through, the other stops and starts after every batch: the same answers, the same books.
    let (through, mut stopping) = (Fixture::new(5), Fixture::new(5));
    for (person, signals) in log(5, 9) {
        for chunk in signals.chunks(4) {
            let here = through.send(person, chunk.to_vec()).await;
            let there = stopping.send(person, chunk.to_vec()).await;
            assert_eq!(here.results, there.results);
            let before = stopping.store.keys().public.clone();
            stopping = stopping.restart();
            assert_eq!(stopping.store.keys().public, before);
            assert_eq!(stopping.store.keys().secret, None, "the secret key is shown once");
        }
    }
    let (through, stopping) = (through.books(), stopping.books());
    assert!(through.sums("default") == stopping.sums("default"));
    assert!(
        through.weights("default").expect("weights").cells().eq(stopping.weights("default").expect("weights").cells())
    );
    assert_eq!(sites(&through), sites(&stopping));
    assert_consistent(&stopping);
}

#[tokio::test]
async fn sites_that_had_to_make_room_come_back_as_they_were() {
    let (roomy, cramped) = (Fixture::new(3), Fixture::new(3).restart_with(|config| config.site_bytes = 0));
    let people = log(4, 8);
    for round in 0..4 {
        for (person, signals) in &people {
            let part = signals[round * 2..round * 2 + 2].to_vec();
            assert_eq!(roomy.send(*person, part.clone()).await.results, cramped.send(*person, part).await.results);
        }
    }
    let cramped = cramped.books();
    assert!(roomy.books().sums("default") == cramped.sums("default"));
    assert_consistent(&cramped);
}

fn sites(ledger: &Ledger) -> Vec<Vec<u8>> {
    // Their salts differ, so the persons' names do; their evidence does not.
    let mut all: Vec<_> =
        ledger.sites("default").expect("sites").iter().map(|site| site.to_diff().to_bytes()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn what_was_not_published_before_a_crash_is_published_after_it() {
    let server = Fixture::new(0);
    server.send(1, log(1, 5).remove(0).1).await;
    server.store.run(flywheel_server::Task::Publish).await.expect("publishes");
    server.send(2, log(2, 5).remove(1).1).await;
    // Copied while it is open: what a crash leaves behind.
    let left = tempfile::TempDir::new().expect("a folder");
    for file in std::fs::read_dir(server.folder.path()).expect("a folder") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), left.path().join(file.file_name())).expect("copies");
    }
    let config = flywheel_server::Config { data: left.path().into(), ..server.config.clone() };
    let mut after = Ledger::open(&config).expect("opens");
    assert_eq!(after.head("default").expect("a head").seq, 5);
    assert!(after.run(&[flywheel_server::Task::Publish]).pop().expect("one").is_ok());
    let head = after.head("default").expect("a head");
    assert_eq!((head.version, head.seq), (2, 10));
    drop(after);
    let again = server.books();
    assert_eq!(again.head("default"), Some(head), "the same as if it had been stopped properly");
}

#[tokio::test]
async fn a_second_process_is_told_that_the_folder_is_in_use() {
    let server = Fixture::new(0);
    let error = Store::open(&server.config).expect_err("two writers");
    assert_eq!(error.code, Code::Unavailable);
    assert!(error.detail.contains("another process"), "{}", error.detail);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let server = Fixture::new(0);
    server.send(1, log(1, 3).remove(0).1).await;
    let version = |n: u32| {
        let books = server.books();
        books.database().pragma_update(None, "user_version", n).expect("sets");
    };
    version(9_999);
    let file = server.folder.path().join("flywheel.sqlite3");
    let before = std::fs::read(&file).expect("the database");
    let error = Store::open(&server.config).expect_err("too new");
    assert_eq!(error.code, Code::DatabaseNewer);
    assert!(error.detail.contains("9999"), "{}", error.detail);
    assert!(std::fs::read(&file).expect("the database") == before);
}

#[tokio::test]
async fn a_lost_public_key_is_replaced_and_the_old_one_still_works() {
    let server = Fixture::new(0);
    let old = server.store.keys().public.clone();
    std::fs::remove_file(server.folder.path().join("public-key.txt")).expect("removes");
    let batch = server.batch(1, 0, log(1, 2).remove(0).1);
    let server = server.restart();
    assert_ne!(server.store.keys().public, old);
    assert_eq!(batch.key, old);
    assert_eq!(server.sync(&batch).await.results.len(), 2);
    let kept = std::fs::read_to_string(server.folder.path().join("public-key.txt")).expect("a key");
    assert_eq!(kept.trim(), server.store.keys().public);
}

#[tokio::test]
async fn a_folder_of_the_schema_before_this_one_opens_and_goes_on_to_the_bit() {
    let (now, before) = (Fixture::new(0), Fixture::new(0));
    for server in [&now, &before] {
        for (person, signals) in log(3, 6) {
            server.send(person, signals).await;
        }
    }
    let books = before.books();
    // As version 7 left it: no steps, and of each signal what stands in full.
    for statement in [
        "DROP TABLE sum_steps",
        "UPDATE signals SET standing = taught WHERE standing = x'3d'",
        "PRAGMA user_version = 7",
    ] {
        books.database().execute_batch(statement).expect("goes back");
    }
    drop(books);
    let refused = flywheel_server::stats(before.folder.path()).expect_err("nobody has brought it to this version");
    assert_eq!(refused.code, Code::Unavailable);
    assert!(refused.detail.contains("start the server on it once"), "{}", refused.detail);
    let (now, before) = (now.restart(), before.restart());
    for server in [&now, &before] {
        for (person, signals) in log(3, 6) {
            // Minds are changed about what was said then.
            let first = &signals[0];
            let other =
                Signal { id: Id::new(first.id.at_ms() + 9, [1, 2]), feedback: Feedback::Retract, ..first.clone() };
            server.send(person, vec![other]).await;
        }
    }
    let (now, before) = (now.books(), before.books());
    assert!(now.sums("default") == before.sums("default"));
    assert_consistent(&before);
}
