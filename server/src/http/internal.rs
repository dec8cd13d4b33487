//! The internal port: health and figures, for those who run the server.

use super::problem::Failure;
use crate::Store;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flywheel_core::error::{Code, Error, Result};

/// `/healthz`, `/readyz` and `/metrics` of a store. It asks nobody who they are: keep it off the network.
pub fn internal_router(store: Store) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .fallback(no_page)
        .with_state(store)
}

/// Whether the process is worth keeping: if not, start it anew.
async fn alive(State(store): State<Store>) -> std::result::Result<Response, Failure> {
    let is_alive = if store.is_open() { Ok(()) } else { Err(Error::new(Code::Unavailable, "the writer has stopped")) };
    answer(is_alive)
}

/// Whether signals can be taken now: if not, send them elsewhere or later.
async fn ready(State(store): State<Store>) -> std::result::Result<Response, Failure> {
    answer(store.ready())
}

/// `ok`, or the problem.
pub(super) fn answer(is_well: Result<()>) -> std::result::Result<Response, Failure> {
    is_well?;
    Ok(([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response())
}

async fn figures(State(store): State<Store>) -> Response {
    let text = store.metrics().text(store.free(), store.ready().is_ok());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}

async fn no_page() -> Failure {
    Error::new(Code::NotFound, "here are /healthz, /readyz and /metrics").into()
}
