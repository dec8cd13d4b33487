//! What is published passes a gate; going back, holding still, and letting go on.

use crate::fixture::{Fixture, about, assert_consistent, log, signal};
use flywheel_core::belief::{Model, Weights};
use flywheel_core::error::Code;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_server::{AlarmKind, Order, Task, give, stats};

async fn publish(server: &Fixture) {
    server.store.run(Task::Publish).await.expect("publishes");
}

async fn order(server: &Fixture, order: Order) -> flywheel_core::error::Result<()> {
    server.store.run(Task::Order { app: 1, order }).await.map(|_| ())
}

async fn version(server: &Fixture) -> u64 {
    server.sync(&server.batch(1, 0, vec![])).await.weights.map_or(0, |weights| weights.head.version)
}

/// Something that everybody says the same about.
fn said(n: u64, thumb: Thumb) -> Signal {
    let mut signal = signal(n, "short", thumb);
    signal.shown.features.0.truncate(1);
    signal
}

/// Fifty people like it, each says so three times.
async fn liked(server: &Fixture) {
    for person in 1..=50 {
        server.send(person, (0..3).map(|n| said(person * 10 + n, Thumb::Up)).collect()).await;
    }
    publish(server).await;
}

/// What is in the sums is what nobody says: as if the folding had gone wrong. The server is stopped and started.
fn spoil(server: Fixture, times: i64) -> Fixture {
    let books = server.books();
    books.database().execute("UPDATE sums SET rho_m = ?1 * rho_m WHERE slot < 262144", [times]).expect("spoils");
    drop(books);
    server.restart()
}

#[tokio::test]
async fn what_predicts_the_recent_signals_worse_is_not_published_and_an_alarm_rings() {
    let server = Fixture::new(0);
    liked(&server).await;
    let server = spoil(server, -4);
    publish(&server).await;
    assert_eq!(version(&server).await, 1, "no step towards the spoiled sums is better");
    let alarms = stats(server.folder.path()).expect("stats").remove(0).alarms;
    assert_eq!((alarms.len(), alarms[0].times), (1, 1), "{alarms:?}");
    publish(&server).await;
    let alarms = stats(server.folder.path()).expect("stats").remove(0).alarms;
    assert_eq!(alarms[0].times, 2, "it is tried again with what was said meanwhile");
}

#[tokio::test]
async fn what_overshoots_is_published_by_a_smaller_step_and_the_rest_waits() {
    let server = Fixture::new(0);
    for person in 1..=200 {
        server.send(person, vec![said(person * 10, if person % 4 == 0 { Thumb::Down } else { Thumb::Up })]).await;
    }
    // Stopping would publish what is still right.
    order(&server, Order::Freeze).await.expect("freezes");
    let server = spoil(server, 8);
    order(&server, Order::Unfreeze).await.expect("goes on");
    publish(&server).await;
    let kinds = || stats(server.folder.path()).expect("stats").remove(0).alarms.into_iter().map(|alarm| alarm.kind);
    assert_eq!((version(&server).await, kinds().collect::<Vec<_>>()), (1, vec![AlarmKind::SteppedBack]));
    // The rest of the way is tried again, and nothing of it helps.
    publish(&server).await;
    assert_eq!((version(&server).await, kinds().next()), (1, Some(AlarmKind::HeldBack)));
    let step: f64 =
        server.books().database().query_row("SELECT step FROM versions", [], |row| row.get(0)).expect("a version");
    assert!(step < 1.0 && step > 0.0, "{step}");
}

#[tokio::test]
async fn a_rollback_brings_an_earlier_version_back_as_a_new_one_and_holds_it() {
    let server = Fixture::new(1);
    let mut held = Vec::new();
    for (person, signals) in log(4, 3) {
        server.send(person, signals).await;
        let reply = server.sync(&server.batch(person, 0, vec![])).await;
        held.push(reply.weights.expect("weights"));
    }
    order(&server, Order::Rollback { version: 2 }).await.expect("goes back");
    let back = server.sync(&server.batch(1, 0, vec![])).await.weights.expect("weights");
    assert_eq!((back.head.version, back.head.seq, back.head.hash), (5, held[1].head.seq, held[1].head.hash));

    // It is held, also over a restart, whatever is said meanwhile; and what is said still counts.
    server.send(9, vec![signal(9_000, "long", Thumb::Up)]).await;
    let server = server.restart();
    server.send(9, vec![signal(9_001, "long", Thumb::Up)]).await;
    assert_eq!(version(&server).await, 5);
    order(&server, Order::Unfreeze).await.expect("goes on");
    server.send(9, vec![signal(9_002, "list", Thumb::Up)]).await;
    assert!(version(&server).await > 5);
    let acts: Vec<_> = stats(server.folder.path()).expect("stats").remove(0).acts.into_iter().map(|a| a.act).collect();
    assert_eq!(acts, ["unfreeze", "rollback"]);
    assert_consistent(&server.books());
}

