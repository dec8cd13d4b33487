//! The usual entry of the package, which has no room for a hold-out and for records of decisions: nobody is held out,
//! and none are made (docs/decisions/0120-records-of-decisions.md).

use super::Page;
use crate::id::Id;
use crate::sync::Failure;
use crate::wire::Settings;

/// A record that cannot be.
pub type Told = core::convert::Infallible;

/// Everybody is on the same side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side;

impl Side {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) const fn is_held_out(self) -> bool {
        false
    }

    pub(super) const fn recorded(self) -> f64 {
        0.0
    }

    pub(super) const fn of_another(self) -> Self {
        self
    }
}

/// No records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Records;

impl Records {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) const fn keep(self, _share: f64) {}

    pub(super) const fn note(self, _id: Id, _held_out: bool, _whole: bool) {}

    pub(super) const fn clear(self) {}
}

impl Page {
    /// Nobody is held out here.
    pub const fn hold_out(&mut self, _share: f64) {}

    /// What the endpoint asks is not done here.
    pub const fn asked(&mut self, _settings: Settings) {}

    /// Nobody needs a place here.
    pub const fn stand(&mut self, _place: f64) {}

    /// Outside all shares.
    #[must_use]
    pub const fn place(&self) -> f64 {
        1.0
    }

    /// Nobody is held out here.
    #[must_use]
    pub const fn is_held_out(&self) -> bool {
        false
    }

    pub(super) const fn settle_side(&self) {}

    pub(super) const fn carry(&self, _request: Id, _outlives: bool) -> Vec<Told> {
        Vec::new()
    }

    pub(super) const fn has_last_records(&self) -> bool {
        false
    }

    pub(super) const fn told(&self, _request: Id) {}

    pub(super) const fn untold(&self, _request: Id, failure: Failure) -> Failure {
        failure
    }
}
