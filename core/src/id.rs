//! Ids of decisions, signals and requests: made by the client, ordered by time.

use crate::error::{Code, Error};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits. Sorts by time of making.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

impl Id {
    /// An id for the moment `at_ms` (since 1970) with 12 bits of `filling[0]` (random, or a counter
    /// that keeps ids of one millisecond in order: RFC 9562, section 6.2, method 1) and 62 random bits of `filling[1]`.
    #[must_use]
    pub const fn new(at_ms: u64, filling: [u64; 2]) -> Self {
        let high = (at_ms << 16) | 0x7000 | (filling[0] & 0x0FFF);
        let low = (filling[1] & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        Self((((high as u128) << 64) | low as u128).to_be_bytes())
    }

    /// The id from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, most significant first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Milliseconds since 1970 at which the client made it, by the client's clock.
    #[must_use]
    #[inline(never)]
    pub const fn at_ms(&self) -> u64 {
        let [a, b, c, d, e, f, ..] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The usual form, with hyphens.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.letters().to_vec()).unwrap_or_default()
    }

    /// The usual form as the ASCII codes of its letters.
    #[must_use]
    #[inline(never)]
    pub fn letters(&self) -> [u8; 36] {
        let mut letters = [b'-'; 36];
        let mut places = letters.iter_mut();
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                places.next();
            }
            for digit in [byte >> 4, byte & 15] {
                let letter = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
                places.next().into_iter().for_each(|place| *place = letter);
            }
        }
        letters
    }

    /// Reads the form with or without hyphens.
    ///
    /// # Errors
    /// [`Code::InvalidName`] if it is not 32 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 16];
        let mut digits = 0;
        for letter in text.bytes() {
            let digit = match letter {
                b'0'..=b'9' => letter - b'0',
                b'a'..=b'f' => letter - b'a' + 10,
                b'A'..=b'F' => letter - b'A' + 10,
                b'-' => continue,
                _ => return Err(bad_id()),
            };
            let byte: &mut u8 = bytes.get_mut(digits / 2).ok_or_else(bad_id)?;
            *byte = *byte << 4 | digit;
            digits += 1;
        }
        if digits == 32 { Ok(Self(bytes)) } else { Err(bad_id()) }
    }
}

fn bad_id() -> Error {
    Error::new(Code::InvalidName, "an id is a UUID: 32 hexadecimal digits, with or without hyphens")
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id (UUID)")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                Id::parse(text).map_err(|error| E::custom(&error.detail))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_keeps_its_time() {
        let id = Id::new(1_700_000_000_123, [u64::MAX, u64::MAX]);
        assert_eq!(id.to_string(), "018bcfe5-687b-7fff-bfff-ffffffffffff");
        assert_eq!(Id::parse(&id.to_string()), Ok(id));
        assert_eq!(id.at_ms(), 1_700_000_000_123);
    }

    #[test]
    fn later_ids_sort_later_as_bytes_and_as_text() {
        let (a, b) = (Id::new(5, [9, 9]), Id::new(6, [0, 0]));
        assert!(a < b && a.to_string() < b.to_string());
    }

    #[test]
    fn what_is_not_a_uuid_is_refused() {
        for text in ["", "x", "018bcfe5", "018bcfe5-687b-7fff-bfff-ffffffffffff0", "018bcfe5687b7fffbfffffffffffffg"] {
            assert!(Id::parse(text).is_err(), "{text}");
        }
    }
}
