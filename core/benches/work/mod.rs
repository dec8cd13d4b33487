//! What is measured: each kind of work on many different requests, in a state like that of a page in use.

mod page;
mod people;
mod server;

pub use page::{Featurise, Rank, Thumb};
pub use server::{Decode, Fold};

/// Work in steps. A copy of it starts anew, so that what grows with use is the same each time.
pub trait Work: Clone {
    /// As it is called on the command line.
    const NAME: &'static str;
    /// Steps that one copy takes.
    const STEPS: usize;
    /// The state before the first step.
    fn new() -> Self;
    /// One step.
    fn step(&mut self, at: usize);
}
