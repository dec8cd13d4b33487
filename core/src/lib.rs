//! Everything Flywheel decides: features, beliefs, learning, ranking, the journal, sync and the fold.
//!
//! Pure: no browser, no clock, no I/O, no randomness but the caller's. The same code runs in the page and on the
//! server, and the same signals give the same bytes on both.

pub mod base64;
pub mod belief;
pub mod consent;
pub mod error;
pub mod feature;
pub mod fold;
pub mod gate;
pub mod hold_out;
pub mod id;
pub mod journal;
pub mod learner;
pub mod map;
pub mod math;
pub mod page;
pub mod rank;
pub mod redact;
pub mod rewrite;
pub mod rng;
pub mod signal;
pub mod slots;
pub mod snapshot;
pub mod sort;
pub mod str;
pub mod sync;
pub mod wire;
