//! Weights for pages that only read: the newest head, and whole weights under addresses that never change.

use super::problem::Failure;
use super::{Shared, reply};
use crate::Task;
use crate::ingest;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flywheel_core::error::{Code, Error};
use serde::Deserialize;

/// What a page that may not say who asks wants to know.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    key: String,
    model: Option<String>,
    version: u64,
}

pub(super) async fn head(
    State(shared): State<Shared>,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(question) = question.map_err(|error| Error::new(Code::InvalidValue, error.body_text()))?;
    let app = ingest::head(&question.key, question.model.as_deref(), shared.store.directory())?;
    reply(&shared, app, Task::Head { app, have: question.version }).await
}

pub(super) async fn whole(
    State(shared): State<Shared>,
    Path((app, version)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, Failure> {
    let found = shared.store.shelf().get(&app, &version);
    let whole = found.ok_or_else(|| Error::new(Code::NotFound, "these weights are not kept any more; sync again"))?;
    let tag = format!("\"{version}\"");
    let names = |name: HeaderName, wanted: &str| {
        asked.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(wanted))
    };
    let common = [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::ETAG, tag.clone()),
        (header::VARY, "Origin, Accept-Encoding".to_owned()),
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
    ];
    if names(header::IF_NONE_MATCH, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok(if names(header::ACCEPT_ENCODING, "gzip") {
        (common, [(header::CONTENT_ENCODING, "gzip")], whole.gzipped().to_vec()).into_response()
    } else {
        (common, whole.plain().to_vec()).into_response()
    })
}
