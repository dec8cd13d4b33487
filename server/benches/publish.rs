//! What it costs to publish every slot of a model, and how long a batch waits meanwhile:
//! `cargo bench -p flywheel-server --bench publish`.

use flywheel_core::belief::Model;
use flywheel_core::consent::{Consent, Outgoing};
use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::id::Id;
use flywheel_core::signal::{Feedback, Signal, Thumb};
use flywheel_server::{Config, Ledger, Person, Seen, Store, Submission, Task};
use std::time::{Duration, Instant};

const NOW: u64 = 1_800_000_000_000;

fn signal(n: u64) -> Signal {
    let id = Id::new(NOW + n, [n, n]);
    let feature = |f: u64| (format!("f{f}").into(), Value::Text(format!("v{}", n.wrapping_mul(f + 7) % 50).into()));
    Signal {
        id,
        at: NOW,
        decision: id,
        surface: "bench".into(),
        context: Object::default(),
        shown: Candidate { id: "a".into(), features: Object((0..30).map(feature).collect()), text: None },
        choice: None,
        earlier: None,
        feedback: Feedback::Thumb(if n.is_multiple_of(3) { Thumb::Down } else { Thumb::Up }),
        weight: None,
    }
}

fn batch(n: u64) -> Task {
    let signals = (0..20).map(|k| Ok(Outgoing::new(signal(n * 20 + k), Consent::default()))).collect();
    let person = Person(u128::from(n % 1_000).to_be_bytes());
    Task::Sync(Submission { app: 1, person, sent_at: NOW, version: u64::MAX, signals, seen: Seen::default() })
}

/// Gives every slot a sum, as if it had been folded since the last version.
fn fill(config: &Config, round: u64) {
    let ledger = Ledger::open(config).expect("opens");
    let slots = Model::default().space.slots();
    let fill = "WITH RECURSIVE s(slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM s WHERE slot + 1 < ?1)
                INSERT INTO sums SELECT 1, slot, 1048576 * (1 + (slot * 7919 + ?2) % 97),
                1024 * ((slot * 104729 + ?2 * 31) % 2001 - 1000) FROM s WHERE true
                ON CONFLICT DO UPDATE SET rho = excluded.rho, rho_m = excluded.rho_m";
    ledger.database().execute(fill, rusqlite::params![slots, round.cast_signed()]).expect("fills");
}

fn main() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let config = Config { publish_interval: Duration::ZERO, ..Config::new(folder.path()) };
    println!("publishing 2^18 slots\n");
    for round in 1..=3u64 {
        fill(&config, round);
        let mut ledger = Ledger::open(&config).expect("opens");
        let since = |started: Instant| started.elapsed().as_secs_f64() * 1e3;
        let all = Instant::now();
        let draft = ledger.drafts().pop().expect("a draft");
        let drafted = since(all);
        let making = Instant::now();
        let version = draft.make().expect("a version");
        let made = since(making);
        let releasing = Instant::now();
        ledger.run(&[Task::Release(Box::new(version))]).pop().expect("one").expect("is released");
        let (released, whole) = (since(releasing), since(all));
        println!(
            "round {round}: {whole:.0} ms in all; the writer {drafted:.1} ms drafting and {released:.1} ms releasing; beside it {made:.0} ms"
        );
    }

    // The same with the timer, while somebody sends without a pause.
    for (what, interval, filled) in
        [("never", Duration::ZERO, false), ("every slot, every 300 ms", Duration::from_millis(300), true)]
    {
        let mut waits = Vec::new();
        let mut n = 0;
        for round in 0..5 {
            if filled {
                fill(&config, 10 + round);
            }
            let store = Store::open(&Config { publish_interval: interval, ..config.clone() }).expect("opens");
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(900) {
                let sent = Instant::now();
                runtime.block_on(store.run(batch(round * 1_000_000 + n))).expect("is stored");
                waits.push(sent.elapsed().as_secs_f64() * 1e3);
                n += 1;
            }
            store.close();
        }
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
        println!(
            "\npublished {what}: {} batches of 20, one at a time: median {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            waits.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}
