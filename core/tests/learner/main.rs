//! What the learner promises, on worlds whose truth is known.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a test may fail loudly; its counts are small")]

mod bounds;
mod calibration;
mod exact;
mod rush;
mod town;
mod undo;
