//! Records, batches, replies and reports as plain values.
//!
//! Written out by hand: what serde derives for the same costs a page four times the code. That both agree, field by
//! field, is a test.

mod insight;
mod read;
mod report;
mod rewrites;
mod write;

pub use insight::{explanation, hints, settings, suggestions, traits};
pub use read::{choice, decision, entry, reply, request};
pub use report::{decided, events, export, status};
pub use write::{batch, choice as write_choice, writes};

#[cfg(test)]
mod tests;
