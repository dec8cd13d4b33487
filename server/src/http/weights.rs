//! Whole weights under addresses whose content never changes.

use super::Shared;
use super::problem::Failure;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flywheel_core::error::{Code, Error};

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
