//! What can go wrong, each with a code that never changes its meaning.

use core::fmt;
use core::ops::Deref;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        /// The stable name of an error, the same in Rust, TypeScript and HTTP (`docs/errors.md` explains each).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it is written in JSON and in `error.code`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The HTTP status that the server answers with when a whole request fails for this reason.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }
        }
    };
}

codes! {
    /// The decision is not known here: never made, older than 30 days, or forgotten.
    UnknownDecision = "unknown_decision", 404;
    /// `candidates` is empty.
    NoCandidates = "no_candidates", 422;
    /// More candidates than [`crate::feature::limits::CANDIDATES`].
    TooManyCandidates = "too_many_candidates", 422;
    /// Two candidates have the same id.
    DuplicateCandidate = "duplicate_candidate", 422;
    /// The named candidate is not part of the decision.
    UnknownCandidate = "unknown_candidate", 422;
    /// Rules that cannot all hold: everything is forbidden, the minimum shares exceed 1, a candidate has two rules.
    InvalidRules = "invalid_rules", 422;
    /// A preference needs something that it is preferred to.
    NoAlternative = "no_alternative", 422;
    /// NaN or an infinity where a number was expected.
    NotFinite = "not_finite", 422;
    /// A number outside its documented range.
    OutOfRange = "out_of_range", 422;
    /// A key that JavaScript gives a meaning of its own: `__proto__`, `constructor`, `prototype`.
    ReservedKey = "reserved_key", 422;
    /// An object inside an object or a list inside a list where a plain value was expected.
    NestedValue = "nested_value", 422;
    /// More features than [`crate::feature::limits::FEATURES`].
    TooManyFeatures = "too_many_features", 422;
    /// A text longer than [`crate::feature::limits::TEXT_BYTES`].
    TextTooLong = "text_too_long", 422;
    /// An id, a name or a reason that is empty, longer than 64 characters or more than six words.
    InvalidName = "invalid_name", 422;
    /// A value of the wrong type, or a field that is missing.
    InvalidValue = "invalid_value", 422;
    /// The instance was closed.
    Closed = "closed", 409;
    /// The person refused `learn`, so nothing is learned or stored.
    LearnRefused = "learn_refused", 403;
    /// The person refused, or has not allowed, `share`, so nothing is sent.
    ShareRefused = "share_refused", 403;
    /// No endpoint was given, so there is nothing to sync with.
    NoEndpoint = "no_endpoint", 409;
    /// The endpoint could not be reached.
    Offline = "offline", 503;
    /// The browser's storage refused; what was said is kept in memory only.
    StorageUnavailable = "storage_unavailable", 507;
    /// The queue was full and this was its oldest entry.
    QueueFull = "queue_full", 507;
    /// The body is not UTF-8.
    InvalidUtf8 = "invalid_utf8", 400;
    /// The body is not JSON, or ends in the middle.
    InvalidJson = "invalid_json", 400;
    /// The public or secret key is missing, unknown or revoked.
    InvalidKey = "invalid_key", 401;
    /// The body is larger than the server takes.
    BodyTooLarge = "body_too_large", 413;
    /// More signals in a batch than the server takes.
    BatchTooLarge = "batch_too_large", 413;
    /// A version of the protocol that this side does not speak.
    UnsupportedProtocol = "unsupported_protocol", 400;
    /// A model (slots, hash, featuriser, priors) that this side does not know.
    UnsupportedModel = "unsupported_model", 409;
    /// The person was erased; nothing more is taken under this secret.
    Erased = "erased", 410;
    /// The signal is older than the server remembers ids, so it cannot be told from a duplicate.
    TooOld = "too_old", 422;
    /// There is no such thing at this address.
    NotFound = "not_found", 404;
    /// The address exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405;
    /// Too many requests; `retry_after_ms` says when to come back.
    RateLimited = "rate_limited", 429;
    /// The body took too long to arrive.
    RequestTimeout = "request_timeout", 408;
    /// The server's disk is nearly full, so that it takes no signals; `retry_after_ms` says when to come back.
    DiskFull = "disk_full", 507;
    /// The server cannot take signals now; `retry_after_ms` says when to come back.
    Unavailable = "unavailable", 503;
    /// The bytes of the weights do not follow the format.
    InvalidWeights = "invalid_weights", 422;
    /// The weights do not have the hash that they claim.
    WeightsHashMismatch = "weights_hash_mismatch", 422;
    /// The delta starts from another version than the one that is here.
    WeightsBaseMismatch = "weights_base_mismatch", 409;
    /// Stored bytes that cannot be read; they are set aside and counted.
    Corrupt = "corrupt", 422;
    /// The database was written by a newer version of the software.
    DatabaseNewer = "database_newer", 500;
    /// A broken invariant: a bug, please report it.
    Internal = "internal", 500;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error: a stable code and a sentence for the developer. One pointer, since nearly everything may return one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<What>);

/// What an error says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct What {
    /// The stable code.
    pub code: Code,
    /// What happened, in words; its wording may change.
    pub detail: String,
}

impl Error {
    /// An error with its explanation.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(What { code, detail: detail.into() }))
    }
}

impl Deref for Error {
    type Target = What;
    fn deref(&self) -> &What {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        f.write_str(": ")?;
        f.write_str(&self.detail)
    }
}

impl core::error::Error for Error {}

/// The result of everything here that can fail.
pub type Result<T> = core::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_have_a_status() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'8'));
            assert!((400..600).contains(&code.status()));
        }
    }
}
