//! The server's answer (docs/protocol.md).

use super::field::{Field, each, whole};
use super::record::diff;
use flywheel_core::belief::Head;
use flywheel_core::wire::{Outcome, Reply, Verdict, WeightsHead};
use wasm_bindgen::JsValue;

/// An answer to a batch.
pub fn reply(value: &JsValue) -> Option<Reply> {
    let field = Field(value);
    Some(Reply {
        v: u32::try_from(field.whole("v")?).ok()?,
        server_time: field.whole("server_time")?,
        results: each(&field.any("results"), verdict)?,
        weights: field.optional("weights", head)?,
        retry_after_ms: field.optional("retry_after_ms", whole)?,
    })
}

fn verdict(value: &JsValue) -> Option<Verdict> {
    let field = Field(value);
    Some(Verdict {
        id: field.text("id")?,
        outcome: match field.text("outcome")?.as_str() {
            "ok" => Outcome::Ok,
            "duplicate" => Outcome::Duplicate,
            "rejected" => Outcome::Rejected,
            "retry" => Outcome::Retry,
            "too_old" => Outcome::TooOld,
            "erased" => Outcome::Erased,
            _ => return None,
        },
        seq: field.optional("seq", whole)?,
        taught: field.optional("taught", diff)?,
        code: field.optional("code", JsValue::as_string)?,
        detail: field.optional("detail", JsValue::as_string)?,
    })
}

fn head(value: &JsValue) -> Option<WeightsHead> {
    let field = Field(value);
    Some(WeightsHead {
        head: Head {
            version: field.whole("version")?,
            seq: field.whole("seq")?,
            hash: u64::from_str_radix(&field.text("hash")?, 16).ok()?,
        },
        delta: field.optional("delta", JsValue::as_string)?,
        url: field.optional("url", JsValue::as_string)?,
    })
}
