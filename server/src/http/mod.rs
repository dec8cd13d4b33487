//! The public port.

mod admin;
mod cors;
mod problem;
mod weights;

use crate::ingest;
use crate::{Config, Done, Origins, Store, Task};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::{Answer, PROTOCOL};
use problem::Failure;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tower_http::services::ServeDir;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// How many bodies are unpacked and read at once.
const UNPACKING: usize = 8;

/// What every handler needs.
#[derive(Clone, Debug)]
struct Shared {
    store: Store,
    origins: Arc<Origins>,
}

/// The endpoint over an open store, and the static files when there are any.
pub fn router(store: Store, config: &Config) -> Router {
    let shared = Shared { store, origins: Arc::new(config.origins.clone()) };
    let router = Router::new()
        .route("/v1/sync", post(sync))
        .route("/v1/erase", post(erase))
        .route("/v1/head", get(weights::head))
        .route("/v1/weights/{app}/{version}", get(weights::whole))
        .route("/v1/admin/stats", get(admin::stats))
        .route("/healthz", get(health))
        .method_not_allowed_fallback(no_method);
    let router = match &config.static_dir {
        Some(folder) => router.fallback_service(ServeDir::new(folder).append_index_html_on_directories(true)),
        None => router.fallback(no_page),
    };
    router.layer(from_fn_with_state(shared.clone(), cors::allow)).with_state(shared)
}

async fn sync(State(shared): State<Shared>, body: Body) -> std::result::Result<Response, Failure> {
    let body = collect(body).await?;
    let store = shared.store.clone();
    let batch = off_thread(move || ingest::sync(&body, store.directory())).await?;
    let (app, signals) = (batch.app, batch.signals.len());
    tracing::debug!(signals, "sync");
    reply(&shared, app, Task::Sync(batch)).await
}

/// Has a task done whose answer is a reply.
async fn reply(shared: &Shared, app: i64, task: Task) -> std::result::Result<Response, Failure> {
    match shared.store.run(task).await? {
        Done::Reply(reply) => Ok(json(&Answer::new(reply, shared.store.settings(app)))?),
        _ => Err(Error::new(Code::Internal, "the writer mixed up two answers").into()),
    }
}

/// The answer to an erase order.
#[derive(Serialize)]
struct Erased {
    v: u32,
    signals: u64,
}

async fn erase(State(shared): State<Shared>, body: Body) -> std::result::Result<Response, Failure> {
    let body = collect(body).await?;
    let store = shared.store.clone();
    let (app, person) = off_thread(move || ingest::erase(&body, store.directory())).await?;
    match shared.store.run(Task::Erase { app, person }).await? {
        Done::Erased(signals) => Ok(json(&Erased { v: PROTOCOL, signals })?),
        _ => Err(Error::new(Code::Internal, "the writer mixed up two answers").into()),
    }
}

async fn health(State(shared): State<Shared>) -> std::result::Result<Response, Failure> {
    if shared.store.is_open() {
        Ok(([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response())
    } else {
        Err(Error::new(Code::Unavailable, "the writer has stopped").into())
    }
}

async fn no_page() -> Failure {
    Error::new(Code::NotFound, "there is nothing at this address; see docs/protocol.md").into()
}

async fn no_method() -> Failure {
    Error::new(Code::MethodNotAllowed, "this address does not take that method; see docs/protocol.md").into()
}

async fn collect(body: Body) -> Result<Bytes> {
    let bytes = tokio::time::timeout(BODY_TIME, to_bytes(body, ingest::BODY_BYTES)).await;
    let late = |_| Error::new(Code::Unavailable, "the body took too long to arrive");
    // Whether it was the limit or the connection: in the second case nobody reads the answer.
    let large = |_| {
        let detail = format!("the body has more than {} bytes; send fewer signals at once", ingest::BODY_BYTES);
        Error::new(Code::BodyTooLarge, detail)
    };
    bytes.map_err(late)?.map_err(large)
}

/// Reading megabytes of JSON would hold up the other connections of this thread.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    // Bodies are unpacked by a few at a time, so that many at once cost time and not memory.
    static PLACES: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(UNPACKING);
    let _place = PLACES.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Error::new(Code::Internal, "reading the body broke an invariant; please report it")))
}

fn json(value: &impl Serialize) -> Result<Response> {
    let bytes = serde_json::to_vec(value)
        .map_err(|error| Error::new(Code::Internal, format!("an answer cannot be written: {error}")))?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
