//! From the bytes of a body to what the writer takes. Nothing here waits or remembers.

use crate::Prepared;
use crate::store::{Change, Directory, Tenant};
use crate::token;
use flate2::read::MultiGzDecoder;
use flywheel_core::consent::{Consent, Outgoing, Share};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::hold_out;
use flywheel_core::id::Id;
use flywheel_core::redact;
use flywheel_core::signal::Signal;
use flywheel_core::wire::{self, BATCH, Batch, Decided, PROTOCOL, RECORDS, Under};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::io::Read;

/// Most bytes of a body as it was sent.
pub(crate) const BODY_BYTES: usize = 1 << 20;
/// Most bytes of a body after decompression.
const PLAIN_BYTES: usize = 4 << 20;
/// The first bytes of gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// A person as the server knows one: a keyed hash of the device secret, which itself is never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub [u8; 16]);

/// A batch that may be stored: its key, model, size and consent were checked, and each signal by itself.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The app's number.
    pub app: i64,
    /// Who sent it.
    pub person: Person,
    /// When, by the client's clock: milliseconds since 1970.
    pub sent_at: u64,
    /// The version of the weights that the page has.
    pub version: u64,
    /// Whether the person's words may train models.
    pub text: bool,
    /// What was sent, in order; what cannot be taken stands there with its reason.
    pub signals: Vec<std::result::Result<Prepared, Refusal>>,
    /// What is recorded beside it.
    pub seen: Seen,
}

/// What a batch says for analysis alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The person's place among those who may be held out, in [0, 1) ([`flywheel_core::hold_out::place`]).
    pub place: f64,
    /// Records of decisions that could be read.
    pub decisions: Vec<Decided>,
    /// Records that were left out: too many, or not readable.
    pub left_out: usize,
}

impl Seen {
    fn new(secret: &str, raw: &[&RawValue], consent: Consent) -> Self {
        let readable = |raw: &&RawValue| read::<Decided>(raw.get()).and_then(|it| it.check().map(|()| it)).ok();
        let kept = |it: Decided| clean(it.under(consent));
        let decisions: Vec<_> = raw.iter().take(RECORDS).filter_map(readable).map(kept).collect();
        Self { place: hold_out::place(secret), left_out: raw.len() - decisions.len(), decisions }
    }
}

/// A record as it may be kept. Signals are redacted by the only way to make one that may be.
fn clean(mut decided: Decided) -> Decided {
    redact::object(&mut decided.context);
    decided.candidates.iter_mut().for_each(redact::candidate);
    decided
}

/// A signal that will never be taken.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The signal's id, or its place in the batch when it has none that can be read.
    pub id: String,
    /// Why.
    pub error: Error,
}

/// The text of a body, gzipped or not.
///
/// # Errors
/// [`Code::InvalidJson`] for broken gzip, [`Code::BodyTooLarge`], [`Code::InvalidUtf8`].
pub(crate) fn unpack(body: Vec<u8>) -> Result<String> {
    let plain = if is_packed(&body) { inflate(&body)? } else { body };
    String::from_utf8(plain).map_err(|_| Error::new(Code::InvalidUtf8, "the body is not UTF-8"))
}

/// Whether a body says that it is gzip.
pub(crate) fn is_packed(body: &[u8]) -> bool {
    body.starts_with(&GZIP)
}

fn inflate(body: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    let mut decoder = MultiGzDecoder::new(body).take(PLAIN_BYTES as u64 + 1);
    let broken = |_| Error::new(Code::InvalidJson, "the gzip of the body is broken or ends in the middle");
    decoder.read_to_end(&mut plain).map_err(broken)?;
    if plain.len() > PLAIN_BYTES {
        let detail = format!("the body inflates to more than {PLAIN_BYTES} bytes");
        return Err(Error::new(Code::BodyTooLarge, detail));
    }
    Ok(plain)
}

/// Reads the text of a `POST /v1/sync`. `admit` is asked once it is known whose key it is.
///
/// # Errors
/// In this order: [`Code::InvalidJson`], [`Code::UnsupportedProtocol`], [`Code::InvalidKey`], what `admit` says,
/// [`Code::UnsupportedModel`], [`Code::InvalidValue`], [`Code::BatchTooLarge`], [`Code::ShareRefused`].
pub(crate) fn sync<E: From<Error>>(
    text: &str,
    directory: &Directory,
    admit: impl FnOnce(&Tenant) -> std::result::Result<(), E>,
) -> std::result::Result<Submission, E> {
    let peek = Peek::read(text)?;
    let tenant = peek.tenant(directory)?;
    admit(tenant)?;
    Ok(submission(text, &peek, tenant)?)
}

