//! The browser edge: what turns JavaScript's values into core's and back, plus clock and randomness.
//!
//! [`flywheel_core::page::Page`] decides; the adapters in `js/` (storage, fetch, timers, the events of a page's life)
//! carry out what it asks for. They are TypeScript because the same adapters cost a page ten times as much when they
//! are compiled (docs/decisions/0006-adapters-in-typescript.md).

pub mod call;
mod clock;
mod engine;
mod flat;
mod lexicon;
mod options;
mod random;
mod record;

pub use engine::Engine;

/// Whether this is the module of `flywheel-sdk/insight`; the other one is smaller.
const INSIGHT: bool = cfg!(feature = "insight");

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
