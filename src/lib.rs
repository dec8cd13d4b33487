//! The browser edge: everything that [`flywheel_core::page::Page`] asks for and cannot do itself.
//!
//! `Page` decides; this crate performs: storage, fetch, timers, clock, randomness and the events of a page's life. It
//! is called by the TypeScript façade in `js/`, which gives it a pleasant shape.

mod clock;
mod convert;
mod driver;
mod error;
mod exchange;
mod forget;
mod handle;
mod life;
mod options;
mod random;
mod storage;
mod timer;
mod transport;

pub use handle::Handle;
