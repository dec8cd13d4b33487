//! What is recorded for analysis: decisions, outcomes as rates over them, predictions against verdicts, delays.

use crate::fixture::{Fixture, NOW, about, signal};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::hold_out;
use flywheel_core::id::Id;
use flywheel_core::signal::{Choice, Correction, Feedback, Signal, Thumb};
use flywheel_core::wire::{Answer, Batch, Decided, Settings};
use flywheel_server::{Order, Report, Task, stats};

fn report(server: &Fixture) -> Report {
    stats(server.folder.path()).expect("stats").remove(0).report
}

/// The record of decision number `n`, made by version 0.
pub fn decided(n: u64, prediction: f64) -> Decided {
    Decided {
        id: about(n, n, "", Feedback::Retract).decision,
        surface: "answer-style".into(),
        choice: Choice {
            order: vec!["short".into(), "long".into()],
            propensity: 0.99,
            explored: false,
            prediction,
            version: 0,
        },
        held_out: false,
        kept: 1.0,
        context: Object::default(),
        candidates: Vec::new(),
    }
}

fn batch(server: &Fixture, person: u64, decisions: Vec<Decided>, signals: Vec<Signal>) -> Batch<Signal, Decided> {
    let Batch { v, key, secret, request, sent_at, model, version, consent, signals, decisions: _ } =
        server.batch(person, 0, signals);
    Batch { v, key, secret, request, sent_at, model, version, consent, signals, decisions }
}

