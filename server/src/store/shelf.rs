//! Whole weights that pages were told to fetch. Only the newest ones are kept; who comes too late asks again.

use super::published::address;
use flate2::Compression;
use flate2::write::GzEncoder;
use flywheel_core::belief::{Head, Model, Weights, encode_full};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Versions that are kept. Versions share the memory of what they have in common.
const KEPT: usize = 16;

/// One version, encoded when it is first asked for.
#[derive(Debug)]
pub(crate) struct Whole {
    app: String,
    model: Model,
    weights: Weights,
    plain: OnceLock<Vec<u8>>,
    gzipped: OnceLock<Vec<u8>>,
}

impl Whole {
    pub(super) fn new(app: &str, model: Model, weights: Weights) -> Self {
        Self { app: app.to_owned(), model, weights, plain: OnceLock::new(), gzipped: OnceLock::new() }
    }

    pub(super) fn is_of(&self, app: &str) -> bool {
        self.app == app
    }

    /// Which version it is.
    pub(crate) fn head(&self) -> Head {
        self.weights.head()
    }

    /// The bytes of docs/protocol.md, "Weights".
    pub(crate) fn plain(&self) -> &[u8] {
        self.plain.get_or_init(|| encode_full(&self.model, &self.weights))
    }

    /// The same, gzipped.
    pub(crate) fn gzipped(&self) -> &[u8] {
        self.gzipped.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            // Writing to memory does not fail.
            let _ = encoder.write_all(self.plain());
            encoder.finish().unwrap_or_default()
        })
    }
}

/// What can be fetched now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<VecDeque<Arc<Whole>>>>);

impl Shelf {
    /// The version under an address such as `12-0123456789abcdef`.
    pub(crate) fn get(&self, app: &str, wanted: &str) -> Option<Arc<Whole>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|whole| whole.app == app && address(whole.head()) == wanted).cloned()
    }

    pub(super) fn put(&self, whole: Whole) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|other| other.app == whole.app && other.head() == whole.head()) {
            return;
        }
        kept.push_front(Arc::new(whole));
        kept.truncate(KEPT);
    }

    /// Drops the versions of an app, because someone was erased who is still part of them.
    pub(super) fn drop_app(&self, app: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|whole| whole.app != app);
    }
}
