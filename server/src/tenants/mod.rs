//! The commands for the apps of a server and their keys.

mod app;
mod key;

pub use app::{AppArgs, run_app};
pub use key::{KeyArgs, run_key};
