//! What the server costs, driven from outside over loopback: `cargo xtask bench server`; docs/server-speed.md.
//!
//! The baseline is the same HTTP stack with a handler that only group-commits the raw bytes into the same SQLite; it
//! runs in turns with the server, in the same run.

mod baseline;
mod client;
mod latency;
mod people;
mod process;
mod publish;
mod rate;
mod work;

use clap::Parser;

/// How much is measured.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// rate, latency, memory, sync, publish; all of them if left out
    parts: Vec<String>,
    /// Seconds of each round of `rate` and `latency`
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Rounds of `rate`, in turns with the baseline
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections that are kept alive
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Threads that drive them
    #[arg(long, default_value_t = 1)]
    drivers: usize,
    /// Signals of a batch
    #[arg(long, default_value_t = 20)]
    signals: usize,
    /// Keys of the context, which are crossed with the candidate's features
    #[arg(long, default_value_t = 0)]
    context: usize,
    /// Features of the candidate
    #[arg(long, default_value_t = 30)]
    features: usize,
    /// People of `memory`; `sync` goes up to ten times as many
    #[arg(long, default_value_t = 100_000)]
    people: u64,
    /// Short rounds and few people: shows that it works, measures nothing
    #[arg(long)]
    quick: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the baseline's server, with its data in this folder
    #[arg(long, hide = true)]
    serve_baseline: Option<std::path::PathBuf>,
}

fn main() {
    let mut args = Args::parse();
    if let Some(folder) = &args.serve_baseline {
        return baseline::serve(folder);
    }
    if args.quick {
        args = Args { seconds: 0.5, rounds: 1, people: 1_000, ..args };
    }
    type Part = (&'static str, fn(&Args));
    const PARTS: [Part; 5] = [
        ("rate", rate::measure),
        ("latency", latency::measure),
        ("memory", people::memory),
        ("sync", people::sync),
        ("publish", publish::measure),
    ];
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{cores} cores; load before {}", load.split(' ').next().unwrap_or("unknown"));
    for (name, measure) in PARTS {
        if args.parts.is_empty() || args.parts.iter().any(|part| part == name) {
            println!("\n{name}");
            measure(&args);
        }
    }
}
