//! What a publication of all slots costs, and what it does to those who send meanwhile.

use crate::Args;
use crate::client::{Client, runtime};
use crate::process::{Server, folder};
use crate::work::{NOW, body, signal};
use flywheel_core::consent::Outgoing;
use flywheel_core::rng::Rng;
use flywheel_server::{Config, Ledger, Person, Prepared, Seen, Submission, Task};
use std::path::Path;
use std::time::{Duration, Instant};

/// Signals of 500 features each: nearly all of 2^18 slots are hit.
const SIGNALS: u64 = 2_000;

pub fn measure(args: &Args) {
    let wide = Args { features: 500, context: 0, ..args.clone() };
    let signals = if args.quick { 20 } else { SIGNALS };
    for (what, more) in [
        ("with the answer", ["--publish-interval", "0s", "--publish-every", "1"]),
        ("by the timer", ["--publish-interval", "1s", "--publish-every", "0"]),
    ] {
        let folder = folder();
        let slots = fill(&wide, folder.path(), signals);
        let server = Server::flywheel(folder.path(), &more);
        let times = runtime(1).block_on(send(args, &server));
        let most = times.iter().copied().fold(0.0, f64::max);
        let mut sorted = times.clone();
        sorted.sort_by(f64::total_cmp);
        println!(
            "  {slots} slots, published {what}: first batch {:.1} ms, the others {:.1} (median), slowest of all {most:.1} (goal: 200)",
            times[0],
            sorted[sorted.len() / 2]
        );
    }
}

/// One signal every few milliseconds for two and a half seconds; how long each waits.
async fn send(args: &Args, server: &Server) -> Vec<f64> {
    let mut client = Client::connect(&server.address).await;
    let mut rng = Rng::new(9);
    let (mut times, end) = (Vec::new(), Instant::now() + Duration::from_millis(2_500));
    let mut n = 1 << 36;
    while Instant::now() < end {
        n += 1;
        let body = body(&server.key, n % 50, 0, vec![signal(args, &mut rng, n)]);
        let start = Instant::now();
        let (status, answer) = client.post(&body).await;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    times
}

/// Folds without publishing; how many slots have a sum then.
fn fill(wide: &Args, folder: &Path, signals: u64) -> usize {
    let config = Config { publish_every: 0, publish_interval: Duration::ZERO, ..Config::new(folder) };
    let mut ledger = Ledger::open(&config).expect("opens");
    let mut rng = Rng::new(10);
    for first in (0..signals).step_by(100) {
        let tasks: Vec<_> = (first..signals.min(first + 100)).map(|n| one(wide, &mut rng, n)).collect();
        for done in ledger.run(&tasks) {
            done.expect("is stored");
        }
    }
    ledger.sums("default").expect("sums").sorted().len()
}

/// A signal of a person of its own, with names of their own, so that they hit slots of their own.
fn one(wide: &Args, rng: &mut Rng, n: u64) -> Task {
    let mut signal = signal(wide, rng, n);
    for (name, _) in &mut signal.shown.features.0 {
        *name = format!("{name}-{n}").into();
    }
    let person = Person((u128::from(n) + 1).to_be_bytes());
    let signals = vec![Prepared::new(Outgoing::new(signal, Default::default()))];
    Task::Sync(Submission { app: 1, person, sent_at: NOW, version: 0, text: false, signals, seen: Seen::default() })
}
