//! How long a batch waits at half the rate that the server reaches.

use crate::Args;
use crate::client::{as_fast_as_it_goes, at_a_fixed_rate, quantile, runtime};
use crate::process::{Server, folder};
use crate::work::bodies;
use std::time::{Duration, Instant};

#[allow(clippy::cast_precision_loss)]
pub fn measure(args: &Args) {
    let folder = folder();
    let server = Server::flywheel(folder.path(), &[]);
    let runtime = runtime(args.drivers);
    let most = bodies(args, &server.key, (args.seconds * 8_000.0) as usize, 101);
    let (start, time) = (Instant::now(), Duration::from_secs_f64(args.seconds));
    let batches = runtime.block_on(as_fast_as_it_goes(&server.address, args.connections, most, time));
    let half = batches as f64 / start.elapsed().as_secs_f64() / 2.0;
    let due = bodies(args, &server.key, (half * args.seconds * 2.0) as usize, 102);
    let times = runtime.block_on(at_a_fixed_rate(&server.address, args.connections, due, half));
    println!(
        "  at {:.0} signals/s, half of the most, from when a batch is due to its answer:",
        half * args.signals as f64
    );
    print!("  ms:");
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("most", 1.0)] {
        print!("  {name} {:.1}", quantile(&times, share));
    }
    println!("   of {} batches (goal: p99 below 50)", times.len());
}
