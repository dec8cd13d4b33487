//! Weights for pages that only read: the newest head, and whole weights under addresses that never change.

use super::problem::Failure;
use super::{Shared, reply};
use crate::store::Tenant;
use crate::{Task, ingest};
use axum::extract::rejection::{PathRejection, QueryRejection};
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
    let directory = shared.store.directory();
    let admit = |tenant: &Tenant| shared.guard.with_key(tenant.key);
    let app = ingest::head(&question.key, question.model.as_deref(), &directory, admit)?;
    reply(&shared, app, Task::Head { app, have: question.version }).await
}

pub(super) async fn whole(
    State(shared): State<Shared>,
    address: Result<Path<(String, String)>, PathRejection>,
    asked: HeaderMap,
) -> Result<Response, Failure> {
    let gone = || Error::new(Code::NotFound, "these weights are not kept any more; sync again");
    let Path((app, version)) = address.map_err(|_| gone())?;
    let whole = shared.store.shelf().get(&app, &version).ok_or_else(gone)?;
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
