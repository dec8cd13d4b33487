//! Where a profile is kept.

mod indexeddb;

pub use indexeddb::{Database, Loaded};

use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Where a profile is kept now.
#[derive(Clone)]
pub enum Storage {
    /// It is not known yet.
    Opening,
    /// Only in memory, and why; without a reason because it was asked for.
    Memory(Option<String>),
    /// In the browser's database.
    Indexed(Rc<Database>),
}

/// What one transaction writes.
#[derive(Default)]
pub struct Batch {
    /// Journal entries, put by their `id`.
    pub entries: Vec<JsValue>,
    /// Decisions, put by their `id`.
    pub decisions: Vec<JsValue>,
    /// Ids of decisions to delete.
    pub expired: Vec<JsValue>,
    /// Everything else by name; `undefined` deletes.
    pub meta: Vec<(&'static str, JsValue)>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.decisions.is_empty() && self.expired.is_empty() && self.meta.is_empty()
    }
}

/// Names in the store `meta`.
pub mod meta {
    /// What was chosen about consent.
    pub const CONSENT: &str = "consent";
    /// The device secret.
    pub const SECRET: &str = "secret";
    /// Everybody's weights, as bytes.
    pub const WEIGHTS: &str = "weights";
    /// Secrets whose erasure the server has not acknowledged yet.
    pub const ERASE: &str = "erase";
    /// Whether a request with signals was ever begun.
    pub const SENT: &str = "sent";
    /// The model under which everything is stored.
    pub const MODEL: &str = "model";
}
