//! What the host's own server may ask with its secret key.

use super::problem::Failure;
use super::{Shared, body, json};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use flywheel_core::error::{Code, Error};

/// `GET /v1/admin/stats`: what `flywheel stats --json` prints of the key's app, but for the check that it adds up. The
/// key stands in `Authorization: Bearer sk_…`; a page can never send it across origins, because that would be asked
/// for first.
pub(super) async fn stats(State(shared): State<Shared>, asked: HeaderMap) -> Result<Response, Failure> {
    let key = asked.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let directory = shared.store.directory();
    let tenant = key.and_then(|key| directory.administrator(key));
    let tenant =
        tenant.ok_or_else(|| Error::new(Code::InvalidKey, "this needs a secret key (sk_…) as a bearer token"))?;
    shared.guard.with_key(tenant.key)?;
    let app = tenant.app;
    let store = shared.store.clone();
    Ok(json(&body::off_thread(move || Ok(store.overview(app)?)).await?)?)
}
