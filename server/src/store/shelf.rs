//! Whole weights that pages were told to fetch. Only the newest ones are kept; who comes too late asks again.

use super::published::{INLINE_BYTES, address};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use flywheel_core::belief::{Head, Model, Weights, encode_full};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Versions of an app that are kept.
const KEPT: usize = 16;

/// One version as bytes, compressed once.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    app: String,
    head: Head,
    gzipped: Vec<u8>,
}

impl Whole {
    /// Weights that are too large for a reply.
    pub(super) fn new(app: &str, model: &Model, weights: &Weights) -> Option<Self> {
        Self::of_bytes(app, weights.head(), &encode_full(model, weights))
    }

    /// The same from their bytes.
    pub(super) fn of_bytes(app: &str, head: Head, plain: &[u8]) -> Option<Self> {
        if plain.len() <= INLINE_BYTES {
            return None;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let _ = encoder.write_all(plain);
        Some(Self { app: app.to_owned(), head, gzipped: encoder.finish().unwrap_or_default() })
    }

    pub(super) fn is_of(&self, app: &str) -> bool {
        self.app == app
    }

    /// The bytes of docs/protocol.md, "Weights". Nearly everybody takes them gzipped, so they are not kept.
    pub(crate) fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        let _ = GzDecoder::new(&self.gzipped[..]).read_to_end(&mut plain);
        plain
    }

    /// The same, gzipped.
    pub(crate) fn gzipped(&self) -> &[u8] {
        &self.gzipped
    }
}

/// What can be fetched now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<VecDeque<Arc<Whole>>>>);

impl Shelf {
    /// The version under an address such as `12-0123456789abcdef`.
    pub(crate) fn get(&self, app: &str, wanted: &str) -> Option<Arc<Whole>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|whole| whole.app == app && address(whole.head) == wanted).cloned()
    }

    pub(super) fn put(&self, whole: Whole) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().any(|other| other.app == whole.app && other.head == whole.head) {
            return;
        }
        let app = whole.app.clone();
        kept.push_front(Arc::new(whole));
        let mut place = 0;
        kept.retain(|whole| {
            place += usize::from(whole.app == app);
            whole.app != app || place <= KEPT
        });
    }

    /// Drops the versions of an app, because someone was erased who is still part of them.
    pub(super) fn drop_app(&self, app: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|whole| whole.app != app);
    }
}
