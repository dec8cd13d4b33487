//! Which pages of other origins may read the answers, errors included.

use super::Shared;
use crate::Origins;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers `OPTIONS` and adds the headers to everything.
pub(super) async fn allow(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let allowed = match (&*shared.origins, request.headers().get(header::ORIGIN)) {
        (Origins::Any, _) => Some(HeaderValue::from_static("*")),
        (Origins::Listed(list), Some(origin)) if list.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) => {
            Some(origin.clone())
        }
        _ => None,
    };
    // The page's own requests are simple and never ask; other clients may.
    let is_question = request.method() == Method::OPTIONS;
    let mut response = if is_question { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if matches!(*shared.origins, Origins::Listed(_)) {
        headers.insert(header::VARY, HeaderValue::from_static("Origin, Accept-Encoding"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if is_question {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        }
    }
    response
}
