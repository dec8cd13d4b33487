//! What page and server say to each other (docs/protocol.md).

use crate::belief::{Diff, Head};
use crate::consent::{Consent, Outgoing, Share};
use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::signal::Signal;
use serde::{Deserialize, Serialize};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;
/// Most signals in one batch.
pub const BATCH: usize = 256;

/// The body of `POST /v1/sync`, generic over how signals are kept: the page sends [`Outgoing`], the server reads
/// whatever came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch<S = Signal> {
    /// [`PROTOCOL`].
    pub v: u32,
    /// The app's public key, `pk_…`.
    pub key: String,
    /// The device secret: 32 hexadecimal digits. The server keeps only a keyed hash of it.
    pub secret: String,
    /// The idempotency key of this request.
    pub request: Id,
    /// When it was sent: milliseconds since 1970, by the client's clock.
    pub sent_at: u64,
    /// [`crate::belief::Model::id`] of the page's model.
    pub model: String,
    /// The version of the weights that the page has; 0 for none.
    pub version: u64,
    /// What the person allows now.
    pub consent: Consent,
    /// The signals, oldest first.
    pub signals: Vec<S>,
}

/// The body of `POST /v1/erase`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// [`PROTOCOL`].
    pub v: u32,
    /// The app's public key.
    pub key: String,
    /// The device secret of the person to erase.
    pub secret: String,
}

/// What became of one signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored and folded, on disk.
    Ok,
    /// It was here before; nothing was counted twice.
    Duplicate,
    /// It will never be taken; `code` says why.
    Rejected,
    /// Not now; send it again.
    Retry,
    /// Older than the server remembers ids.
    TooOld,
    /// The person was erased.
    Erased,
}

/// The server's word on one signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The signal's id, or its place in the batch as text when it had no readable id.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its number in the order of folding, for `ok` and `duplicate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// What it added to the person's site on the server, for `ok` and `duplicate`: the page takes exactly this out of
    /// the published weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taught: Option<Diff>,
    /// The code of the error, for `rejected`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Where the newest weights are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightsHead {
    /// Which weights.
    #[serde(flatten)]
    pub head: Head,
    /// The step from the version that the page has, in base64, when it is small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<String>,
    /// The immutable address of the whole, relative to the endpoint, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The answer to a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// [`PROTOCOL`].
    pub v: u32,
    /// Milliseconds since 1970 by the server's clock.
    pub server_time: u64,
    /// One verdict for each signal.
    pub results: Vec<Verdict>,
    /// The newest weights, when the page does not have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<WeightsHead>,
    /// How long to wait before the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// An error as a body: problem+json (RFC 9457) with our code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// [`Code::as_str`].
    pub code: String,
    /// The error in words.
    pub detail: String,
    /// How long to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// The body for an error.
    #[must_use]
    pub fn new(error: &Error) -> Self {
        Self {
            kind: format!("urn:flywheel:{}", error.code),
            status: error.code.status(),
            code: error.code.as_str().into(),
            detail: error.detail.clone(),
            retry_after_ms: None,
        }
    }
}

/// Who sends, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The app's public key.
    pub key: String,
    /// The device secret.
    pub secret: String,
    /// The model's id.
    pub model: String,
}

/// Builds a batch: the only way to make one, and it takes the consent.
///
/// # Errors
/// [`Code::ShareRefused`] unless sharing is granted.
pub fn batch(
    sender: &Sender,
    consent: Consent,
    request: Id,
    sent_at: u64,
    version: u64,
    signals: &[&Outgoing],
) -> Result<Batch<Outgoing>> {
    if consent.share != Share::Granted || !consent.learn {
        return Err(Error::new(Code::ShareRefused, "the person has not allowed signals to be sent"));
    }
    Ok(Batch {
        v: PROTOCOL,
        key: sender.key.clone(),
        secret: sender.secret.clone(),
        request,
        sent_at,
        model: sender.model.clone(),
        version,
        consent,
        signals: signals.iter().map(|signal| signal.under(consent)).collect(),
    })
}
