//! One request and its answer.

use flywheel_core::sync::Failure;
use js_sys::{JSON, Promise, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCredentials, RequestInit, Response};

/// Longest wait for an answer, in milliseconds.
const PATIENCE_MS: u32 = 30_000;

#[wasm_bindgen]
extern "C" {
    /// The one of the moment: in a worker there is no `window`, and tests put their own in its place.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
    /// Missing in browsers from before 2022.
    #[wasm_bindgen(catch, js_namespace = AbortSignal, js_name = timeout)]
    fn abort_after(milliseconds: u32) -> Result<AbortSignal, JsValue>;
}

/// Why there is no answer.
pub struct Refusal {
    /// For the page.
    pub failure: Failure,
    /// A code.
    pub code: String,
    /// In words.
    pub detail: String,
}

impl Refusal {
    fn offline() -> Self {
        Self { failure: Failure::Network, code: "offline".into(), detail: "the endpoint could not be reached".into() }
    }

    /// The answer was not what it should be; another one may be.
    pub fn unreadable() -> Self {
        Self { failure: Failure::Network, code: "invalid_json".into(), detail: "the answer cannot be read".into() }
    }
}

/// Sends a value as JSON and reads the answer.
///
/// # Errors
/// What the network or the server says.
pub async fn post<T: DeserializeOwned>(url: &str, body: &impl Serialize, keepalive: bool) -> Result<T, Refusal> {
    let body = json(body).ok_or_else(Refusal::unreadable)?;
    let init = RequestInit::new();
    init.set_method("POST");
    // A string's type is text/plain, so no preflight is ever asked for.
    init.set_body(&body);
    let _ = Reflect::set(&init, &"keepalive".into(), &keepalive.into());
    read(&send(url, &init).await?).await
}

/// Asks for a value as JSON.
///
/// # Errors
/// As [`post`].
pub async fn get<T: DeserializeOwned>(url: &str) -> Result<T, Refusal> {
    read(&send(url, &RequestInit::new()).await?).await
}

/// Asks for bytes.
///
/// # Errors
/// As [`post`].
pub async fn bytes(url: &str) -> Result<Vec<u8>, Refusal> {
    let response = send(url, &RequestInit::new()).await?;
    let buffer = response.array_buffer().map_err(|_| Refusal::offline())?;
    let buffer = JsFuture::from(buffer).await.map_err(|_| Refusal::offline())?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

async fn send(url: &str, init: &RequestInit) -> Result<Response, Refusal> {
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(abort_after(PATIENCE_MS).ok().as_ref());
    let promise = fetch(url, init).map_err(|_| Refusal::offline())?;
    let response: Response = JsFuture::from(promise).await.map_err(|_| Refusal::offline())?.unchecked_into();
    if response.ok() { Ok(response) } else { Err(refused(&response).await) }
}

/// What a problem+json says, as far as it says anything.
async fn refused(response: &Response) -> Refusal {
    let body = text(response).await.and_then(|text| JSON::parse(&text).ok()).unwrap_or_default();
    let field = |name: &str| Reflect::get(&body, &name.into()).ok();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    let retry_after_ms = field("retry_after_ms").and_then(|ms| ms.as_f64()).map(|ms| ms as u64);
    let status = response.status();
    let code = field("code").and_then(|code| code.as_string()).unwrap_or_else(|| "unavailable".into());
    let detail = field("detail").and_then(|detail| detail.as_string());
    Refusal {
        failure: Failure::Status { status, retry_after_ms },
        code,
        detail: detail.unwrap_or_else(|| format!("the endpoint answered {status}")),
    }
}

async fn read<T: DeserializeOwned>(response: &Response) -> Result<T, Refusal> {
    let text = text(response).await.ok_or_else(Refusal::offline)?;
    let value = JSON::parse(&text).map_err(|_| Refusal::unreadable())?;
    serde_wasm_bindgen::from_value(value).map_err(|_| Refusal::unreadable())
}

async fn text(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

fn json(body: &impl Serialize) -> Option<JsValue> {
    let value = body.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
    JSON::stringify(&value).ok().map(JsValue::from)
}

/// A text as part of an address.
pub fn escaped(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
