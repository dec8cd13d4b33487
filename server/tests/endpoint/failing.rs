//! When something breaks, it breaks alone, and memory agrees with the disk again.

use crate::fixture::{Fixture, NOW, about, assert_consistent, log, signal};
use flywheel_core::consent::{Consent, Outgoing};
use flywheel_core::error::Code;
use flywheel_core::feature::Value;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_server::{Done, Ledger, Person, Prepared, Seen, Submission, Task};

fn task(person: u8, signals: Vec<Signal>) -> Task {
    let signals = signals.into_iter().map(|signal| Prepared::new(Outgoing::new(signal, Consent::default()))).collect();
    Task::Sync(Submission {
        app: 1,
        person: Person([person; 16]),
        sent_at: NOW,
        version: 0,
        text: false,
        signals,
        seen: Seen::default(),
    })
}

fn fill(ledger: &mut Ledger) {
    let tasks: Vec<_> = log(3, 5).into_iter().map(|(person, signals)| task(person as u8, signals)).collect();
    assert!(ledger.run(&tasks).iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_task_that_breaks_does_not_take_the_others_of_its_group_with_it() {
    let mut books = Fixture::new(2).books();
    fill(&mut books);
    // What one person said about decision 1002 cannot be read any more.
    let broken = signal(1_002, "list", Thumb::Up);
    let harm = "UPDATE signals SET standing = x'ff' WHERE id = ?1";
    assert_eq!(books.database().execute(harm, [broken.id.as_bytes()]).expect("harms"), 1);
    let before = books.sums("default").expect("sums").clone();

    let group = [
        task(2, vec![signal(2_100, "short", Thumb::Up)]),
        task(1, vec![signal(1_100, "short", Thumb::Up), about(1_101, 1_002, "list", Feedback::Retract)]),
        task(3, vec![signal(3_100, "long", Thumb::Down)]),
    ];
    let done = books.run(&group);
    assert!(matches!(done[0], Ok(Done::Reply(_))) && matches!(done[2], Ok(Done::Reply(_))));
    assert_eq!(done[1].as_ref().map(|_| ()).map_err(|error| error.code), Err(Code::Internal));

    // Nothing of the broken batch has counted, all of the others has, in memory as on disk.
    let rows: i64 = books.database().query_row("SELECT count(*) FROM signals", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 17);
    assert!(*books.sums("default").expect("sums") == crate::fixture::sums_of_sites(&books));
    assert!(*books.sums("default").expect("sums") != before);
}

#[tokio::test]
async fn a_disk_that_refuses_changes_nothing_in_memory() {
    let (mut failing, mut fine) = (Fixture::new(2).books(), Fixture::new(2).books());
    fill(&mut failing);
    fill(&mut fine);
    let more = || [task(4, vec![signal(4_000, "short", Thumb::Up)]), task(5, vec![signal(5_000, "long", Thumb::Down)])];
    failing.database().pragma_update(None, "query_only", true).expect("locks");
    for result in failing.run(&more()).iter().chain(&failing.run(&[Task::Publish])) {
        if let Err(error) = result {
            assert_eq!(error.code, Code::Unavailable);
        }
    }
    assert!(failing.run(&more()).iter().all(Result::is_err), "the test does not make the disk refuse");
    failing.database().pragma_update(None, "query_only", false).expect("unlocks");

    for books in [&mut failing, &mut fine] {
        assert!(books.run(&more()).iter().all(Result::is_ok));
    }
    assert!(failing.sums("default") == fine.sums("default"));
    assert_eq!(failing.head("default"), fine.head("default"));
    assert_consistent(&failing);
}

#[tokio::test]
async fn a_site_that_cannot_be_read_is_added_up_again() {
    let (mut harmed, mut whole) = (Fixture::new(0).books(), Fixture::new(0).books());
    fill(&mut harmed);
    fill(&mut whole);
    harmed.database().execute("UPDATE persons SET site = x'ff'", []).expect("harms");
    assert!(harmed.sites("default").expect("sites") == whole.sites("default").expect("sites"));
}

#[tokio::test]
async fn what_the_table_of_sums_does_not_know_when_the_process_dies_is_read_back_to_the_bit() {
    let server = Fixture::new(0);
    let mut books = server.books();
    let steps = |books: &Ledger| -> i64 {
        books.database().query_row("SELECT count(*) FROM sum_steps", [], |row| row.get(0)).expect("a count")
    };
    let (mut most, mut taken_over) = (0, false);
    for n in 0..150 {
        let mut wide = signal(10_000 + n, "short", if n % 3 == 0 { Thumb::Down } else { Thumb::Up });
        let feature = |f: u64| (format!("wide-{f}").into(), Value::Text(format!("{}", (n + f) % 7).into()));
        wide.shown.features.0.extend((0..60).map(feature));
        let person = (n % 5) as u8 + 1;
        assert!(books.run(&[task(person, vec![wide])]).iter().all(Result::is_ok));
        if n % 29 == 0 {
            // Now and then a mind is changed.
            let taken_back = about(20_000 + n, 10_000 + n, "short", Feedback::Retract);
            assert!(books.run(&[task(person, vec![taken_back])]).iter().all(Result::is_ok));
        }
        taken_over |= steps(&books) + 1 < most;
        most = most.max(steps(&books));
        if n % 37 == 36 {
            let before = books.sums("default").expect("sums").clone();
            assert!(steps(&books) > 0, "the table knows all of it");
            // Nothing is settled or closed: what is on disk is what was committed.
            drop(books);
            books = Ledger::open(&server.config).expect("opens");
            assert!(*books.sums("default").expect("sums") == before, "signal {n}");
        }
    }
    assert!((50..130).contains(&most) && taken_over, "{most} steps at most");
    assert_consistent(&books);
    assert!(books.run(&[Task::Erase { app: 1, person: Person([1; 16]) }]).iter().all(Result::is_ok));
    assert_eq!(steps(&books), 0, "a step says what somebody erased had added");
    assert_consistent(&books);
}
