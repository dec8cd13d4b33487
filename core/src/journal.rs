//! What the page keeps: decisions and what was said about them.
//!
//! The learned state is the sum of the entries' differences. Entries are only ever added, and their order does not
//! matter; what changes about an entry is only whether the server has it.

use crate::belief::Diff;
use crate::consent::Outgoing;
use crate::error::{Code, Error, Result};
use crate::feature::{Candidate, Features, Object, Str};
use crate::id::Id;
use crate::rank::Rule;
use crate::rewrite::Rewrite;
use crate::signal::{Choice, How};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::sync::Arc;

/// How long decisions and entries are kept, in milliseconds: 30 days.
pub const KEEP_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Most decisions that are kept; beyond it the oldest [`EXPIRING`] go.
pub const DECISIONS: usize = 2_000;
/// Decisions that go at a time.
pub const EXPIRING: usize = 100;
/// Most features of words in all kept decisions together, 16 to 32 bytes each: beyond it the oldest decisions go, down to
/// the latest hundred.
pub const WORDS: usize = 2 * 1_024 * 1_024;

/// One signal in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The signal's id.
    pub id: Id,
    /// When it was said, in milliseconds since 1970.
    pub at: u64,
    /// The decision that it is about.
    pub decision: Id,
    /// What it added to the person's site here, including what an earlier signal on the same decision lost.
    pub diff: Arc<Diff>,
    /// What a correction changed in words, less what an earlier one on the same decision did. It never leaves the
    /// device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewrites: Vec<Rewrite>,
    /// Whether the server has it.
    pub delivery: Delivery,
}

/// Whether the server has an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Delivery {
    /// It stays on this device: there is no endpoint, or sharing was refused.
    Local,
    /// It waits to be sent.
    Pending {
        /// What will be sent.
        signal: Box<Outgoing>,
    },
    /// The server has it.
    Acknowledged {
        /// Its number in the server's order.
        seq: u64,
        /// What it added to the person's site on the server.
        taught: Diff,
    },
    /// It will not be sent (again); the page's own model keeps it.
    Dropped {
        /// Why: a [`Code`] as text.
        code: String,
    },
}

/// A decision as it is kept, with all that is needed to learn from what is said about it later.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The decision's id.
    pub id: Id,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The task.
    pub surface: Str,
    /// What was known, as far as it may leave the device.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub context: Arc<Object>,
    /// The same as features, words included. Stored only if there are words: the rest follows from the context.
    #[serde(skip_serializing_if = "is_wordless")]
    pub context_features: Arc<Features>,
    /// The candidates in the order shown, at most [`crate::signal::ORDER`] of them.
    pub candidates: Vec<Arc<Shown>>,
    /// How the first place came to be; the order is that of the candidates.
    #[serde(rename = "choice")]
    pub how: How,
    /// The attempt at the same request before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Id>,
    /// Which attempt at the request this is, from 1.
    pub attempt: u32,
}

impl Record {
    /// How the first place came to be, with the order.
    #[must_use]
    pub fn choice(&self) -> Choice {
        self.how.with(self.candidates.iter().map(|shown| shown.candidate.id.clone()).collect())
    }
}

fn is_empty(object: &Arc<Object>) -> bool {
    object.is_empty()
}

fn is_wordless(features: &Features) -> bool {
    features.words.is_empty()
}

/// A candidate of a kept decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The candidate as far as it may leave the device.
    pub candidate: Candidate,
    /// The same as features, words included. Stored only if there are words of a text that is not kept: the rest follows
    /// from the candidate.
    pub features: Features,
    /// What the app insists on about it, for the next attempt too.
    pub rule: Rule,
}

impl Shown {
    /// The features, if they do not follow from the candidate.
    #[must_use]
    pub fn own_features(&self) -> Option<&Features> {
        let follow = self.candidate.text.is_some() || self.features.words.is_empty();
        if follow { None } else { Some(&self.features) }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Stored<'a> {
            candidate: &'a Candidate,
            #[serde(skip_serializing_if = "Option::is_none")]
            features: Option<&'a Features>,
            #[serde(skip_serializing_if = "is_free")]
            rule: Rule,
        }
        Stored { candidate: &self.candidate, features: self.own_features(), rule: self.rule }.serialize(serializer)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's shape
const fn is_free(rule: &Rule) -> bool {
    matches!(rule, Rule::None)
}

impl Serialize for Features {
    /// Base64 of two lists, each a count (`u32`) and then hash (`u32`) and value (`f64`) of each, little-endian.
    fn serialize<S: Serializer>(&self, serializer: S) -> core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Features {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> core::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(|error| de::Error::custom(&error.detail))
    }
}

impl Features {
    /// The form in which they are stored.
    #[must_use]
    pub fn to_base64(&self) -> String {
        let mut bytes = Vec::with_capacity(8 + 12 * (self.crossing.len() + self.words.len()));
        for list in [&self.crossing, &self.words] {
            bytes.extend(u32::try_from(list.len()).unwrap_or(u32::MAX).to_le_bytes());
            for (hash, value) in list {
                bytes.extend(hash.to_le_bytes());
                bytes.extend(value.to_le_bytes());
            }
        }
        crate::base64::encode(&bytes)
    }

    /// Reads the form in which they are stored.
    ///
    /// # Errors
    /// [`Code::Corrupt`] if it is not that form.
    pub fn from_base64(text: &str) -> Result<Self> {
        read_features(&crate::base64::decode(text).unwrap_or_default())
    }
}

fn read_features(bytes: &[u8]) -> Result<Features> {
    let corrupt = || Error::new(Code::Corrupt, "stored features cannot be read");
    let mut rest = bytes;
    let mut list = || -> Result<Vec<(u32, f64)>> {
        let (count, tail) = rest.split_first_chunk::<4>().ok_or_else(corrupt)?;
        let size = (u32::from_le_bytes(*count) as usize).checked_mul(12).ok_or_else(corrupt)?;
        let (body, tail) = tail.split_at_checked(size).ok_or_else(corrupt)?;
        rest = tail;
        body.as_chunks::<12>()
            .0
            .iter()
            .map(|&[a, b, c, d, value @ ..]| {
                let value = f64::from_le_bytes(value);
                if value.is_finite() { Ok((u32::from_le_bytes([a, b, c, d]), value)) } else { Err(corrupt()) }
            })
            .collect()
    };
    let features = Features { crossing: list()?, words: list()? };
    if rest.is_empty() { Ok(features) } else { Err(corrupt()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_read_back_and_broken_ones_are_refused() {
        let features = Features { crossing: vec![(7, 1.0), (u32::MAX, -0.25)], words: vec![(1, 1.0)] };
        let json = serde_json::to_string(&features).expect("json");
        assert_eq!(serde_json::from_str::<Features>(&json).expect("reads"), features);
        assert!(serde_json::from_str::<Features>("\"AAAA\"").is_err());
        assert!(read_features(&[255; 40]).is_err());
        let mut bytes = [1u8, 0, 0, 0].to_vec();
        bytes.extend([0; 4]);
        bytes.extend(f64::NAN.to_le_bytes());
        bytes.extend([0; 4]);
        assert!(read_features(&bytes).is_err(), "not finite");
    }
}
