//! What is believed about each weight: a Gaussian in natural parameters, in three layers.
//!
//! *Global* weights come from everybody, the *person's prior* widens them by how much people differ, and the *site* is
//! the person's own evidence. Evidence is whole numbers (fixed point), so that adding and subtracting are exact and
//! their order does not matter.

mod codec;
mod fixed;
mod half;
mod prior;
mod site;
pub mod spread;
mod weights;

pub use codec::{decode, encode_delta, encode_full};
pub use fixed::{Evidence, ONE, from_fixed, to_fixed};
pub use prior::{Live, Others, Posterior, Prior, Widened};
pub use site::{Diff, Site, Sums, contribution};
pub use weights::{Cell, Head, Weights};

/// The numbers that make a model what it is. Two sides that disagree on one of them must not mix their weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Model {
    /// How features become slots.
    pub space: crate::feature::Space,
    /// τ₀: the precision of a global weight before anybody has said anything.
    pub prior_precision: f64,
    /// The s² by which one person's contribution to everybody's weights is bounded: it is below 1 / shrinkage. What
    /// s² is believed to be for predicting is learned ([`spread`]); this one is a promise and stays.
    pub shrinkage: f64,
    /// The largest absolute mean that a person who is sure can vote for; the vote itself is at most reach / shrinkage.
    pub reach: f64,
}

impl Default for Model {
    fn default() -> Self {
        Self { space: crate::feature::Space::default(), prior_precision: 1.0, shrinkage: 0.3, reach: 4.0 }
    }
}

impl Model {
    /// How many cells weights of this model have: its slots, and one for each s² that is compared.
    #[must_use]
    pub fn cells(&self) -> u32 {
        spread::slot(self, spread::GRID.len())
    }

    /// The largest vote |ρ m| of one person about one weight.
    #[must_use]
    pub fn vote(&self) -> f64 {
        self.reach / self.shrinkage
    }

    /// The name under which weights, sites and snapshots of this model are kept. It changes whenever the hash, the
    /// featuriser, the number of slots or a prior does.
    #[must_use]
    pub fn id(&self) -> String {
        let digit = |n: u8| char::from(b'0' + n % 10);
        let mut id = String::from("fw6.");
        id.push(digit(self.space.bits / 10));
        id.push(digit(self.space.bits));
        id
    }
}
