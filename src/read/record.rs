//! The journal's records, as serde writes them.

use super::field::{Field, each, list, pairs, variant, whole};
use flywheel_core::belief::Diff;
use flywheel_core::consent::{self, Consent, Outgoing, Share};
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::journal::{Delivery, Entry, Record, Shown};
use flywheel_core::signal::{Choice, Correction, Feedback, Signal, Thumb};
use wasm_bindgen::JsValue;

/// An entry of the journal.
pub fn entry(value: &JsValue) -> Option<Entry> {
    let field = Field(value);
    Some(Entry {
        id: field.id("id")?,
        at: field.whole("at")?,
        decision: field.id("decision")?,
        diff: diff(&field.any("diff"))?,
        delivery: delivery(&field.any("delivery"))?,
    })
}

/// A decision.
pub fn decision(value: &JsValue) -> Option<Record> {
    let field = Field(value);
    Some(Record {
        id: field.id("id")?,
        at: field.whole("at")?,
        surface: field.text("surface")?,
        context: object_or_none(&field, "context")?,
        context_features: features(&field, "context_features")?,
        candidates: each(&field.any("candidates"), shown)?,
        choice: how(&field.any("choice"))?,
        after: field.optional("after", id)?,
        attempt: u32::try_from(field.whole("attempt")?).ok()?,
    })
}

/// What was chosen about consent.
pub fn choice(value: &JsValue) -> Option<consent::Choice> {
    let field = Field(value);
    Some(consent::Choice {
        learn: field.optional("learn", JsValue::as_bool)?,
        share: field.optional("share", share)?,
        text: field.optional("text", JsValue::as_bool)?,
        despite_privacy_control: field.optional("despite_privacy_control", JsValue::as_bool)?,
    })
}

/// A difference.
pub fn diff(value: &JsValue) -> Option<Diff> {
    Diff::from_base64(&value.as_string()?).ok()
}

fn id(value: &JsValue) -> Option<flywheel_core::id::Id> {
    flywheel_core::id::Id::parse(&value.as_string()?).ok()
}

fn share(value: &JsValue) -> Option<Share> {
    match value.as_string()?.as_str() {
        "ask" => Some(Share::Ask),
        "granted" => Some(Share::Granted),
        "denied" => Some(Share::Denied),
        _ => None,
    }
}

fn delivery(value: &JsValue) -> Option<Delivery> {
    let field = Field(value);
    Some(match field.text("state")?.as_str() {
        "local" => Delivery::Local,
        "pending" => Delivery::Pending { signal: Box::new(outgoing(&field.any("signal"))?) },
        "acknowledged" => Delivery::Acknowledged { seq: field.whole("seq")?, taught: diff(&field.any("taught"))? },
        "dropped" => Delivery::Dropped { code: field.text("code")? },
        _ => return None,
    })
}

/// What was made for sending stays as it is: it is narrowed again when it is sent.
fn outgoing(value: &JsValue) -> Option<Outgoing> {
    let field = Field(value);
    let signal = Signal {
        id: field.id("id")?,
        at: field.whole("at")?,
        decision: field.id("decision")?,
        surface: field.text("surface")?,
        context: object_or_none(&field, "context")?,
        shown: candidate(&field.any("shown"))?,
        choice: field.optional("choice", how)?,
        earlier: field.optional("earlier", candidate)?,
        feedback: feedback(&field.any("feedback"))?,
    };
    Some(Outgoing::new(signal, Consent { text: true, ..Consent::default() }))
}

fn feedback(value: &JsValue) -> Option<Feedback> {
    let (name, content) = variant(value)?;
    let field = Field(&content);
    Some(match name.as_str() {
        "thumb" => Feedback::Thumb(match content.as_string()?.as_str() {
            "up" => Thumb::Up,
            "down" => Thumb::Down,
            _ => return None,
        }),
        "retract" => Feedback::Retract,
        "regenerate" => Feedback::Regenerate,
        "prefer" => Feedback::Prefer { over: candidate(&field.any("over"))? },
        "reward" => {
            Feedback::Reward { value: field.number("value")?, reason: field.optional("reason", JsValue::as_string)? }
        }
        "correction" => Feedback::Correction(Correction {
            share: field.number("share")?,
            shown: field.optional("shown", JsValue::as_string)?,
            corrected: field.optional("corrected", JsValue::as_string)?,
            shown_form: object_or_none(&field, "shown_form")?,
            corrected_form: object_or_none(&field, "corrected_form")?,
        }),
        _ => return None,
    })
}

fn shown(value: &JsValue) -> Option<Shown> {
    let field = Field(value);
    Some(Shown { candidate: candidate(&field.any("candidate"))?, features: features(&field, "features")? })
}

fn candidate(value: &JsValue) -> Option<Candidate> {
    let field = Field(value);
    Some(Candidate {
        id: field.text("id")?,
        features: object_or_none(&field, "features")?,
        text: field.optional("text", JsValue::as_string)?,
    })
}

fn features(field: &Field<'_>, name: &str) -> Option<Features> {
    Features::from_base64(&field.text(name)?).ok()
}

fn how(value: &JsValue) -> Option<Choice> {
    let field = Field(value);
    Some(Choice {
        order: each(&field.any("order"), JsValue::as_string)?,
        propensity: field.number("propensity")?,
        explored: field.flag("explored")?,
        prediction: field.number("prediction")?,
        version: whole(&field.any("version"))?,
    })
}

fn object_or_none(field: &Field<'_>, name: &str) -> Option<Object> {
    field.optional(name, object).map(Option::unwrap_or_default)
}

fn object(value: &JsValue) -> Option<Object> {
    let pairs = pairs(value)?;
    pairs.into_iter().map(|(name, value)| Some((name, plain(&value, true)?))).collect::<Option<_>>().map(Object)
}

fn plain(value: &JsValue, may_be_list: bool) -> Option<Value> {
    if let Some(text) = value.as_string() {
        return Some(Value::Text(text));
    }
    if let Some(number) = value.as_f64() {
        return Some(Value::Number(number));
    }
    if let Some(flag) = value.as_bool() {
        return Some(Value::Flag(flag));
    }
    if value.is_null() || value.is_undefined() {
        return Some(Value::Nothing);
    }
    list(value).filter(|_| may_be_list)?;
    each(value, |item| plain(item, false)).map(Value::List)
}
