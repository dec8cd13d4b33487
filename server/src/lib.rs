//! The sync endpoint of Flywheel: stores signals, folds them, publishes weights.
//!
//! What a signal teaches and how sums move is decided in `flywheel-core`; here is what touches the world: HTTP, SQLite,
//! time and keys. The contract is `docs/protocol.md`.
//!
//! `flywheel serve` is the whole server. Its two ports are routers that mount in another axum app as well:
//!
//! ```no_run
//! use flywheel_server::{Config, Store, router};
//! use std::net::SocketAddr;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new("./flywheel-data");
//! let store = Store::open(&config)?;
//! let app = axum::Router::new().nest("/flywheel", router(store.clone(), &config));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! // With the peer's address, or there are no rates by address.
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! store.close();
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod admin;
mod clock;
mod config;
pub mod evaluate;
pub mod export;
mod guard;
mod http;
mod ingest;
mod listen;
mod log;
mod metrics;
mod openapi;
mod prepared;
pub mod replay;
pub mod seed;
mod serve;
mod settings;
mod store;
mod tenants;
mod terminal;
mod token;
mod units;

pub use clock::Clock;
pub use config::{Config, Limits, Origins, Rate};
pub use http::{internal_router, router};
pub use ingest::{Person, Refusal, Seen, Submission};
pub use log::{Log, begin_log};
pub use openapi::{OpenapiArgs, openapi, run_openapi};
pub use prepared::Prepared;
pub use serve::serve;
pub use settings::{ConfigArgs, Internal, Plan, Settings, run_config};
pub use store::{
    Act, Alarm, AlarmKind, AppEntry, Change, Done, Draft, KeyEntry, Keys, Kind, Known, Ledger, Order, Overview,
    Registry, Stats, StatsArgs, Store, Task, Version, give, rung,
};
pub use store::{BackupArgs, backup, run_backup};
pub use store::{Distance, RetrainArgs, retrain, run_stats, stats};
pub use store::{PerPerson, Report, Side, Stage, VersionReport};
pub use tenants::{AppArgs, KeyArgs, run_app, run_key};
pub use units::{Size, Time};
