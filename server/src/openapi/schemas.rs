//! The types of the wire as JSON Schema 2020-12.

use flywheel_core::consent::Share;
use flywheel_core::error::Code;
use flywheel_core::feature::limits;
use flywheel_core::signal::{ORDER, Thumb};
use flywheel_core::wire::{BATCH, Outcome, PROTOCOL, RECORDS};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A reference to one of them.
pub(super) fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A whole number from 0 on.
pub(super) fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn share() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

/// The names of these values, as serde writes them.
fn names(values: &[impl Serialize]) -> Value {
    json!({ "type": "string", "enum": values })
}

/// An object with these fields; the first so many of them are needed. What is not known is ignored.
fn object(needed: usize, fields: &[(&str, Value)]) -> Value {
    let required: Vec<_> = fields.iter().take(needed).map(|(name, _)| *name).collect();
    let properties: Map<_, _> = fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// An object with one field.
fn tagged(name: &str, schema: Value) -> Value {
    object(1, &[(name, schema)])
}

/// All of them, by name.
pub(super) fn all() -> Value {
    let outcomes =
        [Outcome::Ok, Outcome::Duplicate, Outcome::Rejected, Outcome::Retry, Outcome::TooOld, Outcome::Erased];
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let version = json!({ "type": "integer", "const": PROTOCOL });
    let secret = json!({ "type": "string", "pattern": "^[0-9a-fA-F]{32}$" });
    let base64 = json!({ "type": "string", "contentEncoding": "base64" });
    let read = format!("What comes after {RECORDS} of them is not read.");
    json!({
        "Batch": object(9, &[
            ("v", version.clone()),
            ("key", json!({ "type": "string" })),
            ("secret", secret.clone()),
            ("request", named("Id")),
            ("sent_at", whole()),
            ("model", json!({ "type": "string" })),
            ("version", whole()),
            ("consent", named("Consent")),
            ("signals", json!({ "type": "array", "maxItems": BATCH, "items": named("Signal") })),
            ("decisions", json!({ "type": "array", "items": named("Decided"), "description": read })),
        ]),
        "Erase": object(3, &[
            ("v", version.clone()), ("key", json!({ "type": "string" })), ("secret", secret.clone()),
        ]),
        "Person": object(3, &[
            ("v", version.clone()),
            ("key", json!({ "type": "string" })),
            ("secret", secret.clone()),
            ("token", json!({ "type": "string", "maxLength": 1_024 })),
            ("next", secret),
        ]),
        "Id": {
            "type": "string",
            "description": "A UUID of version 7 (RFC 9562).",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        },
        "Consent": object(0, &[
            ("learn", json!({ "type": "boolean", "default": true })),
            ("share", names(&[Share::Ask, Share::Granted, Share::Denied])),
            ("text", json!({ "type": "boolean", "default": false })),
        ]),
        "Name": {
            "type": "string", "minLength": 1, "maxLength": limits::NAME_CHARS,
            "description": format!("At most {} words.", limits::NAME_WORDS),
        },
        "Text": { "type": "string", "description": format!("At most {} bytes of UTF-8.", limits::TEXT_BYTES) },
        "Object": {
            "type": "object",
            "description": format!("At most {} values in all.", limits::FEATURES),
            "propertyNames": { "not": { "enum": ["__proto__", "constructor", "prototype"] } },
            "additionalProperties": {
                "oneOf": [named("Plain"), { "type": "array", "items": named("Plain"), "maxItems": limits::FEATURES }],
            },
        },
        "Plain": { "type": ["string", "number", "boolean", "null"] },
        "Candidate": object(1, &[("id", named("Name")), ("features", named("Object")), ("text", named("Text"))]),
        "Choice": object(0, &[
            ("order", json!({ "type": "array", "items": named("Name"), "maxItems": ORDER })),
            ("propensity", share()),
            ("explored", json!({ "type": "boolean" })),
            ("prediction", share()),
            ("version", whole()),
        ]),
        "Correction": object(0, &[
            ("share", share()),
            ("shown", named("Text")),
            ("corrected", named("Text")),
            ("shown_form", named("Object")),
            ("corrected_form", named("Object")),
        ]),
        "Feedback": { "oneOf": [
            tagged("thumb", names(&[Thumb::Up, Thumb::Down])),
            { "type": "string", "enum": ["retract", "regenerate"] },
            tagged("prefer", object(1, &[("over", named("Candidate"))])),
            tagged("correction", named("Correction")),
            tagged("reward", object(1, &[("value", share()), ("reason", named("Name"))])),
        ] },
        "Signal": object(6, &[
            ("id", named("Id")),
            ("at", whole()),
            ("decision", named("Id")),
            ("surface", named("Name")),
            ("shown", named("Candidate")),
            ("feedback", named("Feedback")),
            ("context", named("Object")),
            ("choice", named("Choice")),
            ("earlier", named("Candidate")),
            ("automated", json!({ "type": "boolean", "default": false })),
        ]),
        "Decided": object(3, &[
            ("id", named("Id")),
            ("surface", named("Name")),
            ("choice", named("Choice")),
            ("held_out", json!({ "type": "boolean", "default": false })),
            ("kept", json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 1 })),
            ("context", named("Object")),
            ("candidates", json!({
                "type": "array", "items": named("Candidate"), "maxItems": limits::CANDIDATES,
            })),
        ]),
        "Settings": object(0, &[("hold_out", share()), ("decisions", share())]),
        "Verdict": object(2, &[
            ("id", json!({ "type": "string" })),
            ("outcome", names(&outcomes)),
            ("seq", whole()),
            ("taught", base64.clone()),
            ("code", json!({ "type": "string", "enum": codes })),
            ("detail", json!({ "type": "string" })),
        ]),
        "Weights": object(3, &[
            ("version", whole()),
            ("seq", whole()),
            ("hash", json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })),
            ("delta", base64.clone()),
            ("url", json!({ "type": "string" })),
        ]),
        "Reply": object(3, &[
            ("v", version.clone()),
            ("server_time", whole()),
            ("results", json!({ "type": "array", "items": named("Verdict") })),
            ("weights", named("Weights")),
            ("settings", named("Settings")),
            ("retry_after_ms", whole()),
        ]),
        "Erased": object(2, &[("v", version.clone()), ("signals", whole())]),
        "PersonSite": object(3, &[("v", version), ("seq", whole()), ("site", base64)]),
        "Problem": object(4, &[
            ("type", json!({ "type": "string", "pattern": "^urn:flywheel:[a-z0-9_]+$" })),
            ("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 })),
            ("code", json!({ "type": "string", "enum": codes })),
            ("detail", json!({ "type": "string" })),
            ("retry_after_ms", whole()),
        ]),
    })
}
