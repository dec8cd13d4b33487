//! The command line, without a dependency.

use crate::fail::{Failure, Result};

/// What stands after the command's name, taken out piece by piece.
pub struct Args {
    words: Vec<String>,
}

impl Args {
    /// From the words after the command's name.
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// True when this switch was given.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    ///
    /// # Errors
    /// When the value is missing.
    pub fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        if let Some(at) = self.words.iter().position(|word| word.starts_with(&joined)) {
            return Ok(Some(self.words.remove(at)[joined.len()..].to_owned()));
        }
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 >= self.words.len() {
            return Err(Failure::new(format!("{name} needs a value")));
        }
        self.words.remove(at);
        Ok(Some(self.words.remove(at)))
    }

    /// Everything that is left, as names.
    ///
    /// # Errors
    /// When a switch is left that nobody asked for.
    pub fn names(self) -> Result<Vec<String>> {
        match self.words.iter().find(|word| word.starts_with('-')) {
            Some(word) => Err(Failure::new(format!("unknown option {word}; --help shows the known ones"))),
            None => Ok(self.words),
        }
    }

    /// Everything that is left, as it is, for another program.
    pub fn rest(self) -> Vec<String> {
        self.words
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When anything is left.
    pub fn finish(self) -> Result<()> {
        match self.words.first() {
            Some(word) => Err(Failure::new(format!("{word} means nothing here; --help shows what does"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn both_spellings_of_a_value_are_read() {
        for line in ["--port 80 x", "--port=80 x", "x --port 80"] {
            let mut args = args(line);
            assert_eq!(args.value("--port").ok().flatten().as_deref(), Some("80"), "{line}");
            assert_eq!(args.names().ok(), Some(vec!["x".to_owned()]), "{line}");
        }
    }

    #[test]
    fn what_nobody_asked_for_is_an_error() {
        assert!(args("--wrong").names().is_err());
        assert!(args("extra").finish().is_err());
        assert!(args("--port").value("--port").is_err());
    }
}