async fn sync(server: &Fixture, batch: &Batch<Signal, Decided>) {
    let answer = server.post("/v1/sync", serde_json::to_vec(batch).expect("json")).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

fn near(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

#[tokio::test]
async fn outcomes_are_rates_over_decisions_and_the_last_word_about_each_counts() {
    let server = Fixture::new(0);
    let decisions: Vec<_> = (1..=10).map(|n| decided(n, 0.5)).collect();
    let edited = Feedback::Correction(Correction { share: 0.25, ..Correction::default() });
    let signals = vec![
        about(1, 1, "short", Feedback::Thumb(Thumb::Down)),
        about(2, 2, "short", edited),
        about(3, 3, "short", Feedback::Regenerate),
        about(4, 4, "short", Feedback::Thumb(Thumb::Up)),
    ];
    let batch = batch(&server, 1, decisions, signals);
    sync(&server, &batch).await;
    let side = report(&server).learned;
    assert_eq!((side.decisions, side.judged), (10.0, 2.0));
    assert!(near(side.acceptance, 0.7) && near(side.corrections, 0.1) && near(side.regenerations, 0.1), "{side:?}");
    assert!(near(side.thumbs_up, 0.1) && near(side.thumbs_down, 0.1), "{side:?}");

    // The same again counts nothing; a changed mind counts what stands.
    sync(&server, &batch).await;
    server.send(1, vec![about(11, 1, "short", Feedback::Thumb(Thumb::Up))]).await;
    server.send(1, vec![about(12, 3, "short", Feedback::Retract)]).await;
    let side = report(&server).learned;
    assert_eq!((side.decisions, side.judged), (10.0, 2.0), "only the first verdict is progressive");
    assert!(near(side.acceptance, 0.9) && near(side.thumbs_up, 0.2) && near(side.regenerations, 0.0), "{side:?}");
    let people = side.on_people.expect("people");
    assert!(people.people == 1 && (people.acceptance - 0.9).abs() < 1e-9, "{people:?}");
}

#[tokio::test]
async fn on_people_everybody_counts_once_however_much_they_do() {
    let server = Fixture::new(0);
    let many = (1..=9).map(|n| decided(n, 0.5)).collect();
    let against = (1..=9).map(|n| about(n, n, "short", Feedback::Regenerate)).collect();
    sync(&server, &batch(&server, 1, many, against)).await;
    sync(&server, &batch(&server, 2, vec![decided(21, 0.5)], vec![])).await;
    let side = report(&server).learned;
    assert!(near(side.acceptance, 0.1), "{side:?}");
    let people = side.on_people.expect("people");
    assert_eq!((people.people, people.acceptance, people.regenerations), (2, 0.5, 0.5));
    assert_eq!(report(&server).versions[0].learned.people, Some(2.0));
}

#[tokio::test]
async fn each_version_is_held_to_what_it_predicted() {
    let server = Fixture::new(0);
    let (mut decisions, mut signals) = (Vec::new(), Vec::new());
    // Two that are predicted high, one of them wrongly; two low, both rightly.
    for (n, prediction, thumb) in
        [(1, 0.8, Thumb::Up), (2, 0.8, Thumb::Down), (3, 0.3, Thumb::Down), (4, 0.3, Thumb::Down)]
    {
        let mut record = decided(n, prediction);
        record.choice.version = 7;
        decisions.push(record);
        signals.push(about(n, n, "short", Feedback::Thumb(thumb)));
    }
    sync(&server, &batch(&server, 1, decisions, signals)).await;
    let version = report(&server).versions.remove(0);
    assert_eq!((version.version, version.learned.judged), (7, 4.0));
    let expected = -(0.8f64.ln() + 0.2f64.ln() + 2.0 * 0.7f64.ln()) / 4.0;
    assert!(near(version.learned.log_loss, expected), "{version:?}");
    // |0.8 − 0.5| on half of them, |0.3 − 0| on the other half.
    assert!(near(version.learned.calibration_error, 0.3), "{version:?}");
    // The good one beats two of the three bad ones and ties with the third.
    assert!(near(version.learned.auc, 2.5 / 3.0), "{version:?}");
}

#[tokio::test]
async fn hold_out_is_told_to_pages_and_kept_apart() {
    let server = Fixture::new(0);
    let settings = async || -> Option<Settings> {
        let body = serde_json::to_vec(&server.batch(1, 0, vec![])).expect("json");
        let answer: Answer = serde_json::from_slice(&server.post("/v1/sync", body).await.body).expect("an answer");
        answer.settings
    };
    assert_eq!(settings().await, None, "the usual is not said");
    for order in [Order::HoldOut { share: 0.5 }, Order::Record { share: 0.25 }] {
        server.store.run(Task::Order { app: 1, order }).await.expect("is obeyed");
    }
    assert_eq!(settings().await, Some(Settings { hold_out: 0.5, decisions: 0.25 }));
    let refused = server.store.run(Task::Order { app: 1, order: Order::HoldOut { share: 1.5 } }).await;
    assert_eq!(refused.map(|_| ()).map_err(|error| error.code.as_str()), Err("out_of_range"));

    let mut record = decided(1, 0.5);
    (record.held_out, record.kept) = (true, 0.25);
    sync(&server, &batch(&server, 1, vec![record], vec![about(1, 1, "short", Feedback::Regenerate)])).await;
    let both = report(&server);
    assert_eq!((both.hold_out, both.recorded), (0.5, 0.25));
    assert_eq!((both.learned.decisions, both.held_out.decisions), (0.0, 4.0), "one record stands for four");
    assert!(near(both.held_out.regenerations, 0.25));

    // Without a record the person's own place says which side a signal is on.
    let held: Vec<u64> = (1..40).filter(|n| hold_out::place(&crate::fixture::secret(*n)) < 0.5).collect();
    for person in 1..40 {
        let mut said = signal(1_000 * person, "short", Thumb::Up);
        said.choice = Some(Choice { prediction: 0.6, propensity: 1.0, ..Choice::default() });
        server.send(person, vec![said]).await;
    }
    assert_eq!(report(&server).held_out.judged, held.len() as f64);
}

#[tokio::test]
async fn the_loop_and_its_velocity_are_timed() {
    let server = Fixture::new(0);
    let mut said = signal(1, "short", Thumb::Up);
    said.at = NOW - 5_000;
    server.set_time(NOW + 1_000);
    server.send(1, vec![said]).await;
    server.set_time(NOW + 4_000);
    server.store.run(Task::Publish).await.expect("publishes");
    server.set_time(NOW + 10_000);
    assert!(server.sync(&server.batch(2, 0, vec![])).await.weights.is_some());
    let mut outcome = signal(2, "short", Thumb::Up);
    outcome.choice = Some(Choice { version: 1, prediction: 0.5, ..Choice::default() });
    server.set_time(NOW + 20_000);
    server.sync(&server.batch(2, 1, vec![outcome])).await;
    let report = report(&server);
    let mean =
        |name: &str| report.stages.iter().find(|stage| stage.name == name).map(|stage| (stage.count, stage.mean_ms));
    assert_eq!(mean("captured to sent"), Some((2.0, Some((5_000.0 + 1_000.0) / 2.0))));
    assert_eq!(mean("sent to folded"), Some((2.0, Some((1_000.0 + 20_000.0) / 2.0))));
    assert_eq!(mean("folded to published"), Some((1.0, Some(3_000.0))));
    assert_eq!(mean("published to fetched"), Some((1.0, Some(6_000.0))));
    assert_eq!(mean("published to outcome"), Some((1.0, Some(16_000.0))));
    assert_eq!((report.velocity.count, report.velocity.mean_ms), (1.0, Some(8_000.0)));
}

#[tokio::test]
async fn what_the_uniform_share_chose_keeps_all_candidates_and_no_words() {
    let server = Fixture::new(0);
    let words = "my grandmother's recipe needs seven zanzibar peppercorns";
    let mut record = decided(1, 0.5);
    record.choice.explored = true;
    record.context = Object(vec![("prompt".into(), Value::Text(words.into()))]);
    record.candidates = ["short", "long"]
        .map(|id| Candidate { id: id.into(), text: Some(words.into()), ..Candidate::default() })
        .into();
    sync(&server, &batch(&server, 1, vec![record], vec![])).await;
    assert_eq!(report(&server).learned.explored, 1.0);
    let kept = |server: &Fixture| -> Vec<String> {
        let books = server.books();
        let mut all = books.database().prepare("SELECT candidates FROM decisions").expect("a statement");
        all.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect()
    };
    let stored = kept(&server);
    assert!(stored[0].contains("prompt.size") && stored[0].contains("long"), "{stored:?}");
    assert!(!stored[0].contains("zanzibar"), "{stored:?}");
    let server = server.restart();
    server.erase(1).await;
    assert!(kept(&server).is_empty(), "records go with the person");
}

#[tokio::test]
async fn a_record_that_cannot_be_read_costs_no_signal() {
    let server = Fixture::new(0);
    let mut body = serde_json::to_value(batch(&server, 1, vec![decided(1, 0.5)], vec![signal(1, "short", Thumb::Up)]))
        .expect("json");
    let good = body["decisions"][0].clone();
    let mut bad = good.clone();
    bad["choice"]["propensity"] = 7.into();
    bad["id"] = Id::new(NOW, [5, 5]).to_string().into();
    body["decisions"] = serde_json::json!([bad, 3, null, { "id": "x" }, good]);
    let answer = server.post("/v1/sync", body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert!(String::from_utf8_lossy(&answer.body).contains("\"ok\""));
    assert_eq!((report(&server).learned.decisions, report(&server).records_left_out), (1.0, 4.0));
}

#[tokio::test]
async fn under_pressure_records_are_left_out_first_and_counted() {
    let server = Fixture::new(0);
    let mut books = server.books();
    let tasks = |from: u64| -> Vec<Task> {
        let task = |n: u64| {
            let signal = flywheel_core::consent::Outgoing::new(signal(n, "short", Thumb::Up), Default::default());
            let seen = flywheel_server::Seen { decisions: vec![decided(n, 0.5)], ..Default::default() };
            let person = flywheel_server::Person([n as u8; 16]);
            Task::Sync(flywheel_server::Submission {
                app: 1,
                person,
                sent_at: NOW,
                version: 0,
                text: false,
                signals: vec![flywheel_server::Prepared::new(signal)],
                seen,
            })
        };
        (from..from + 64).map(task).collect()
    };
    assert!(books.run(&tasks(1)).iter().all(Result::is_ok));
    assert!(books.run(&tasks(101)[..10]).iter().all(Result::is_ok));
    drop(books);
    let stats = stats(server.folder.path()).expect("stats").remove(0);
    assert_eq!((stats.signals, stats.report.learned.decisions, stats.report.records_left_out), (74, 10.0, 64.0));
}

#[tokio::test]
async fn the_secret_key_reads_the_stats_and_no_other_does() {
    let server = Fixture::new(1);
    let secret = server.store.keys().secret.clone().expect("just made");
    sync(&server, &batch(&server, 1, vec![decided(1, 0.5)], vec![signal(1, "short", Thumb::Up)])).await;
    let ask = async |key: Option<&str>| {
        let mut request = axum::http::Request::get("/v1/admin/stats");
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        server.request(request.body(axum::body::Body::empty()).expect("a request")).await
    };
    let public = server.store.keys().public.clone();
    for key in [None, Some("sk_x"), Some(public.as_str()), Some("")] {
        assert_eq!(ask(key).await.code(), "invalid_key", "{key:?}");
    }
    let answer = ask(Some(&secret)).await;
    let told: serde_json::Value = serde_json::from_slice(&answer.body).expect("json");
    assert_eq!((told["app"].as_str(), told["version"].as_u64()), (Some("default"), Some(1)));
    assert_eq!(told["report"]["learned"]["decisions"], 1.0);
    assert!(!String::from_utf8_lossy(&answer.body).contains(&secret));
}
