//! Nothing crosses from one app to another.
//!
//! Two apps share a server, and by intent everything else: the same device secrets, the same ids of signals and
//! decisions, interleaved at random. The oracle: each has a server of its own beside it that hears the same requests and
//! nothing of the other app. What counts as failure: any difference in an answer, in the sums, in anybody's evidence or
//! in the published weights. What does not: `seq`, the number in the order of folding, which all apps of a server share.

use crate::fixture::{Fixture, about, secret};
use crate::publishing::wide;
use axum::http::StatusCode;
use flywheel_core::belief::{Diff, Site};
use flywheel_core::id::Id;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_core::wire::{Batch, Erase, PROTOCOL, Reply};
use flywheel_server::Registry;
use serde_json::Value;

const APPS: [&str; 2] = ["one", "other"];

/// A server with the apps of these names, and their public keys.
fn with_apps(names: &[&str]) -> (Fixture, Vec<String>) {
    let server = Fixture::new(3);
    let mut registry = Registry::open(server.folder.path()).expect("opens");
    let keys = names.iter().map(|name| registry.create_app(name, 1).expect("an app").public).collect();
    drop(registry);
    (server.restart(), keys)
}

/// What some request does.
#[derive(Clone, Debug)]
enum Step {
    Sync { person: u64, version: u64, signals: Vec<Signal> },
    Erase { person: u64 },
    Head { version: u64 },
}

fn step(rng: &mut Rng) -> Step {
    let person = rng.below(5) as u64;
    match rng.below(20) {
        0 => Step::Erase { person },
        1 | 2 => Step::Head { version: rng.below(30) as u64 },
        _ => {
            let said = |rng: &mut Rng| match rng.below(4) {
                0 => Feedback::Retract,
                1 => Feedback::Thumb(Thumb::Down),
                2 => Feedback::Reward { value: rng.unit(), reason: None },
                _ => Feedback::Thumb(Thumb::Up),
            };
            let signals = (0..=rng.below(4))
                .map(|_| {
                    let (n, decision) = (rng.below(400) as u64, rng.below(60) as u64);
                    about(n, decision, ["short", "long", "list"][rng.below(3)], said(rng))
                })
                .collect();
            Step::Sync { person, version: rng.below(30) as u64, signals }
        }
    }
}

/// The answer, without what depends on how much the other app says.
async fn carry_out(server: &Fixture, key: &str, step: &Step) -> Value {
    let answer = match step {
        Step::Sync { person, version, signals } => {
            let batch = Batch { key: key.to_owned(), ..server.batch(*person, *version, signals.clone()) };
            server.post("/v1/sync", serde_json::to_vec(&batch).expect("json")).await
        }
        Step::Erase { person } => {
            let order = Erase { v: PROTOCOL, key: key.to_owned(), secret: secret(*person) };
            server.post("/v1/erase", serde_json::to_vec(&order).expect("json")).await
        }
        Step::Head { version } => server.get(&format!("/v1/head?key={key}&version={version}")).await,
    };
    assert_eq!(answer.status, StatusCode::OK);
    let Ok(mut reply) = serde_json::from_slice::<Reply>(&answer.body) else {
        return serde_json::from_slice(&answer.body).expect("json");
    };
    reply.results.iter_mut().for_each(|verdict| verdict.seq = None);
    if let Some(weights) = &mut reply.weights {
        weights.head.seq = 0;
        // The bytes carry it as well; the checksum says that the cells are the same.
        weights.delta = weights.delta.take().map(|_| String::new());
    }
    serde_json::to_value(reply).expect("json")
}

/// Everybody's evidence, in an order that does not depend on the app's salt.
fn people(sites: &[Site]) -> Vec<Diff> {
    let mut people: Vec<_> = sites.iter().map(Site::to_diff).collect();
    people.sort_by_cached_key(Diff::to_bytes);
    people
}

#[tokio::test]
async fn two_apps_of_one_server_are_as_two_servers() {
    let seeds = std::env::var("FLYWHEEL_SEEDS").ok().and_then(|seeds| seeds.parse::<u64>().ok()).unwrap_or(50);
    for seed in 0..seeds.div_ceil(25) {
        let mut rng = Rng::new(seed);
        let (shared, keys) = with_apps(&APPS);
        let alone = APPS.map(|name| with_apps(&[name]));
        for number in 0..120 {
            let app = rng.below(2);
            let step = step(&mut rng);
            let here = carry_out(&shared, &keys[app], &step).await;
            let there = carry_out(&alone[app].0, &alone[app].1[0], &step).await;
            assert_eq!(here, there, "seed {seed}, step {number}, app {}: {step:?}", APPS[app]);
        }
        let shared = shared.books();
        for (name, (alone, _)) in APPS.iter().zip(&alone) {
            let alone = alone.books();
            assert!(shared.sums(name) == alone.sums(name), "seed {seed}: sums of {name}");
            assert!(!alone.sums(name).expect("sums").sorted().is_empty(), "the test says nothing");
            assert_eq!(
                people(&shared.sites(name).expect("sites")),
                people(&alone.sites(name).expect("sites")),
                "seed {seed}: people of {name}"
            );
            assert_eq!(shared.head(name).map(|head| head.hash), alone.head(name).map(|head| head.hash));
        }
    }
}

#[tokio::test]
async fn a_key_opens_its_own_app_alone() {
    let (server, keys) = with_apps(&APPS);
    let said = |n: u64| vec![about(n, n, "short", Feedback::Thumb(Thumb::Up))];
    // So much that the weights have an address of their own.
    let much: Vec<_> = (0..12).map(wide).collect();
    server.sync(&Batch { key: keys[0].clone(), ..server.batch(1, 0, much) }).await;
    let head: Reply =
        serde_json::from_slice(&server.get(&format!("/v1/head?key={}", keys[0])).await.body).expect("json");
    let head = head.weights.expect("weights").head;
    let other: Reply =
        serde_json::from_slice(&server.get(&format!("/v1/head?key={}", keys[1])).await.body).expect("json");
    assert_eq!(other.weights, None, "the other app has published nothing");
    let address = |app: &str| format!("/v1/weights/{app}/{}-{:016x}", head.version, head.hash);
    assert_eq!(server.get(&address("one")).await.status, StatusCode::OK);
    assert_eq!(server.get(&address("other")).await.status, StatusCode::NOT_FOUND);

    // The same secret under another app's key is somebody else: nothing of the first app's is erased.
    let order = Erase { v: PROTOCOL, key: keys[1].clone(), secret: secret(1) };
    let answer = server.post("/v1/erase", serde_json::to_vec(&order).expect("json")).await;
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).expect("json")["signals"], 0);
    // And the same id is another signal.
    let batch = Batch { key: keys[1].clone(), request: Id::new(2, [2, 2]), ..server.batch(2, 0, said(1)) };
    assert_eq!(server.sync(&batch).await.results[0].outcome, flywheel_core::wire::Outcome::Ok);
    assert_eq!(server.books().sites("one").expect("sites").len(), 1);
}