#[tokio::test]
async fn going_back_to_what_is_not_kept_is_refused_and_changes_nothing() {
    let server = Fixture::new(1);
    for (person, signals) in log(3, 2) {
        server.send(person, signals).await;
    }
    server.erase(2).await;
    let head = version(&server).await;
    let refused = order(&server, Order::Rollback { version: 1 }).await.expect_err("a person was erased since");
    assert_eq!(refused.code, Code::NotFound);
    server.send(9, vec![signal(9_000, "long", Thumb::Up)]).await;
    assert_eq!(version(&server).await, head + 1, "nothing is frozen");
}

#[tokio::test]
async fn an_erased_person_leaves_a_frozen_version_too() {
    let server = Fixture::new(1);
    server.send(1, (0..4).map(|n| about(n, n, "short", Feedback::Thumb(Thumb::Up))).collect()).await;
    server.send(2, (10..14).map(|n| about(n, n, "long", Feedback::Thumb(Thumb::Down))).collect()).await;
    let alone = Fixture::new(1);
    alone.send(1, (0..4).map(|n| about(n, n, "short", Feedback::Thumb(Thumb::Up))).collect()).await;
    order(&server, Order::Freeze).await.expect("freezes");
    server.send(3, vec![signal(300, "list", Thumb::Up)]).await;
    server.erase(2).await;
    let (books, alone) = (server.books(), alone.books());
    let (weights, only) = (books.weights("default").expect("weights"), alone.weights("default").expect("weights"));
    assert_eq!(weights.head().version, 3);
    // What only the erased person had is gone; what only the other one had is as it was; nothing new came out.
    let slots = |weights: &Weights| weights.cells().map(|(slot, _)| slot).collect::<Vec<_>>();
    assert_eq!(slots(weights), slots(only));
    assert_consistent(&books);
}

#[tokio::test]
async fn an_order_reaches_the_server_that_runs_and_is_carried_out_here_when_none_does() {
    let server = Fixture::new(1);
    server.send(1, log(1, 3).remove(0).1).await;
    let folder = server.folder.path().to_owned();
    let give = move |app: &'static str, order: Order| {
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || give(&folder, app, &order))
    };
    let words = give("default", Order::Freeze).await.expect("runs").expect("is obeyed");
    assert!(words.contains("version 1 stays"), "{words}");
    server.send(2, log(2, 3).remove(1).1).await;
    assert_eq!(version(&server).await, 1);
    let refused = give("default", Order::Rollback { version: 77 }).await.expect("runs").expect_err("no such version");
    assert!(refused.detail.contains("77"), "{}", refused.detail);
    assert_eq!(give("other", Order::Freeze).await.expect("runs").map_err(|error| error.code), Err(Code::Unavailable));
    server.store.close();
    give("default", Order::Unfreeze).await.expect("runs").expect("is carried out here");
    let server = server.restart();
    publish(&server).await;
    assert_eq!(version(&server).await, 2);
}

#[tokio::test]
async fn an_app_that_was_made_while_the_server_runs_takes_orders_too() {
    let server = Fixture::new(1);
    let mut registry = flywheel_server::Registry::open(server.folder.path()).expect("opens");
    registry.create_app("other", 1).expect("is made");
    let folder = server.folder.path().to_owned();
    let given = tokio::task::spawn_blocking(move || give(&folder, "other", &Order::Freeze)).await.expect("runs");
    assert!(given.is_ok(), "{given:?}");
    assert!(stats(server.folder.path()).expect("stats").iter().any(|stats| stats.app == "other" && stats.frozen));
}

#[tokio::test]
async fn the_timer_publishes_beside_the_writer_what_was_folded_before() {
    let server = Fixture::new(0).restart_with(|config| config.publish_interval = std::time::Duration::from_millis(10));
    for (person, signals) in log(40, 5) {
        server.send(person, signals).await;
    }
    for _ in 0..200 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        if server.sync(&server.batch(1, 0, vec![])).await.weights.is_some_and(|weights| weights.head.seq == 200) {
            break;
        }
    }
    let books = server.books();
    let weights = books.weights("default").expect("weights");
    assert_eq!(weights.head().seq, 200);
    let sums = books.sums("default").expect("sums").sorted();
    let expected = sums.into_iter().map(|(slot, sum)| (slot, Weights::quantise(&Model::default(), slot, sum)));
    let held_back: i64 = books.database().query_row("SELECT count(*) FROM alarms", [], |row| row.get(0)).expect("rows");
    assert!(held_back > 0 || weights.cells().eq(expected.filter(|(_, cell)| !cell.is_empty())));
}
