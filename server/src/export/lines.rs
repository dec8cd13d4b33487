//! Writing rows, and counting what became none.

use super::judged::{self, Author, Text};
use super::{Rules, Sink, unwritable};
use crate::store::Statement;
use flywheel_core::error::Result;
use serde::Serialize;
use std::fmt;
use std::io::Write;

/// What an export came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Rows that were written.
    pub(super) rows: u64,
    /// Rows among them whose text to learn was written by a model.
    pub(super) machine_made: u64,
    /// Rows that were left out because it was.
    pub(super) left_out: u64,
    /// Rows that were left out because their context has no prompt.
    pub(super) without_prompt: u64,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, machine_made, left_out, without_prompt } = self;
        write!(f, "{rows} rows")?;
        if *machine_made > 0 {
            write!(f, ", {machine_made} of them machine-made")?;
        }
        if *left_out > 0 {
            write!(f, "; {left_out} left out because a model wrote them (--include-machine-made)")?;
        }
        if *without_prompt > 0 {
            write!(f, "; {without_prompt} left out without a prompt in their context (--prompt)")?;
        }
        Ok(())
    }
}

/// Where rows go.
pub(super) struct Lines {
    pub(super) out: Sink,
    pub(super) rules: Rules,
    pub(super) written: Written,
}

impl Lines {
    pub(super) fn new(out: Sink, rules: Rules) -> Self {
        Self { out, rules, written: Written::default() }
    }

    /// One row as a line of JSON.
    pub(super) fn line(&mut self, row: &impl Serialize) -> Result<()> {
        self.written.rows += 1;
        let cannot = |error: &dyn fmt::Display| unwritable(&format!("cannot write a row: {error}"));
        serde_json::to_writer(&mut self.out, row).map_err(|error| cannot(&error))?;
        self.out.write_all(b"\n").map_err(|error| cannot(&error))
    }

    /// The prompt for a row that teaches to write `learned`, if the row is wanted; counts why it is not.
    pub(super) fn admit<'a>(&mut self, statement: &'a Statement, learned: Text<'_>) -> Option<&'a str> {
        if !self.admits(learned.author) {
            return None;
        }
        let prompt = judged::prompt(&statement.signal, &self.rules.prompt);
        match prompt {
            None => self.written.without_prompt += 1,
            Some(_) => self.written.machine_made += u64::from(learned.author == Author::Machine),
        }
        prompt
    }

    /// Whether texts of this author are wanted; counts those that are not.
    pub(super) fn admits(&mut self, author: Author) -> bool {
        let is_wanted = self.rules.machine_made || author == Author::Person;
        self.written.left_out += u64::from(!is_wanted);
        is_wanted
    }

    /// Flushes.
    pub(super) fn finish(mut self) -> Result<(Written, Sink)> {
        self.out.flush().map_err(|error| unwritable(&format!("cannot write: {error}")))?;
        Ok((self.written, self.out))
    }
}
