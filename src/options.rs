//! What a page is opened with, read and checked.

use crate::error::invalid;
use crate::random;
use flywheel_core::belief::Model;
use flywheel_core::consent::{Choice, Consent};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::check_name;
use flywheel_core::page::{self, Layers};
use flywheel_core::rank::Policy;
use flywheel_core::signal::check_share;
use flywheel_core::sync::Settings;
use flywheel_core::wire::BATCH;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// As the façade hands it in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    app: String,
    endpoint: Option<String>,
    key: Option<String>,
    #[serde(default)]
    choice: Choice,
    epsilon: Option<f64>,
    automatic: Option<bool>,
    count: Option<f64>,
    wait_ms: Option<f64>,
    refresh_ms: Option<f64>,
    #[serde(default)]
    memory: bool,
    seed: Option<f64>,
}

/// What the edge itself needs to know.
pub struct Options {
    /// The app's name.
    pub app: String,
    /// Where the server is, and the app's public key.
    pub server: Option<Server>,
    /// Whether nothing is to be stored.
    pub memory: bool,
    /// Whether anything is sent without being asked for.
    pub automatic: bool,
    /// What was asked for.
    pub choice: Choice,
    /// The device secret, unless another is stored.
    pub secret: String,
}

/// Where to send to.
pub struct Server {
    /// The base address, without a slash at the end.
    pub endpoint: String,
    /// The app's public key.
    pub key: String,
}

/// Reads the options for the edge and for the page.
///
/// # Errors
/// [`Code::InvalidValue`] for a value of the wrong type, [`Code::InvalidName`], [`Code::InvalidKey`] for an endpoint
/// without a key, [`Code::OutOfRange`], [`Code::NotFinite`].
pub fn read(given: JsValue) -> Result<(Options, page::Options)> {
    let given: Given = serde_wasm_bindgen::from_value(given).map_err(invalid)?;
    check_name("an app", &given.app)?;
    let server = match (given.endpoint, given.key) {
        (None, _) => None,
        (Some(endpoint), Some(key)) if !key.is_empty() => {
            Some(Server { endpoint: endpoint.trim_end_matches('/').into(), key })
        }
        (Some(_), _) => return Err(Error::new(Code::InvalidKey, "an endpoint needs the app's public `key`")),
    };
    let epsilon = given.epsilon.unwrap_or(Policy::default().epsilon);
    check_share("epsilon", epsilon)?;
    let usual = Settings::default();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked by `whole`
    let sync = Settings {
        count: whole("sync.count", given.count, 1.0, BATCH as f64)?.map_or(usual.count, |n| n as usize),
        wait_ms: whole("sync.waitMs", given.wait_ms, 0.0, MONTH_MS)?.map_or(usual.wait_ms, |n| n as u64),
        refresh_ms: whole("sync.refreshMs", given.refresh_ms, 0.0, MONTH_MS)?.map_or(usual.refresh_ms, |n| n as u64),
        automatic: given.automatic.unwrap_or(true),
        ..usual
    };
    let secret = random::secret()?;
    let options = page::Options {
        model: Model::default(),
        policy: Policy { epsilon },
        sync,
        consent: consent(given.choice),
        key: server.as_ref().map(|server| server.key.clone()),
        secret: secret.clone(),
        seed: given.seed.map_or_else(random::seed, |seed| Ok(seed.to_bits()))?,
        layers: Layers::default(),
    };
    let edge = Options {
        app: given.app,
        server,
        memory: given.memory,
        automatic: sync.automatic,
        choice: given.choice,
        secret,
    };
    Ok((edge, options))
}

/// What a choice allows in this browser.
pub fn consent(choice: Choice) -> Consent {
    let global = js_sys::global();
    let control = js_sys::Reflect::get(&global, &"navigator".into())
        .and_then(|navigator| js_sys::Reflect::get(&navigator, &"globalPrivacyControl".into()));
    choice.consent(control.is_ok_and(|control| control == JsValue::TRUE))
}

const MONTH_MS: f64 = 30.0 * 24.0 * 60.0 * 60.0 * 1_000.0;

fn whole(what: &str, value: Option<f64>, least: f64, most: f64) -> Result<Option<f64>> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(Error::new(Code::OutOfRange, format!("{what} must be from {} to {}", least as u64, most as u64)))
        }
        other => Ok(other),
    }
}
