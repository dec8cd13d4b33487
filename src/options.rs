//! What a page is opened with, read and checked.

use crate::flat::Tree;
use crate::random;
use crate::record;
use flywheel_core::belief::Model;
use flywheel_core::consent::Choice;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::check_name;
use flywheel_core::page::{Layers, Options};
use flywheel_core::rank::Policy;
#[cfg(feature = "insight")]
use flywheel_core::rank::Ties;
use flywheel_core::signal::check_share;
use flywheel_core::sync::Settings;
use flywheel_core::wire::BATCH;

/// Reads the options; `control` is whether the browser sends Global Privacy Control.
///
/// # Errors
/// [`Code::InvalidValue`] for a value of the wrong type, [`Code::InvalidName`], [`Code::InvalidKey`] for an endpoint
/// without a key or with a secret one, [`Code::OutOfRange`], [`Code::NotFinite`].
pub fn read(given: &Tree, control: bool) -> Result<(Options, Choice)> {
    let text = |name: &str| given.optional(name, Tree::text).ok_or_else(|| wrong_type(name));
    let number = |name: &str| given.optional(name, Tree::number).ok_or_else(|| wrong_type(name));
    let app = text("app")?.ok_or_else(|| wrong_type("app"))?;
    check_name("an app", &app)?;
    let choice = given.optional("choice", record::choice).ok_or_else(|| wrong_type("consent"))?.unwrap_or_default();
    let key = match (text("endpoint")?, text("key")?) {
        (None, _) => None,
        // What a page holds, everybody can read: a secret key there is given away.
        (Some(_), Some(key)) if !key.is_empty() && !key.starts_with("sk_") => Some(key),
        (Some(_), _) => return Err(Error::new(Code::InvalidKey, "an endpoint needs the app's public `key`")),
    };
    let policy = text("policy")?.unwrap_or_else(|| "epsilon".into());
    let policy = Policy::named(&policy, number("parameter")?, number("epsilon")?)?;
    #[cfg(feature = "insight")]
    let policy = Policy { ties: ties(text("ties")?.as_deref())?, ..policy };
    let usual = Settings::default();
    let automatic = given.optional("automatic", Tree::flag).ok_or_else(|| wrong_type("sync.automatic"))?;
    let signals = whole("contributeAfter.signals", number("afterSignals")?, 0.0, MONTH_MS)?;
    let days = whole("contributeAfter.days", number("afterDays")?, 0.0, 365.0)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // checked by `whole`
    let sync = Settings {
        count: whole("sync.count", number("count")?, 1.0, BATCH as f64)?.map_or(usual.count, |n| n as usize),
        wait_ms: whole("sync.waitMs", number("waitMs")?, 0.0, MONTH_MS)?.unwrap_or(usual.wait_ms),
        refresh_ms: whole("sync.refreshMs", number("refreshMs")?, 0.0, MONTH_MS)?.unwrap_or(usual.refresh_ms),
        automatic: automatic.unwrap_or(true),
        contribute_after: match (signals, days) {
            (None, None) => (0, 0),
            // Whichever comes first.
            (signals, days) => {
                (signals.map_or(usize::MAX, |n| n as usize), days.map_or(u64::MAX, |days| days * DAY_MS))
            }
        },
        ..usual
    };
    let options = Options {
        model: Model::default(),
        policy,
        sync,
        consent: choice.consent(control),
        key,
        secret: random::secret()?,
        seed: number("seed")?.map_or_else(random::seed, |seed| Ok(seed.to_bits()))?,
        layers: Layers::default(),
    };
    Ok((options, choice))
}

#[cfg(feature = "insight")]
fn ties(given: Option<&str>) -> Result<Ties> {
    match given {
        None | Some("random") => Ok(Ties::Random),
        Some("given") => Ok(Ties::Given),
        Some(_) => Err(Error::new(Code::InvalidValue, "`ties` are \"random\" or \"given\"")),
    }
}

/// The share of people who are held out, by the app's own word, if it says one.
///
/// # Errors
/// As [`read`].
pub fn hold_out(given: &Tree) -> Result<Option<f64>> {
    let share = given.optional("holdOut", Tree::number).ok_or_else(|| wrong_type("holdOut"))?;
    share.map_or(Ok(()), |share| check_share("`holdOut`", share)).map(|()| share)
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const MONTH_MS: f64 = 30.0 * 24.0 * 60.0 * 60.0 * 1_000.0;

fn wrong_type(name: &str) -> Error {
    Error::new(Code::InvalidValue, ["`", name, "` has the wrong type"].concat())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
fn whole(what: &str, value: Option<f64>, least: f64, most: f64) -> Result<Option<u64>> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(Error::new(Code::OutOfRange, [what, " is outside its range"].concat()))
        }
        other => Ok(other.map(|value| value as u64)),
    }
}
