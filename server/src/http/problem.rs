//! Errors as answers: problem+json (RFC 9457) with our stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flywheel_core::error::{Code, Error};
use flywheel_core::wire::Problem;

/// How long a page shall wait when the server cannot take signals now, in milliseconds.
const RETRY_MS: u64 = 2_000;

/// A request that failed as a whole.
#[derive(Debug)]
pub(super) struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut problem = Problem::new(&self.0);
        if self.0.code.status() >= 500 && self.0.detail.starts_with("the database") {
            // The words of the database are for the log.
            problem.detail = "the server cannot write now".into();
        }
        if matches!(self.0.code, Code::Unavailable | Code::RateLimited) {
            problem.retry_after_ms = Some(RETRY_MS);
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = problem.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1_000)));
        }
        response
    }
}