fn submission(text: &str, peek: &Peek, tenant: &Tenant) -> Result<Submission> {
    check_model(tenant, short(peek.model).as_deref())?;
    // Nearly always each signal is what it should be, and one look is enough.
    match serde_json::from_str::<Batch<Whole, &RawValue>>(text) {
        Ok(batch) if is_object(text) => {
            let (signals, batch) = apart(batch);
            let each = |Whole(signal)| checked(signal, batch.consent);
            taken(&batch, tenant, signals.into_iter().map(each))
        }
        _ => {
            let batch: Batch<&RawValue, &RawValue> = read(text)?;
            let (signals, batch) = apart(batch);
            let each = |(at, raw): (usize, &RawValue)| signal(at, raw.get(), batch.consent);
            taken(&batch, tenant, signals.into_iter().enumerate().map(each))
        }
    }
}

/// A batch's signals, and the rest of it.
fn apart<S>(mut batch: Batch<S, &RawValue>) -> (Vec<S>, Batch<S, &RawValue>) {
    (std::mem::take(&mut batch.signals), batch)
}

/// What the writer takes of a batch: `signals` are its signals, looked at one by one when all else is right.
fn taken<S>(
    batch: &Batch<S, &RawValue>,
    tenant: &Tenant,
    signals: impl ExactSizeIterator<Item = std::result::Result<Prepared, Refusal>>,
) -> Result<Submission> {
    if signals.len() > BATCH {
        let detail = format!("a batch of {} signals, at most {BATCH} are taken", signals.len());
        return Err(Error::new(Code::BatchTooLarge, detail));
    }
    if batch.consent.share != Share::Granted || !batch.consent.learn {
        return Err(Error::new(
            Code::ShareRefused,
            "the batch says that the person has not allowed signals to be sent",
        ));
    }
    Ok(Submission {
        app: tenant.app,
        person: tenant.person(&secret(&batch.secret)?)?,
        sent_at: batch.sent_at,
        version: batch.version,
        seen: Seen::new(&batch.secret, &batch.decisions, batch.consent),
        text: batch.consent.text,
        signals: signals.collect(),
    })
}

/// Reads the text of a `POST /v1/erase`: the app's number and the person.
///
/// # Errors
/// As [`sync`], without the model, the size and the consent.
pub(crate) fn erase<E: From<Error>>(
    text: &str,
    directory: &Directory,
    admit: impl FnOnce(&Tenant) -> std::result::Result<(), E>,
) -> std::result::Result<(i64, Person), E> {
    let tenant = Peek::read(text)?.tenant(directory)?.clone();
    admit(&tenant)?;
    let order: wire::Erase = read(text)?;
    Ok((tenant.app, tenant.person(&secret(&order.secret)?)?))
}

/// Reads the text of a `POST /v1/person`: the app's number, the device and what is to change.
///
/// # Errors
/// As [`erase`], and as [`token::read`]; [`Code::InvalidValue`] for a token and another secret at once.
pub(crate) fn person<E: From<Error>>(
    text: &str,
    directory: &Directory,
    admit: impl FnOnce(&Tenant) -> std::result::Result<(), E>,
) -> std::result::Result<(i64, Person, Change), E> {
    let tenant = Peek::read(text)?.tenant(directory)?.clone();
    admit(&tenant)?;
    let asked: wire::Person = read(text)?;
    let change = match (&asked.token, &asked.next) {
        (None, None) => Change::Nothing,
        (Some(token), None) => {
            let claim = token::read(token, directory.secrets(tenant.app))?;
            Change::Join(tenant.person_called(&claim.person)?, claim.until)
        }
        (None, Some(next)) => Change::Rotate(tenant.person(&secret(next)?)?),
        (Some(_), Some(_)) => {
            return Err(Error::new(Code::InvalidValue, "a `token` and a `next` secret, one at a time").into());
        }
    };
    Ok((tenant.app, tenant.person(&secret(&asked.secret)?)?, change))
}

