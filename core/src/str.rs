//! A string that is copied by counting: names and categories stand in many decisions at once.

use core::borrow::Borrow;
use core::fmt;
use core::ops::Deref;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// A shared string that never changes.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Str(Arc<str>);

impl Clone for Str {
    #[inline(never)] // nearly everything that is copied has one in it
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Str {
    /// The string itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Str {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Str {
    #[inline(never)]
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Str {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Str {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A server reads thousands of them for each that a page reads: it copies once.
        #[cfg(not(target_arch = "wasm32"))]
        return deserializer.deserialize_str(Visitor);
        #[cfg(target_arch = "wasm32")]
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(not(target_arch = "wasm32"))]
struct Visitor;

#[cfg(not(target_arch = "wasm32"))]
impl serde::de::Visitor<'_> for Visitor {
    type Value = Str;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Str, E> {
        Ok(text.into())
    }
}
