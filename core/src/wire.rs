//! What page and server say to each other (docs/protocol.md).

use crate::belief::{Diff, Head};
use crate::consent::{Consent, Outgoing, Share, candidate_without_text, without_text};
use crate::error::{Code, Error, Result};
use crate::feature::{Candidate, Object, Str, check_name, limits};
use crate::id::Id;
use crate::signal::{Choice, Signal, check_share};
use serde::{Deserialize, Serialize};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;
/// Most signals in one batch.
pub const BATCH: usize = 256;

/// Most decision records in one batch; what comes after them is not read.
pub const RECORDS: usize = 256;

/// The body of `POST /v1/sync`, generic over how signals and decisions are kept: the page sends [`Outgoing`] and
/// [`Decided`], the server reads whatever came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch<S = Signal, D = ()> {
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
    /// Decisions that were made since the last request, at most [`RECORDS`]. They may be sampled, and are the first thing
    /// to be left out.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<D>,
}

/// The record that a decision leaves, whether anything is said about it or not: without it, outcomes would be rates over
/// complaints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The decision's id; the time is in it.
    pub id: Id,
    /// The task.
    pub surface: Str,
    /// What was shown in which order, and how that came about. The first of the order was chosen.
    pub choice: Choice,
    /// Whether the person is held out ([`crate::hold_out`]) and got the app's own order.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held_out: bool,
    /// The share of decisions that the page keeps records of, above 0 and at most 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub kept: f64,
    /// Where the uniform share chose: what was known then.
    #[serde(default, skip_serializing_if = "Object::is_empty")]
    pub context: Object,
    /// Where the uniform share chose: all that could have been shown, so that it is an unbiased log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
const fn is_false(flag: &bool) -> bool {
    !*flag
}

const fn one() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::float_cmp)] // serde's signature; exactly 1 is what is left out
fn is_one(share: &f64) -> bool {
    *share == 1.0
}

impl Decided {
    /// Checks everything that a stranger could have put into it.
    ///
    /// # Errors
    /// As [`Signal::check`]; [`Code::OutOfRange`] for a share that is not above 0 and at most 1;
    /// [`Code::TooManyCandidates`].
    pub fn check(&self) -> Result<()> {
        check_name("a surface", &self.surface)?;
        self.choice.check()?;
        check_share("a share", self.kept)?;
        if self.kept == 0.0 {
            return Err(Error::new(Code::OutOfRange, "a record of a share of 0 cannot be"));
        }
        if self.candidates.len() > limits::CANDIDATES {
            return Err(Error::new(Code::TooManyCandidates, "more candidates than a decision can have"));
        }
        self.context.check()?;
        self.candidates.iter().try_for_each(Candidate::check)
    }
}

/// What is narrowed to a consent before it is sent or kept.
pub trait Under {
    /// What of it may be: without `text` every string that is text becomes its form.
    #[must_use]
    fn under(self, consent: Consent) -> Self;
}

impl Under for core::convert::Infallible {
    fn under(self, _consent: Consent) -> Self {
        self
    }
}

impl Under for Decided {
    fn under(self, consent: Consent) -> Self {
        if consent.text {
            return self;
        }
        Self {
            context: without_text(&self.context),
            candidates: self.candidates.into_iter().map(candidate_without_text).collect(),
            ..self
        }
    }
}

/// What an endpoint asks of the pages of its app. A page fixes what it does for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The share of people who are held out, 0 (nobody) to 1.
    #[serde(skip_serializing_if = "is_none")]
    pub hold_out: f64,
    /// The share of decisions that pages send records of, 0 (none) to 1 (all).
    #[serde(skip_serializing_if = "is_one")]
    pub decisions: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hold_out: 0.0, decisions: 1.0 }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::float_cmp)] // serde's signature; exactly 0 is what is left out
fn is_none(share: &f64) -> bool {
    *share == 0.0
}

/// [`Reply`] as an endpoint writes it, with what it asks of pages where that is not the usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer to the batch.
    #[serde(flatten)]
    pub reply: Reply,
    /// What pages should do; left out for the usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

impl Answer {
    /// An answer under these settings.
    #[must_use]
    pub fn new(reply: Reply, settings: Settings) -> Self {
        Self { reply, settings: (settings != Settings::default()).then_some(settings) }
    }
}

/// The body of `POST /v1/person`: what is known about the person, after a change if one is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// [`PROTOCOL`].
    pub v: u32,
    /// The app's public key.
    pub key: String,
    /// The device secret.
    pub secret: String,
    /// The host's word on whose device it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The secret that takes the place of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The answer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonSite {
    /// [`PROTOCOL`].
    pub v: u32,
    /// Number of the last signal that may be in it.
    pub seq: u64,
    /// What all signals of the person together taught, whatever device they came from.
    pub site: Diff,
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
pub fn batch<D: Under>(
    sender: &Sender,
    consent: Consent,
    request: Id,
    sent_at: u64,
    version: u64,
    signals: &[&Outgoing],
    decisions: Vec<D>,
) -> Result<Batch<Outgoing, D>> {
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
        decisions: decisions.into_iter().map(|decided| decided.under(consent)).collect(),
    })
}
