//! Tokens by which the host's own server says which of its people a device belongs to.

use flywheel_core::base64;
use flywheel_core::error::{Code, Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use std::fmt;

/// Longest token, in bytes.
const LENGTH: usize = 1_024;
/// Longest name of a person, in bytes.
const NAME: usize = 256;

/// What a token says.
#[derive(Clone, Deserialize)]
pub struct Claim {
    /// The host's own name for the person. It is never stored.
    pub person: String,
    /// Until when the token holds: milliseconds since 1970.
    pub until: u64,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Reads a token, `PAYLOAD.SIGNATURE`: both base64url, the payload JSON, the signature HMAC-SHA256 of the payload as it
/// stands there under the SHA-256 of one of the app's secret keys. `keys` are these hashes: the keys themselves are not
/// kept.
///
/// # Errors
/// [`Code::InvalidKey`] if no key signed it; [`Code::InvalidValue`] if what was signed is no claim.
pub(crate) fn read<'a>(token: &str, mut keys: impl Iterator<Item = &'a [u8; 32]>) -> Result<Claim> {
    let unsigned = || Error::new(Code::InvalidKey, "`token` is not signed with a secret key (sk_…) of this app");
    let (payload, signature) = token.split_once('.').filter(|_| token.len() <= LENGTH).ok_or_else(unsigned)?;
    let signature = decode(signature).ok_or_else(unsigned)?;
    let signed = |key: &[u8; 32]| {
        Hmac::<Sha256>::new_from_slice(key).is_ok_and(|mut mac| {
            mac.update(payload.as_bytes());
            mac.verify_slice(&signature).is_ok()
        })
    };
    if !keys.any(signed) {
        return Err(unsigned());
    }
    let claim = decode(payload).and_then(|bytes| serde_json::from_slice::<Claim>(&bytes).ok());
    claim.filter(|claim| !claim.person.is_empty() && claim.person.len() <= NAME).ok_or_else(|| {
        Error::new(Code::InvalidValue, "a token says {\"person\": 1 to 256 bytes, \"until\": milliseconds}")
    })
}

/// Base64url (RFC 4648, section 5), without padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let usual: String = text
        .chars()
        .map(|letter| {
            if letter == '-' {
                '+'
            } else if letter == '_' {
                '/'
            } else {
                letter
            }
        })
        .collect();
    let padding = "=".repeat((4 - usual.len() % 4) % 4);
    base64::decode(&(usual + &padding))
}
