//! A server without a network: the real router, a data folder that goes away, and a clock that stands still.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use flywheel_core::belief::{Diff, Model, Site, Sums};
use flywheel_core::consent::{Consent, Share};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_core::wire::{Batch, Decided, Erase, Outcome, PROTOCOL, Reply};
use flywheel_server::{Clock, Config, Ledger, Store, router};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

/// When the tests take place.
pub const NOW: u64 = 1_800_000_000_000;

pub struct Fixture {
    pub folder: TempDir,
    pub config: Config,
    pub store: Store,
    pub router: Router,
    time: Arc<AtomicU64>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Fixture {
    /// A server that publishes once `publish_every` signals wait (0: only when told to) and never by itself.
    pub fn new(publish_every: u64) -> Self {
        let folder = TempDir::new().expect("a folder");
        let time = Arc::new(AtomicU64::new(NOW));
        let config = Config {
            publish_every,
            publish_interval: Duration::ZERO,
            clock: Clock::Manual(time.clone()),
            ..Config::new(folder.path())
        };
        let store = Store::open(&config).expect("opens");
        let router = router(store.clone(), &config);
        Self { folder, config, store, router, time }
    }

    /// Stops and starts again.
    pub fn restart(self) -> Self {
        self.restart_with(|_| ())
    }

    /// Stops and starts again with another configuration.
    pub fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        self.store.close();
        change(&mut self.config);
        let store = Store::open(&self.config).expect("opens again");
        let router = router(store.clone(), &self.config);
        Self { store, router, ..self }
    }

    /// Stops, and opens the books to look at.
    pub fn books(&self) -> Ledger {
        self.store.close();
        Ledger::open(&self.config).expect("opens")
    }

    pub fn set_time(&self, ms: u64) {
        self.time.store(ms, Ordering::Relaxed);
    }

    pub async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.expect("a body").to_bytes().to_vec();
        Answer { status, headers, body }
    }

    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.request(Request::post(path).body(body.into()).expect("a request")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    pub fn batch(&self, person: u64, version: u64, signals: Vec<Signal>) -> Batch<Signal, Decided> {
        Batch {
            v: PROTOCOL,
            key: self.store.keys().public.clone(),
            secret: secret(person),
            request: Id::new(NOW, [person, 0]),
            sent_at: NOW,
            model: Model::default().id(),
            version,
            consent: Consent { share: Share::Granted, ..Consent::default() },
            signals,
            decisions: Vec::new(),
        }
    }

    pub async fn sync(&self, batch: &Batch<Signal, Decided>) -> Reply {
        let answer = self.post("/v1/sync", serde_json::to_vec(batch).expect("json")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).expect("a reply")
    }

    /// Sends and expects every signal to be taken.
    pub async fn send(&self, person: u64, signals: Vec<Signal>) -> Reply {
        let reply = self.sync(&self.batch(person, 0, signals)).await;
        assert!(reply.results.iter().all(|verdict| verdict.outcome == Outcome::Ok), "{:?}", reply.results);
        reply
    }

    pub async fn erase(&self, person: u64) -> Answer {
        let order = Erase { v: PROTOCOL, key: self.store.keys().public.clone(), secret: secret(person) };
        self.post("/v1/erase", serde_json::to_vec(&order).expect("json")).await
    }
}

impl Answer {
    /// The code of a problem, after checking that it is a proper one.
    pub fn code(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: flywheel_core::wire::Problem = serde_json::from_slice(&self.body).expect("a problem");
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.kind, format!("urn:flywheel:{}", problem.code));
        problem.code
    }
}

pub fn secret(person: u64) -> String {
    format!("{:032x}", u128::from(person) + 0xABCD)
}

/// Signal number `n` about its own decision: a thumb for something that shares `style` with others.
pub fn signal(n: u64, style: &str, thumb: Thumb) -> Signal {
    about(n, n, style, Feedback::Thumb(thumb))
}

/// Signal number `n` about decision number `decision`.
pub fn about(n: u64, decision: u64, style: &str, feedback: Feedback) -> Signal {
    Signal {
        id: Id::new(NOW - 1_000_000 + n, [n, n]),
        at: NOW - 1_000,
        decision: Id::new(NOW - 2_000_000 + decision, [decision, 7]),
        surface: "answer-style".into(),
        context: Object(vec![("topic".into(), Value::Text("code".into()))]),
        shown: Candidate {
            id: style.into(),
            features: Object(vec![
                ("style".into(), Value::Text(style.into())),
                ("number".into(), Value::Text(format!("n{n}").into())),
            ]),
            text: None,
        },
        choice: None,
        earlier: None,
        feedback,
        weight: None,
        automated: false,
    }
}

/// A log of `people` × `each` signals; who likes what depends on the person.
pub fn log(people: u64, each: u64) -> Vec<(u64, Vec<Signal>)> {
    let one = |person: u64, n: u64| {
        let thumb = if (person * 7 + n * 3).is_multiple_of(5) { Thumb::Down } else { Thumb::Up };
        signal(person * 1_000 + n, ["short", "long", "list"][(n % 3) as usize], thumb)
    };
    (1..=people).map(|person| (person, (0..each).map(|n| one(person, n)).collect())).collect()
}

/// What the sums must be: the contributions of the sites on disk, added up from nothing.
pub fn sums_of_sites(ledger: &Ledger) -> Sums {
    let mut sums = Sums::new();
    for site in ledger.sites("default").expect("sites") {
        sums.move_person(&Model::default(), &mut Site::new(), &site.to_diff());
    }
    sums
}

/// What the sites must be: everything that the stored signals of each person taught, added up.
pub fn sites_of_signals(ledger: &Ledger) -> Vec<Site> {
    let mut statement =
        ledger.database().prepare("SELECT person, taught FROM signals ORDER BY seq").expect("a statement");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let mut sites = BTreeMap::<Vec<u8>, Site>::new();
    for row in rows {
        let (person, taught): (Vec<u8>, Vec<u8>) = row.expect("a row");
        sites.entry(person).or_default().add(&Diff::from_bytes(&taught).expect("a difference"));
    }
    sites.into_values().collect()
}

/// Checks that the books agree with each other.
pub fn assert_consistent(ledger: &Ledger) {
    let sums = ledger.sums("default").expect("sums");
    assert!(*sums == sums_of_sites(ledger), "the sums are not those of the sites");
    assert!(ledger.sites("default").expect("sites") == sites_of_signals(ledger), "the sites are not those of the log");
}
