//! What a command says: "[2/6] doing this", and texts.

use std::fmt::Display;
use std::io::Write;

/// A text for whoever called. Who has read enough, as `head` has, is no failure.
pub fn say(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Counts the steps of one command.
pub struct Steps {
    done: usize,
    total: usize,
}

impl Steps {
    /// A command of `total` steps.
    pub fn new(total: usize) -> Self {
        Self { done: 0, total }
    }

    /// Says what starts now.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        say(format_args!("[{}/{}] {what}", self.done, self.total));
    }
}
