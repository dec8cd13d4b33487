//! What many people cost: memory, and whether a sync takes longer.

use crate::Args;
use crate::client::{Client, quantile, runtime};
use crate::process::{Server, folder};
use crate::work::{NOW, body, signal};
use flywheel_core::consent::Outgoing;
use flywheel_core::rng::Rng;
use flywheel_server::{Config, Ledger, Person, Prepared, Seen, Submission, Task};
use std::path::Path;
use std::time::{Duration, Instant};

/// Signals that each of the many has sent before.
const EACH: usize = 2;
/// Syncs that are measured.
const SYNCS: u64 = 200;

pub fn memory(args: &Args) {
    let folder = folder();
    let server = Server::flywheel(folder.path(), &[]);
    let mut rng = Rng::new(7);
    let mut sent = 0;
    let runtime = runtime(args.drivers);
    // In pieces, so that the bodies do not take more memory than what is measured.
    while sent < args.people {
        let piece = 10_000.min(args.people - sent);
        let bodies: Vec<_> = (sent..sent + piece)
            .map(|person| {
                let signals = (0..EACH as u64).map(|n| signal(args, &mut rng, person * 10 + n)).collect();
                body(&server.key, person, 0, signals)
            })
            .collect();
        runtime.block_on(everything(&server.address, args.connections, bodies));
        sent += piece;
    }
    let (now, most) = server.memory_mib();
    println!("  after {sent} people with {EACH} signals each: {now:.0} MiB resident, {most:.0} at most (goal: 300)");
}

async fn everything(address: &str, connections: usize, bodies: Vec<Vec<u8>>) {
    let share = bodies.len().div_ceil(connections);
    let tasks: Vec<_> = bodies
        .chunks(share)
        .map(|bodies| {
            let (bodies, address) = (bodies.to_vec(), address.to_owned());
            tokio::spawn(async move {
                let mut client = Client::connect(&address).await;
                for body in bodies {
                    let (status, answer) = client.post(&body).await;
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("ends");
    }
}

pub fn sync(args: &Args) {
    let folder = folder();
    let mut rng = Rng::new(8);
    println!("    people   ms for a sync of {} signals: known person p50, p99   newcomer p50, p99", args.signals);
    let mut there = 0;
    let mut rows = Vec::new();
    for people in [args.people / 100, args.people / 10, args.people, args.people * 10] {
        fill(args, folder.path(), &mut rng, there, people);
        there = people;
        let server = Server::flywheel(folder.path(), &[]);
        let runtime = runtime(args.drivers);
        // The first requests after a start read what the later ones find in memory.
        runtime.block_on(times(args, &server, &mut rng, |n| (1 << 40) + n));
        let known = runtime.block_on(times(args, &server, &mut rng, |n| n * 7_919 % people));
        let new = runtime.block_on(times(args, &server, &mut rng, |n| people + (n << 32)));
        let [a, b] = [0.5, 0.99].map(|share| quantile(&known, share));
        let [c, d] = [0.5, 0.99].map(|share| quantile(&new, share));
        println!("  {people:>8}   {a:>46.2} {b:>5.2}   {c:>13.2} {d:>5.2}");
        rows.push((people, a));
    }
    for (people, ms) in rows {
        println!("  {people:>8}   {}  {ms:.2} ms", "█".repeat((ms * 8.0).round() as usize));
    }
}

/// One after the other, over one connection, in milliseconds, smallest first.
async fn times(args: &Args, server: &Server, rng: &mut Rng, person: impl Fn(u64) -> u64) -> Vec<f64> {
    let mut client = Client::connect(&server.address).await;
    let mut times = Vec::new();
    for n in 0..SYNCS {
        let signals = (0..args.signals).map(|_| signal(args, rng, rng_id(rng))).collect();
        let body = body(&server.key, person(n), 0, signals);
        let start = Instant::now();
        let (status, answer) = client.post(&body).await;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
    }
    times.sort_by(f64::total_cmp);
    times
}

fn rng_id(rng: &Rng) -> u64 {
    rng.clone().next_u64() >> 24
}

/// Lets people `from`‥`to` in, without the network: as many transactions as there are thousands.
fn fill(args: &Args, folder: &Path, rng: &mut Rng, from: u64, to: u64) {
    let config = Config { publish_every: 0, publish_interval: Duration::ZERO, ..Config::new(folder) };
    let mut ledger = Ledger::open(&config).expect("opens");
    for first in (from..to).step_by(1_000) {
        let tasks: Vec<_> = (first..to.min(first + 1_000)).map(|person| submission(args, rng, person)).collect();
        for done in ledger.run(&tasks) {
            done.expect("is stored");
        }
    }
}

fn submission(args: &Args, rng: &mut Rng, person: u64) -> Task {
    let signals =
        (0..EACH as u64).map(|n| Prepared::new(Outgoing::new(signal(args, rng, person * 10 + n), Default::default())));
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&person.to_be_bytes());
    Task::Sync(Submission {
        app: 1,
        person: Person(bytes),
        sent_at: NOW,
        version: 0,
        text: false,
        signals: signals.collect(),
        seen: Seen::default(),
    })
}
