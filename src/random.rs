//! Real randomness, for the device secret and the page's seed.

use crate::error::to_js;
use flywheel_core::error::{Code, Error, Result};
use wasm_bindgen::prelude::*;

/// A device secret: 32 hexadecimal digits.
///
/// # Errors
/// `internal` where there is no source of randomness.
#[wasm_bindgen]
pub fn secret() -> core::result::Result<String, JsValue> {
    make_secret().map_err(|error| to_js(&error))
}

/// As [`secret`], for Rust.
pub fn make_secret() -> Result<String> {
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