/// Checks who asks for the newest weights: the app's number.
///
/// # Errors
/// [`Code::InvalidKey`], what `admit` says, [`Code::UnsupportedModel`].
pub(crate) fn head<E: From<Error>>(
    key: &str,
    model: Option<&str>,
    directory: &Directory,
    admit: impl FnOnce(&Tenant) -> std::result::Result<(), E>,
) -> std::result::Result<i64, E> {
    let tenant = directory.tenant(key).ok_or_else(no_key)?;
    admit(tenant)?;
    model.map_or(Ok(()), |model| check_model(tenant, Some(model)))?;
    Ok(tenant.app)
}

fn check_model(tenant: &Tenant, model: Option<&str>) -> Result<()> {
    if model == Some(&tenant.model) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedModel, format!("this app learns with model `{}`", tenant.model)))
}

fn no_key() -> Error {
    Error::new(Code::InvalidKey, "`key` is not a public key (pk_…) of an app here")
}

/// The fields that decide how the rest is read.
#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(borrow, default)]
    v: Option<&'a RawValue>,
    #[serde(borrow, default)]
    key: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
}

/// A short string; anything else, and anything longer than a key can be, is none. Nothing is made of what is refused.
fn short(raw: Option<&RawValue>) -> Option<String> {
    raw.map(RawValue::get).filter(|raw| raw.len() <= 256).and_then(|raw| serde_json::from_str(raw).ok())
}

impl<'a> Peek<'a> {
    fn read(text: &'a str) -> Result<Self> {
        let peek: Self = read(text)?;
        if peek.v.map(RawValue::get).and_then(|raw| raw.parse().ok()) != Some(PROTOCOL) {
            let detail = format!("`v` must be {PROTOCOL}, the version of the protocol that is spoken here");
            return Err(Error::new(Code::UnsupportedProtocol, detail));
        }
        Ok(peek)
    }

    fn tenant<'d>(&self, directory: &'d Directory) -> Result<&'d Tenant> {
        short(self.key).and_then(|key| directory.tenant(&key)).ok_or_else(no_key)
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    match serde_json::from_str(text) {
        Ok(_) if !is_object(text) => Err(Error::new(Code::InvalidValue, "not an object")),
        Ok(value) => Ok(value),
        Err(error) => Err(of_json(&error)),
    }
}

/// Serde would also read a list as the fields in their order.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// A signal that is an object, as [`read`] wants it.
struct Whole(Signal);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Whole;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a signal")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<Whole, A::Error> {
                Signal::deserialize(MapAccessDeserializer::new(map)).map(Whole)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

fn of_json(error: &serde_json::Error) -> Error {
    let words = error.to_string();
    let code = if words.starts_with("number out of range") {
        Code::NotFinite
    } else if error.is_data() {
        Code::InvalidValue
    } else {
        Code::InvalidJson
    };
    Error::new(code, words)
}

fn signal(at: usize, raw: &str, consent: Consent) -> std::result::Result<Prepared, Refusal> {
    #[derive(Deserialize)]
    struct Named {
        id: Id,
    }
    let signal = read::<Signal>(raw).map_err(|error| Refusal {
        id: serde_json::from_str::<Named>(raw).map_or_else(|_| at.to_string(), |named| named.id.to_string()),
        error,
    })?;
    checked(signal, consent)
}

fn checked(signal: Signal, consent: Consent) -> std::result::Result<Prepared, Refusal> {
    let seeded = || Error::new(Code::InvalidValue, "`weight` is not a page's to give; only seeds carry one");
    let fits = signal.check().and_then(|()| if signal.weight.is_none() { Ok(()) } else { Err(seeded()) });
    fits.map_err(|error| Refusal { id: signal.id.to_string(), error })?;
    Prepared::new(Outgoing::new(signal, consent))
}

/// A device secret out of its 32 hexadecimal digits.
///
/// # Errors
/// [`Code::InvalidValue`].
pub(crate) fn secret(text: &str) -> Result<[u8; 16]> {
    let invalid = || Error::new(Code::InvalidValue, "`secret` must be 32 hexadecimal digits");
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    u128::from_str_radix(text, 16).map(u128::to_be_bytes).map_err(|_| invalid())
}
