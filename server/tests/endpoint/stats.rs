//! What `flywheel stats` counts, while the server runs, and that it notices what does not add up.

use crate::fixture::{Fixture, log};
use flywheel_core::error::Code;
use flywheel_server::{Stats, stats};
use rusqlite::Connection;

fn of(server: &Fixture) -> Stats {
    stats(server.folder.path()).expect("stats").remove(0)
}

#[tokio::test]
async fn everything_is_counted_while_the_server_runs() {
    let server = Fixture::new(1);
    assert_eq!((of(&server).people, of(&server).signals, of(&server).adds_up), (0, 0, true));
    for (person, signals) in log(3, 8) {
        server.send(person, signals.clone()).await;
        server.sync(&server.batch(person, 0, signals)).await;
    }
    server.erase(2).await;
    let Stats { app, people, seeded: _, signals, distinct_signals, erased, version, seq, adds_up, .. } = of(&server);
    assert_eq!((app.as_str(), people, signals, distinct_signals, erased), ("default", 2, 16, 16, 1));
    assert!(version >= 3 && seq == 24 && adds_up);
}

#[tokio::test]
async fn a_sum_a_site_or_a_signal_that_was_changed_is_noticed() {
    for damage in [
        "UPDATE sums SET rho = rho + 1 WHERE slot = (SELECT min(slot) FROM sums)",
        "DELETE FROM sums WHERE slot = (SELECT max(slot) FROM sums)",
        "UPDATE persons SET site = x'' WHERE person = (SELECT min(person) FROM persons)",
        "DELETE FROM signals WHERE seq = 1",
    ] {
        let server = Fixture::new(1);
        for (person, signals) in log(2, 4) {
            server.send(person, signals).await;
        }
        assert!(of(&server).adds_up);
        let db = Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
        assert_eq!(db.execute(damage, []).expect("damages"), 1, "{damage}");
        assert!(!of(&server).adds_up, "{damage}");
    }
}

#[tokio::test]
async fn a_folder_without_a_database_and_a_newer_one_are_refused() {
    let folder = tempfile::TempDir::new().expect("a folder");
    assert_eq!(stats(folder.path()).expect_err("nothing there").code, Code::Unavailable);
    let server = Fixture::new(1);
    let db = Connection::open(server.folder.path().join("flywheel.sqlite3")).expect("opens");
    db.pragma_update(None, "user_version", 999).expect("set");
    assert_eq!(stats(server.folder.path()).expect_err("newer").code, Code::DatabaseNewer);
}
