//! Errors as answers: problem+json (RFC 9457) with our stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flywheel_core::error::{Code, Error};
use flywheel_core::wire::Problem;
use std::time::Duration;

/// How long a page shall wait when the server cannot take signals now.
const RETRY: Duration = Duration::from_secs(2);
/// The same, when somebody has to do something about it.
const REPAIR: Duration = Duration::from_secs(60);

/// A request that failed as a whole.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Error,
    /// When to come back.
    wait: Option<Duration>,
}

impl Failure {
    /// A failure that is over after a while.
    pub(super) const fn later(error: Error, wait: Duration) -> Self {
        Self { error, wait: Some(wait) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let wait = match error.code {
            Code::Unavailable | Code::RateLimited => Some(RETRY),
            Code::DiskFull => Some(REPAIR),
            _ => None,
        };
        Self { error, wait }
    }
}

/// What an answer failed with, for those who count.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailedWith(pub(super) Code);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut problem = Problem::new(&self.error);
        if problem.status >= 500 && self.error.detail.starts_with("the database") {
            // The words of the database are for the log.
            problem.detail = "the server cannot write now".into();
        }
        // Rounded up, so that who comes then does not come too early; the header has whole seconds only.
        let wait_ms = |wait: Duration| u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        problem.retry_after_ms = self.wait.map(wait_ms);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.extensions_mut().insert(FailedWith(self.error.code));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = problem.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1_000)));
        }
        response
    }
}
