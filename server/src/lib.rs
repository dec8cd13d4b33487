//! The sync endpoint of Flywheel: stores signals, folds them, publishes weights.
//!
//! What a signal teaches and how sums move is decided in `flywheel-core`; here is what touches the world: HTTP, SQLite,
//! time and keys. The contract is `docs/protocol.md`.

#![forbid(unsafe_code)]

pub mod admin;
mod clock;
mod config;
pub mod evaluate;
mod http;
mod ingest;
pub mod replay;
pub mod seed;
mod serve;
mod store;

pub use clock::Clock;
pub use config::{Config, Origins};
pub use http::router;
pub use ingest::{Person, Refusal, Seen, Submission};
pub use serve::serve;
pub use store::{
    Act, Alarm, AlarmKind, Done, Draft, Keys, Ledger, Order, Overview, Stats, StatsArgs, Store, Task, Version, give,
    rung,
};
pub use store::{Distance, RetrainArgs, retrain, run_stats, stats};
pub use store::{PerPerson, Report, Side, Stage, VersionReport};
