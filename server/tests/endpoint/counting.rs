//! Every signal counts once, and the latest statement about a decision replaces the earlier ones.

use crate::fixture::{Fixture, NOW, about, assert_consistent, log, signal};
use flywheel_core::belief::Diff;
use flywheel_core::signal::{Feedback, Thumb};
use flywheel_core::wire::Outcome;

#[tokio::test]
async fn a_duplicate_is_not_counted_twice() {
    let (once, twice) = (Fixture::new(0), Fixture::new(0));
    for (person, signals) in log(3, 8) {
        once.send(person, signals.clone()).await;
        twice.send(person, signals.clone()).await;
        twice.sync(&twice.batch(person, 0, signals)).await;
    }
    let (once, twice) = (once.books(), twice.books());
    assert!(once.sums("default") == twice.sums("default"));
    assert!(!once.sums("default").expect("sums").sorted().is_empty());
    assert_consistent(&twice);
}

#[tokio::test]
async fn a_batch_sent_again_hears_the_same_about_each_signal() {
    let server = Fixture::new(0);
    let (_, mut signals) = log(1, 6).remove(0);
    signals.push(signals[2].clone());
    let batch = server.batch(1, 0, signals);
    let first = server.sync(&batch).await;
    let again = server.sync(&batch).await;
    let third = server.sync(&batch).await;
    assert_eq!(again.results, third.results);
    for (n, (first, again)) in first.results.iter().zip(&again.results).enumerate() {
        assert_eq!(first.outcome, if n == 6 { Outcome::Duplicate } else { Outcome::Ok });
        assert_eq!(again.outcome, Outcome::Duplicate);
        assert!(first.seq.is_some() && first.taught.is_some());
        assert_eq!((&first.id, first.seq, &first.taught), (&again.id, again.seq, &again.taught));
    }
}

#[tokio::test]
async fn few_bytes_that_name_a_large_signal_again_and_again_get_no_large_answer() {
    let server = Fixture::new(0);
    let mut large = signal(1, "short", Thumb::Up);
    let words: String = (0..6_000).map(|n| format!("w{n} ")).collect();
    large.shown.text = Some(words.into());
    let mut batch = server.batch(1, 0, vec![large.clone()]);
    batch.consent.text = true;
    let slots = |reply: &flywheel_core::wire::Reply| {
        reply.results.iter().filter_map(|verdict| verdict.taught.as_ref()).map(|taught| taught.0.len()).sum::<usize>()
    };
    let once = slots(&server.sync(&batch).await);
    assert!((1_000..20_000).contains(&once), "{once}");
    let small = signal(1, "short", Thumb::Up);
    batch.signals = vec![small; 250];
    let reply = server.sync(&batch).await;
    assert!(slots(&reply) < 150_000, "{}", slots(&reply));
    assert_eq!(reply.results.last().map(|verdict| verdict.outcome), Some(Outcome::Retry));
}

#[tokio::test]
async fn numbers_rise_in_the_order_of_the_batch() {
    let server = Fixture::new(0);
    let reply = server.send(1, log(1, 9).remove(0).1).await;
    let numbers: Vec<_> = reply.results.iter().filter_map(|verdict| verdict.seq).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_id_that_somebody_else_used_tells_nothing_about_them() {
    let server = Fixture::new(0);
    server.send(1, vec![signal(1, "short", Thumb::Up)]).await;
    let reply = server.sync(&server.batch(2, 0, vec![signal(1, "short", Thumb::Down)])).await;
    let verdict = &reply.results[0];
    assert_eq!((verdict.outcome, verdict.seq, &verdict.taught), (Outcome::Duplicate, None, &None));
}

#[tokio::test]
async fn a_taken_back_thumb_leaves_no_trace_in_the_sums() {
    let server = Fixture::new(0);
    server.send(1, vec![about(1, 1, "short", Feedback::Thumb(Thumb::Up))]).await;
    let taken = server.send(1, vec![about(2, 1, "short", Feedback::Retract)]).await;
    assert!(!taken.results[0].taught.as_ref().expect("taught").0.is_empty());
    let books = server.books();
    assert!(books.sums("default").expect("sums").sorted().is_empty());
    assert_consistent(&books);
}

#[tokio::test]
async fn a_changed_mind_replaces_what_was_said_before() {
    let (changed, only) = (Fixture::new(0), Fixture::new(0));
    // The same number in both, so that the features are the same.
    let last = about(9, 1, "short", Feedback::Thumb(Thumb::Down));
    let before = flywheel_core::signal::Signal {
        feedback: Feedback::Thumb(Thumb::Up),
        id: signal(3, "", Thumb::Up).id,
        ..last.clone()
    };
    changed.send(1, vec![before]).await;
    changed.send(1, vec![last.clone()]).await;
    only.send(1, vec![last]).await;
    let (changed, only) = (changed.books(), only.books());
    assert!(changed.sums("default") == only.sums("default"));
    assert_consistent(&changed);
}

#[tokio::test]
async fn an_earlier_statement_that_comes_later_is_kept_and_teaches_nothing() {
    let server = Fixture::new(0);
    server.send(1, vec![about(5, 1, "short", Feedback::Thumb(Thumb::Down))]).await;
    let late = server.send(1, vec![about(4, 1, "short", Feedback::Thumb(Thumb::Up))]).await;
    assert_eq!(late.results[0].taught, Some(Diff::default()));
    let books = server.books();
    let stored: i64 =
        books.database().query_row("SELECT count(*) FROM signals", [], |row| row.get(0)).expect("a count");
    assert_eq!(stored, 2);
    assert_consistent(&books);
}

#[tokio::test]
async fn what_is_older_than_ids_are_remembered_is_not_taken_whatever_the_clocks_say() {
    const DAY: u64 = 24 * 60 * 60 * 1_000;
    let server = Fixture::new(0);
    // The server's clock is two years ahead of the client's.
    server.set_time(NOW + 730 * DAY);
    let mut old = signal(1, "short", Thumb::Up);
    old.at = NOW - 46 * DAY;
    let mut young = signal(2, "short", Thumb::Up);
    young.at = NOW - 44 * DAY;
    let reply = server.sync(&server.batch(1, 0, vec![old, young])).await;
    let outcomes: Vec<_> = reply.results.iter().map(|verdict| verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::TooOld, Outcome::Ok]);
}
