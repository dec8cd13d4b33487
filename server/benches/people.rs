//! What a sync costs with more and more people, and how much memory 100,000 of them take:
//! `cargo bench -p flywheel-server --bench people`. Fills up to 2 GB of the folder for temporary files.

use flywheel_core::consent::{Consent, Outgoing};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::rng::Rng;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_server::{Config, Ledger, Person, Seen, Submission, Task};
use std::time::Instant;

const NOW: u64 = 1_800_000_000_000;
/// Signals in a batch, and features of each.
const BATCH: u64 = 20;
const FEATURES: u64 = 30;

fn signal(rng: &mut Rng, n: u64) -> Signal {
    let id = Id::new(NOW + n, [n, rng.next_u64()]);
    let mut feature = |f: u64| (format!("f{f}").into(), Value::Text(format!("v{}", rng.below(50)).into()));
    Signal {
        id,
        at: NOW,
        decision: id,
        surface: "bench".into(),
        context: Object::default(),
        shown: Candidate { id: "a".into(), features: Object((0..FEATURES).map(&mut feature).collect()), text: None },
        choice: None,
        earlier: None,
        feedback: Feedback::Thumb(if n.is_multiple_of(3) { Thumb::Down } else { Thumb::Up }),
        weight: None,
    }
}

fn batch(rng: &mut Rng, person: u64, first: u64, signals: u64) -> Task {
    let signals = (0..signals).map(|k| Ok(Outgoing::new(signal(rng, first + k), Consent::default()))).collect();
    let person = Person(u128::from(person).to_be_bytes());
    Task::Sync(Submission { app: 1, person, sent_at: NOW, version: 0, signals, seen: Seen::default() })
}

/// Memory of this process in MB: now, and at most.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_024
    };
    (line("VmRSS"), line("VmHWM"))
}

/// Makes `people` of the one person and signal that are there: the same rows under other names.
fn multiply(ledger: &Ledger, people: u64) {
    let fill = "
        CREATE TEMP TABLE n (n INTEGER PRIMARY KEY);
        INSERT INTO n WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ?1) SELECT n FROM s;";
    let db = ledger.database();
    for statement in fill.split_inclusive(';').filter(|part| part.contains("TABLE")) {
        db.execute(statement, []).expect("a table");
    }
    db.execute(fill.split_inclusive(';').nth(1).expect("the second"), [people.cast_signed()]).expect("numbers");
    let name = "unhex(printf('%032x', n))";
    let all = [
        format!(
            "INSERT INTO persons (app, person, site) SELECT 1, {name}, (SELECT site FROM persons LIMIT 1) FROM n WHERE true ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO signals (app, person, id, decision, at, received_at, body, taught, standing)
             SELECT 1, {name}, randomblob(16), randomblob(16), at, received_at, body, taught, standing
             FROM n, (SELECT at, received_at, body, taught, standing FROM signals LIMIT 1)"
        ),
    ];
    all.iter().for_each(|statement| assert!(db.execute(statement, []).expect("fills") > 0));
    db.execute("DROP TABLE n", []).expect("drops");
}

/// So many people on a server of their own.
struct Town {
    people: u64,
    ledger: Ledger,
    rng: Rng,
    first: u64,
    alone: Vec<f64>,
    together: Vec<f64>,
    _folder: tempfile::TempDir,
}

impl Town {
    fn new(people: u64) -> Self {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut ledger = Ledger::open(&Config::new(folder.path())).expect("opens");
        let mut rng = Rng::new(people);
        ledger.run(&[batch(&mut rng, 0, 0, 1)]).pop().expect("one").expect("is stored");
        multiply(&ledger, people);
        ledger.database().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
        Self { people, ledger, rng, first: 1_000, alone: Vec::new(), together: Vec::new(), _folder: folder }
    }

    fn next(&mut self) -> Task {
        self.first += BATCH;
        let person = 1 + self.rng.below(self.people as usize) as u64;
        batch(&mut self.rng, person, self.first, BATCH)
    }

    /// Ten syncs alone, and 32 in one transaction.
    fn turn(&mut self) {
        for _ in 0..10 {
            let task = [self.next()];
            let started = Instant::now();
            self.ledger.run(&task).pop().expect("one").expect("is stored");
            self.alone.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let tasks: Vec<_> = (0..32).map(|_| self.next()).collect();
        let started = Instant::now();
        assert!(self.ledger.run(&tasks).iter().all(Result::is_ok));
        self.together.push(started.elapsed().as_secs_f64() * 1e3 / 32.0);
    }

    fn median_together(&mut self) -> f64 {
        self.together.sort_by(f64::total_cmp);
        self.together[self.together.len() / 2]
    }
}

fn main() {
    println!(
        "a sync of {BATCH} signals of {FEATURES} features by one of so many people, each with one signal before\n"
    );
    println!("people     alone: median, p99      32 together: each, median");
    let mut towns: Vec<Town> = [1_000, 10_000, 100_000, 1_000_000].map(Town::new).into();
    // In turns, so that whatever else the machine does falls on all of them.
    for _ in 0..30 {
        towns.iter_mut().for_each(Town::turn);
    }
    for town in &mut towns {
        town.alone.sort_by(f64::total_cmp);
        let together = town.median_together();
        let at = |share: f64| town.alone[((town.alone.len() - 1) as f64 * share) as usize];
        println!("{:>9}  {:6.2} ms, {:6.2} ms     {together:6.2} ms", town.people, at(0.5), at(0.99));
    }

    let folder = tempfile::TempDir::new().expect("a folder");
    let mut ledger = Ledger::open(&Config::new(folder.path())).expect("opens");
    let mut rng = Rng::new(5);
    let (before, started) = (memory(), Instant::now());
    for group in 0..100_000u64.div_ceil(32) {
        let tasks: Vec<_> = (0..32).map(|k| batch(&mut rng, 1 + group * 32 + k, (group * 32 + k) * 3, 3)).collect();
        assert!(ledger.run(&tasks).iter().all(Result::is_ok));
    }
    ledger.run(&[Task::Publish]).pop().expect("one").expect("publishes");
    let after = memory();
    println!(
        "\n100,000 people with 3 signals each in {:.0} s: {} MB of memory, {} MB at most ({} MB before the first)",
        started.elapsed().as_secs_f64(),
        after.0,
        after.1,
        before.0
    );
}
