//! Each request leaves a line in the log and a count. Neither has a key, an address or a person in it.

use super::Shared;
use super::problem::FailedWith;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use flywheel_core::wire::Outcome;
use std::time::Instant;
use tracing::Instrument;

/// The routes by name; whatever else is asked for is one more.
const ROUTES: [&str; 7] =
    ["/v1/sync", "/v1/erase", "/v1/person", "/v1/head", "/v1/weights/{app}/{version}", "/v1/admin/stats", "/healthz"];

pub(super) async fn count(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let metrics = shared.store.metrics();
    let _under_way = metrics.request();
    let start = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", |path| {
        // Mounted in another app, a route has that app's prefix.
        ROUTES.into_iter().find(|route| path.as_str().ends_with(route)).unwrap_or("other")
    });
    let span = tracing::info_span!("request", method = %request.method(), route);
    let response = next.run(request).instrument(span.clone()).await;
    let _entered = span.enter();
    let (status, took) = (response.status().as_u16(), start.elapsed());
    metrics.answered(route, status, took);
    let code = response.extensions().get::<FailedWith>().map(|failed| failed.0.as_str());
    if let Some(code) = code {
        metrics.failed(code);
    }
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::error!(status, code, micros, "answered");
    } else {
        tracing::debug!(status, code, micros, "answered");
    }
    response
}

/// How an outcome is called in the figures.
pub(super) const fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Duplicate => "duplicate",
        Outcome::Rejected => "rejected",
        Outcome::Retry => "retry",
        Outcome::TooOld => "too_old",
        Outcome::Erased => "erased",
    }
}
