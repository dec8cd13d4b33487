//! The log folded again: to the bit where nothing was taken out, without the erased where somebody was; and a folder of
//! another model.

use crate::fixture::{Fixture, about, assert_consistent, log, signal, sums_of_sites};
use flywheel_core::error::Code;
use flywheel_core::signal::{Feedback, Thumb};
use flywheel_server::{Ledger, retrain};

/// Eight people who share features and, so, shape how each other's signals are learned.
async fn filled() -> Fixture {
    let server = Fixture::new(4);
    for round in 0..3 {
        for (person, signals) in log(8, 12) {
            server.send(person, signals[round * 4..round * 4 + 4].to_vec()).await;
        }
    }
    server
}

#[tokio::test]
async fn the_log_folded_again_is_the_live_sums_to_the_bit() {
    let server = filled().await;
    let distance = retrain(server.folder.path(), "default", false).expect("folds, while the server runs");
    assert_eq!((distance.folded, distance.replaced, distance.slots), (96, 0, 0));
    assert_eq!((distance.largest, distance.mean), (0.0, 0.0));
}

#[tokio::test]
async fn without_the_erased_it_is_what_the_others_alone_would_have_come_to() {
    let (server, alone) = (filled().await, Fixture::new(4));
    for round in 0..3 {
        for (person, signals) in log(8, 12).into_iter().filter(|(person, _)| *person != 3) {
            alone.send(person, signals[round * 4..round * 4 + 4].to_vec()).await;
        }
    }
    server.erase(3).await;
    let before = retrain(server.folder.path(), "default", false).expect("folds");
    assert!(before.slots > 0 && before.largest > 0.0 && before.mean <= before.largest, "{before:?}");
    assert!(before.largest < 0.5 && !before.in_place, "{before:?}");
    assert_eq!(retrain(server.folder.path(), "default", true).expect_err("it runs").code, Code::Unavailable);

    drop(server.books());
    let put = retrain(server.folder.path(), "default", true).expect("is put in place");
    assert!(put.in_place && (put.slots, put.largest) == (before.slots, before.largest));
    assert_eq!(retrain(server.folder.path(), "default", false).expect("folds").slots, 0);
    let (books, alone) = (server.books(), alone.books());
    assert!(books.sums("default") == alone.sums("default"), "as if the erased had never been there");
    assert_consistent(&books);
}

#[tokio::test]
async fn what_was_taken_back_or_replaced_leaves_the_others_too() {
    let server = filled().await;
    server.send(9, vec![about(9_000, 9_000, "short", Feedback::Thumb(Thumb::Down))]).await;
    server.send(1, vec![signal(1_900, "short", Thumb::Up)]).await;
    server.send(9, vec![about(9_001, 9_000, "short", Feedback::Retract)]).await;
    let distance = retrain(server.folder.path(), "default", false).expect("folds");
    assert_eq!((distance.folded, distance.replaced), (98, 1));
    assert!(distance.slots > 0);
    drop(server.books());
    retrain(server.folder.path(), "default", true).expect("is put in place");
    // A later word about the same decision still takes out exactly what is in force.
    let server = server.restart();
    server.send(9, vec![about(9_002, 9_000, "short", Feedback::Thumb(Thumb::Up))]).await;
    server.send(9, vec![about(9_003, 9_000, "short", Feedback::Retract)]).await;
    assert_consistent(&server.books());
}

#[tokio::test]
async fn a_folder_of_another_model_is_folded_again_and_never_misread() {
    let server = filled().await;
    let books = server.books();
    let expected = books.sums("default").expect("sums").clone();
    let head = books.head("default").expect("a head");
    // What a folder of another model holds means nothing here.
    for spoil in [
        "UPDATE apps SET model = 'fw1.18'",
        "UPDATE sums SET rho = 77, rho_m = -5",
        "UPDATE persons SET site = x'ff', base = x'ff'",
        "UPDATE signals SET taught = x'ff', standing = x'ff'",
        "UPDATE weights SET bytes = x'ff'",
    ] {
        assert!(books.database().execute(spoil, []).expect("spoils") > 0, "{spoil}");
    }
    drop(books);
    let mut books = Ledger::open(&server.config).expect("opens");
    assert!(*books.sums("default").expect("sums") == expected);
    assert!(expected == sums_of_sites(&books));
    assert!(books.run(&[flywheel_server::Task::Publish]).iter().all(Result::is_ok));
    assert_eq!(books.head("default").map(|head| head.version), Some(head.version + 1), "versions go on");
    drop(books);
    let server = server.restart();
    let reply = server.sync(&server.batch(1, head.version, log(1, 1).remove(0).1)).await;
    assert!(reply.weights.is_some());
    assert_consistent(&server.books());
}
