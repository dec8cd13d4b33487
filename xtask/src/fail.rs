//! One error type: a sentence that says what went wrong and what to do about it.

use std::fmt;

/// What a command gives back.
pub type Result<T> = std::result::Result<T, Failure>;

/// A failure as it is shown to the person at the terminal.
#[derive(Debug)]
pub struct Failure(pub String);

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Its first line.
    pub fn in_short(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done to an error that only says what happened.
pub trait Context<T> {
    /// `doing` is a phrase such as "reading budget.toml".
    ///
    /// # Errors
    /// The same error, with the phrase in front.
    fn context(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}
