//! Real randomness, for the device secret and the page's seed.

use flywheel_core::error::{Code, Error, Result};

/// A device secret: 32 hexadecimal digits.
///
/// # Errors
/// [`Code::Internal`] where there is no source of randomness.
pub fn secret() -> Result<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| none())?;
    Ok(bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)] as char).collect())
}

/// A seed.
pub fn seed() -> Result<u64> {
    getrandom::u64().map_err(|_| none())
}

fn none() -> Error {
    Error::new(Code::Internal, "this browser gives no randomness")
}
