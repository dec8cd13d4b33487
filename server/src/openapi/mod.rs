//! The protocol as an OpenAPI 3.1 document, made from the types' own constants and names.

mod schemas;

use clap::Args;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::wire::PROTOCOL;
use serde_json::{Value, json};

/// Print the protocol of the public port as an OpenAPI 3.1 document; docs/openapi.json is this.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  flywheel openapi > openapi.json")]
pub struct OpenapiArgs {}

/// Carries out `flywheel openapi`.
///
/// # Errors
/// [`Code::Internal`] if it cannot be written.
pub fn run_openapi(_: &OpenapiArgs) -> Result<()> {
    let text = serde_json::to_string_pretty(&openapi())
        .map_err(|error| Error::new(Code::Internal, format!("the document cannot be written: {error}")))?;
    println!("{text}");
    Ok(())
}

/// Codes of each status that a request to take something in can be answered with.
const WRITING: [Code; 16] = [
    Code::InvalidUtf8,
    Code::InvalidJson,
    Code::UnsupportedProtocol,
    Code::InvalidKey,
    Code::ShareRefused,
    Code::RequestTimeout,
    Code::UnsupportedModel,
    Code::BodyTooLarge,
    Code::BatchTooLarge,
    Code::InvalidValue,
    Code::NotFinite,
    Code::RateLimited,
    Code::Internal,
    Code::Corrupt,
    Code::Unavailable,
    Code::DiskFull,
];
/// The same, for reading.
const READING: [Code; 6] = [
    Code::InvalidKey,
    Code::UnsupportedModel,
    Code::InvalidValue,
    Code::RateLimited,
    Code::Internal,
    Code::Unavailable,
];

/// The document.
#[must_use]
pub fn openapi() -> Value {
    let erasing: Vec<Code> = WRITING
        .into_iter()
        .filter(|code| {
            !matches!(code, Code::ShareRefused | Code::UnsupportedModel | Code::BatchTooLarge | Code::DiskFull)
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Flywheel",
            "version": PROTOCOL.to_string(),
            "summary": "What pages and an endpoint say to each other.",
            "description": "Bodies are JSON, gzipped or not, whatever their Content-Type; pages send text/plain, so \
                that no browser asks first. docs/protocol.md says what the fields mean.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": {
            "/v1/sync": { "post": {
                "operationId": "sync",
                "summary": "Takes signals; answers with a verdict for each and the newest weights.",
                "requestBody": body("Batch"),
                "responses": responses(good("Reply", "Everything that it speaks of is on disk."), &WRITING),
            }},
            "/v1/erase": { "post": {
                "operationId": "erase",
                "summary": "Takes a person out, for good.",
                "requestBody": body("Erase"),
                "responses": responses(good("Erased", "The person is erased, and this is on disk."), &erasing),
            }},
            "/v1/person": { "post": {
                "operationId": "person",
                "summary": "Joins a device to a person, replaces its secret, or neither; answers with what is known.",
                "requestBody": body("Person"),
                "responses": responses(good("PersonSite", "The change is on disk."), &erasing),
            }},
            "/v1/head": { "get": {
                "operationId": "head",
                "summary": "The newest weights, without saying who asks.",
                "parameters": [
                    query("key", true, json!({ "type": "string" }), "The app's public key."),
                    query("version", false, schemas::whole(), "The version that the page has; 0 for none."),
                    query("model", false, json!({ "type": "string" }), "The model that the page learns with."),
                ],
                "responses": responses(good("Reply", "As for a batch without signals."), &READING),
            }},
            "/v1/weights/{app}/{version}": { "get": {
                "operationId": "weights",
                "summary": "Whole weights; what is at an address never changes.",
                "parameters": [
                    part("app", "The app's name."),
                    part("version", "The version and its checksum, such as 12-0123456789abcdef."),
                ],
                "responses": responses(json!({
                    "200": {
                        "description": "The bytes, gzipped where that is accepted.",
                        "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
                    },
                    "304": { "description": "The client has them." },
                }), &[Code::NotFound, Code::RateLimited]),
            }},
            "/v1/admin/stats": { "get": {
                "operationId": "stats",
                "summary": "How well the app does, and how the loop turns: what `flywheel stats --json` prints.",
                "security": [{ "secret": [] }],
                "responses": responses(json!({ "200": {
                    "description": "As of now.",
                    "content": { "application/json": { "schema": { "type": "object" } } },
                } }), &[Code::InvalidKey, Code::RateLimited, Code::Internal, Code::Corrupt, Code::Unavailable]),
            }},
            "/healthz": { "get": {
                "operationId": "health",
                "summary": "Whether signals can be taken.",
                "responses": responses(json!({ "200": {
                    "description": "They can.",
                    "content": { "text/plain": { "schema": { "type": "string", "const": "ok\n" } } },
                } }), &[Code::Unavailable, Code::DiskFull]),
            }},
        },
        "components": {
            "schemas": schemas::all(),
            "securitySchemes": { "secret": {
                "type": "http", "scheme": "bearer", "description": "The app's secret key, `sk_…`.",
            } },
        },
    })
}

fn body(schema: &str) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schemas::named(schema) } } })
}

fn good(schema: &str, what: &str) -> Value {
    let content = json!({ "application/json": { "schema": schemas::named(schema) } });
    json!({ "200": { "description": what, "content": content } })
}

fn query(name: &str, is_required: bool, schema: Value, what: &str) -> Value {
    json!({ "name": name, "in": "query", "required": is_required, "schema": schema, "description": what })
}

fn part(name: &str, what: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" }, "description": what })
}

/// The good answers, and a problem for each status of these codes.
fn responses(good: Value, codes: &[Code]) -> Value {
    let mut all = good;
    for code in codes.iter().chain(&[Code::MethodNotAllowed]) {
        let status = code.status().to_string();
        let of_status: Vec<_> = codes.iter().filter(|other| other.status() == code.status()).collect();
        let names: Vec<_> = of_status.iter().map(|code| format!("`{code}`")).collect();
        let mut response = json!({
            "description": names.join(", "),
            "content": { "application/problem+json": { "schema": schemas::named("Problem") } },
        });
        if *code == Code::MethodNotAllowed {
            response["description"] = json!("`method_not_allowed`");
        }
        if matches!(code, Code::RateLimited | Code::Unavailable | Code::DiskFull) {
            let what = "Whole seconds; `retry_after_ms` in the body says the same.";
            response["headers"] = json!({ "Retry-After": { "description": what, "schema": schemas::whole() } });
        }
        all[status] = response;
    }
    all
}
