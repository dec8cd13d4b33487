//! How many signals a second, in turns with the baseline.

use crate::Args;
use crate::client::{as_fast_as_it_goes, runtime};
use crate::process::{Server, folder};
use crate::work::bodies;
use std::time::{Duration, Instant};

/// What one round came to.
struct Round {
    signals_per_second: f64,
    /// Of the server's processor time, for one signal.
    micros_per_signal: f64,
}

pub fn measure(args: &Args) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..args.rounds {
        // Who begins changes from round to round: a machine that gets slower is unfair to both.
        for turn in 0..2 {
            let is_ours = (round + turn) % 2 == 0;
            let folder = folder();
            let server = if is_ours { Server::flywheel(folder.path(), &[]) } else { Server::baseline(folder.path()) };
            let done = drive(args, &server, round as u64);
            if is_ours { ours.push(done) } else { theirs.push(done) }
        }
    }
    println!("  round   flywheel signals/s (µs of processor)   baseline signals/s (µs)   ratio");
    let mut ratios = Vec::new();
    for (round, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let ratio = ours.signals_per_second / theirs.signals_per_second;
        ratios.push(ratio);
        println!(
            "  {round:>5}   {:>18.0} ({:>5.1})               {:>14.0} ({:>5.1})          {ratio:.2}",
            ours.signals_per_second, ours.micros_per_signal, theirs.signals_per_second, theirs.micros_per_signal
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!("  median ratio {:.2} (goal: at least 0.6)", ratios[ratios.len() / 2]);
}

#[allow(clippy::cast_precision_loss)]
fn drive(args: &Args, server: &Server, seed: u64) -> Round {
    let time = Duration::from_secs_f64(args.seconds);
    // As many as the fastest machine could take.
    let enough = (args.seconds * 8_000.0) as usize;
    let bodies = bodies(args, &server.key, enough, seed + 1);
    let before = server.processor_seconds();
    let start = Instant::now();
    let batches = runtime(args.drivers).block_on(as_fast_as_it_goes(&server.address, args.connections, bodies, time));
    let signals = (batches * args.signals) as f64;
    Round {
        signals_per_second: signals / start.elapsed().as_secs_f64(),
        micros_per_signal: (server.processor_seconds() - before) / signals * 1e6,
    }
}
