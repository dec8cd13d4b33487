//! Reading what crossed.

use flywheel_core::error::{Code, Error, Result};

/// What is left to read.
pub struct Reader<'a> {
    text: &'a str,
    numbers: core::slice::Iter<'a, f64>,
    ascii: bool,
}

impl<'a> Reader<'a> {
    /// Begins.
    pub fn new(text: &'a str, shape: &'a [f64]) -> Self {
        Self { text, numbers: shape.get(1..).unwrap_or_default().iter(), ascii: shape.first() == Some(&1.0) }
    }

    /// Whether everything was read.
    ///
    /// # Errors
    /// [`Code::Internal`] if something is left.
    pub fn end(mut self) -> Result<()> {
        if self.text.is_empty() && self.numbers.next().is_none() { Ok(()) } else { Err(misshapen()) }
    }

    /// A number.
    pub fn number(&mut self) -> Result<f64> {
        self.numbers.next().copied().ok_or_else(misshapen)
    }

    /// A count, never more than there are numbers left: nothing is made room for in vain.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    pub fn count(&mut self) -> Result<usize> {
        self.number().map(|number| number as usize)
    }

    /// The kind of what follows.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    pub fn kind(&mut self) -> Result<u8> {
        self.number().map(|number| number as u8)
    }

    /// A string.
    pub fn string(&mut self) -> Result<&'a str> {
        let units = self.count()?;
        let bytes = if self.ascii { units } else { bytes_of(self.text, units) };
        let (string, rest) = self.text.split_at_checked(bytes).ok_or_else(misshapen)?;
        self.text = rest;
        Ok(string)
    }
}

/// How many bytes this many UTF-16 units at the front take. A lone surrogate arrives as U+FFFD, also one unit.
fn bytes_of(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, letter) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    if left == 0 { text.len() } else { usize::MAX }
}

/// The two sides do not agree.
#[cold]
#[inline(never)]
pub fn misshapen() -> Error {
    Error::new(Code::Internal, "a value was not written as it is read")
}
