//! The public port.

mod admin;
mod admit;
mod body;
mod cors;
mod internal;
mod observe;
mod problem;
mod signals;
mod weights;

use crate::{Config, Done, Origins, Store, Task};
use admit::Guard;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::Answer;
pub use internal::internal_router;
pub(crate) use problem::Failure;
use serde::Serialize;
use std::sync::Arc;
use tower_http::services::ServeDir;

/// What every handler needs.
#[derive(Clone, Debug)]
struct Shared {
    store: Store,
    origins: Arc<Origins>,
    guard: Arc<Guard>,
}

/// The endpoint over an open store, and the static files when there are any.
pub fn router(store: Store, config: &Config) -> Router {
    let (origins, guard) = (Arc::new(config.origins.clone()), Arc::new(Guard::new(&config.limits)));
    let shared = Shared { store, origins, guard };
    let router = Router::new()
        .route("/v1/sync", post(signals::sync))
        .route("/v1/erase", post(signals::erase))
        .route("/v1/person", post(signals::person))
        .route("/v1/head", get(weights::head))
        .route("/v1/weights/{app}/{version}", get(weights::whole))
        .route("/v1/admin/stats", get(admin::stats))
        .route_layer(from_fn_with_state(shared.clone(), admit::by_address))
        .route("/healthz", get(health))
        .method_not_allowed_fallback(no_method);
    let router = match &config.static_dir {
        Some(folder) => router.fallback_service(ServeDir::new(folder).append_index_html_on_directories(true)),
        None => router.fallback(no_page),
    };
    router
        .layer(from_fn_with_state(shared.clone(), cors::allow))
        .layer(from_fn_with_state(shared.clone(), observe::count))
        .with_state(shared)
}

/// Has a task done whose answer is a reply.
async fn reply(shared: &Shared, app: i64, task: Task) -> std::result::Result<Response, Failure> {
    match shared.store.run(task).await? {
        Done::Reply(reply) => {
            for verdict in &reply.results {
                shared.store.metrics().judged(observe::name(verdict.outcome), 1);
            }
            Ok(json(&Answer::new(reply, shared.store.settings(app)))?)
        }
        _ => Err(Error::new(Code::Internal, "the writer mixed up two answers").into()),
    }
}

async fn health(State(shared): State<Shared>) -> std::result::Result<Response, Failure> {
    internal::answer(shared.store.ready())
}

async fn no_page() -> Failure {
    Error::new(Code::NotFound, "there is nothing at this address; see docs/protocol.md").into()
}

async fn no_method() -> Failure {
    Error::new(Code::MethodNotAllowed, "this address does not take that method; see docs/protocol.md").into()
}

/// Bytes that most answers fit into.
const ROOM: usize = 16 << 10;

fn json(value: &impl Serialize) -> Result<Response> {
    let mut bytes = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut bytes, value)
        .map_err(|error| Error::new(Code::Internal, format!("an answer cannot be written: {error}")))?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
