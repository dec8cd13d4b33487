//! Retention by age: what was said goes, what it taught stays and can still be erased, ids are remembered.

use crate::fixture::{Fixture, NOW, about, log, signal};
use flywheel_core::signal::{Feedback, Thumb};
use flywheel_core::wire::Outcome;
use flywheel_server::{Ledger, retrain, stats};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn days(n: u64) -> Option<Duration> {
    Some(Duration::from_millis(n * DAY))
}

/// A server that keeps signals for ten days; five people speak on its first day.
async fn ten_days() -> Fixture {
    let server = Fixture::new(1).restart_with(|config| config.retain = days(10));
    for (person, signals) in log(5, 6) {
        server.send(person, signals).await;
    }
    server
}

/// Opens the books on a day and deletes what is due.
fn on_day(server: &Fixture, day: u64) -> Ledger {
    server.set_time(NOW + day * DAY);
    let mut books = server.books();
    while books.expire().expect("expires") {}
    books
}

fn bodies(books: &Ledger) -> i64 {
    let full = "SELECT count(*) FROM signals WHERE body <> '{}'";
    books.database().query_row(full, [], |row| row.get(0)).expect("a count")
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_is_deleted_and_the_sums_stay() {
    let server = ten_days().await;
    let before = server.books().sums("default").expect("sums").clone();
    let books = on_day(&server, 9);
    assert_eq!(bodies(&books), 30);
    drop(books);
    let books = on_day(&server, 11);
    assert_eq!(bodies(&books), 0);
    assert!(*books.sums("default").expect("sums") == before);
    drop(books);
    assert!(stats(server.folder.path()).expect("stats")[0].adds_up);

    // Their ids are remembered.
    let server = server.restart();
    let again = server.sync(&server.batch(2, 0, log(2, 6).remove(1).1)).await;
    assert!(again.results.iter().all(|verdict| verdict.outcome == Outcome::Duplicate && verdict.seq.is_some()));
    let books = on_day(&server, 47);
    let rows: i64 = books.database().query_row("SELECT count(*) FROM signals", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 0);
    assert!(*books.sums("default").expect("sums") == before);
    drop(books);
    assert!(stats(server.folder.path()).expect("stats")[0].adds_up, "what is gone is still accounted for");
    // Folded again from what is left, it comes to the same.
    assert_eq!(retrain(server.folder.path(), "default", false).expect("folds").slots, 0);
}

#[tokio::test]
async fn a_person_whose_signals_are_gone_can_still_be_erased_to_the_bit() {
    let (server, others) = (ten_days().await, Fixture::new(1));
    drop(on_day(&server, 47));
    let server = server.restart();
    server.erase(3).await;
    // As it would be if what the others taught, with person 3 there, were added up without person 3.
    let books = server.books();
    assert_eq!(books.sites("default").expect("sites").len(), 4);
    assert!(*books.sums("default").expect("sums") == crate::fixture::sums_of_sites(&books));
    drop((books, others));
    assert!(stats(server.folder.path()).expect("stats")[0].adds_up);
}

#[tokio::test]
async fn a_thumb_whose_text_is_gone_can_still_be_taken_back() {
    let server = ten_days().await;
    server.send(9, vec![about(9_000, 9_000, "short", Feedback::Thumb(Thumb::Down))]).await;
    let with = server.books().sums("default").expect("sums").clone();
    drop(on_day(&server, 11));
    let server = server.restart();
    let mut back = about(9_001, 9_000, "short", Feedback::Retract);
    back.at = NOW + 11 * DAY;
    let mut batch = server.batch(9, 0, vec![back]);
    batch.sent_at = NOW + 11 * DAY;
    assert_eq!(server.sync(&batch).await.results[0].outcome, Outcome::Ok);
    let books = server.books();
    assert!(*books.sums("default").expect("sums") != with);
    assert!(books.sites("default").expect("sites").iter().any(|site| site.to_diff().0.is_empty()));
    drop(books);
    let distance = retrain(server.folder.path(), "default", false).expect("folds");
    assert_eq!((distance.expired, distance.slots), (31, 0));
}

#[tokio::test]
async fn without_a_retention_nothing_is_deleted() {
    let server = Fixture::new(1);
    server.send(1, vec![signal(1, "short", Thumb::Up)]).await;
    assert_eq!(bodies(&on_day(&server, 4_000)), 1);
}
