//! What a person's own evidence is added to: what the others know, widened by how much people differ.

use super::spread::{self, PerSpread};
use super::{Evidence, Model, Site, Sums, Weights, contribution, from_fixed};
use crate::math;

/// What is believed about a weight before the person's own evidence.
pub trait Prior {
    /// Precision Λ > 0 and mean μ of the global belief at a slot, without the person's own part.
    fn at(&self, slot: u32) -> (f64, f64);

    /// What the others' signals say about each value of s², in nats.
    fn spreads(&self) -> PerSpread;
}

/// The published weights without the person's own part in them: the page's view of the others.
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    /// The model.
    pub model: &'a Model,
    /// What was published.
    pub weights: &'a Weights,
    /// The person's own evidence as far as the published weights contain it, as the server counted it.
    pub own: &'a Site,
}

impl Prior for Others<'_> {
    fn at(&self, slot: u32) -> (f64, f64) {
        let nobody = (self.model.prior_precision, 0.0);
        let cell = self.weights.cell(slot);
        if cell.is_empty() {
            return nobody;
        }
        let (precision, mean) = self.weights.value(cell);
        let own = self.own.at(slot);
        if own.is_zero() {
            return (precision, mean);
        }
        let own = contribution(self.model, slot, own);
        // Weights are published in steps. Where the person alone would have given the very cell that was published,
        // whatever others did is below one step: then there are no others to be seen.
        if Weights::quantise(self.model, slot, own) == cell {
            return nobody;
        }
        without(self.model, precision, precision * mean, own)
    }

    fn spreads(&self) -> PerSpread {
        each(self.model, |slot| {
            let cell = self.weights.cell(slot);
            let own = contribution(self.model, slot, self.own.at(slot));
            if cell.is_empty() || Weights::quantise(self.model, slot, own) == cell {
                return 0.0;
            }
            self.weights.value(cell).1 - from_fixed(own.shift)
        })
    }
}

/// The server's live sums without one person's own part.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    pub(crate) model: &'a Model,
    pub(crate) sums: &'a Sums,
    pub(crate) site: &'a Site,
}

impl Prior for Live<'_> {
    fn at(&self, slot: u32) -> (f64, f64) {
        let (all, own) = (self.sums.at(slot), self.site.at(slot));
        let rest = if own.is_zero() { all } else { all - contribution(self.model, slot, own) };
        let precision = self.model.prior_precision + from_fixed(rest.precision).max(0.0);
        (precision, from_fixed(rest.shift) / precision)
    }

    fn spreads(&self) -> PerSpread {
        each(self.model, |slot| {
            from_fixed((self.sums.at(slot) - contribution(self.model, slot, self.site.at(slot))).shift)
        })
    }
}

fn each(model: &Model, value: impl Fn(u32) -> f64) -> PerSpread {
    core::array::from_fn(|place| value(spread::slot(model, place)))
}

/// Takes a part out of a belief; the precision never falls below τ₀, the mean never leaves
/// what one person could vote for.
fn without(model: &Model, precision: f64, shift: f64, own: Evidence) -> (f64, f64) {
    let rest = (precision - from_fixed(own.precision)).max(model.prior_precision);
    let mean = (shift - from_fixed(own.shift)) / rest;
    (rest, math::within(mean, model.vote()))
}

/// A person's belief: a prior widened by s², and the person's site.
///
/// Prior precision P = 1 / (1/Λ + s²); posterior precision P + λ and mean (P μ + η) / (P + λ) (DESIGN.md, "The model").
#[derive(Clone, Copy, Debug)]
pub struct Widened<'a, P> {
    /// The model.
    pub model: &'a Model,
    /// What the others know.
    pub prior: P,
    /// The person's own evidence.
    pub site: &'a Site,
    /// s², as it is believed to be for this person.
    pub spread: f64,
}

/// What is believed about a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// Its mean.
    pub mean: f64,
    /// Its variance, above 0.
    pub variance: f64,
}

impl<'a, P: Prior> Widened<'a, P> {
    /// The belief of a person, with s² inferred from what others and the person have said.
    #[must_use]
    pub fn new(model: &'a Model, prior: P, site: &'a Site) -> Self {
        let own = each(model, |slot| from_fixed(site.at(slot).shift));
        let spread = spread::infer(&prior.spreads(), &own);
        Self { model, prior, site, spread }
    }

    /// What is known about the weight at a slot, before s² is applied.
    #[inline(always)] // read for every feature
    pub(crate) fn parts(&self, slot: u32) -> Parts {
        let (global, mean) = self.prior.at(slot);
        let own = self.site.at(slot);
        Parts { global, mean, own: from_fixed(own.precision.max(0)), shift: from_fixed(own.shift) }
    }

    /// What is believed about the weight at a slot.
    #[must_use]
    #[inline(always)] // read for every feature
    pub fn posterior(&self, slot: u32) -> Posterior {
        self.parts(slot).under(self.spread)
    }
}

/// What is known about one weight, before s² is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// Λ.
    global: f64,
    /// μ.
    mean: f64,
    /// λ.
    own: f64,
    /// η.
    shift: f64,
}

impl Parts {
    /// What everybody's belief alone says, of a weight that the person has said nothing about: the posterior under any s²
    /// has its mean, and s² more of variance.
    #[inline(always)]
    pub(crate) fn untouched(self) -> Option<Posterior> {
        let is_silent = self.own == 0.0 && self.shift == 0.0;
        is_silent.then(|| Posterior { mean: self.mean, variance: 1.0 / self.global })
    }

    /// The posterior under a value of s². With w = Λ/P = 1 + Λ s² the variance is w / (Λ + λ w) and the mean
    /// (Λ μ + η w) / (Λ + λ w): one division.
    #[inline(always)] // a dozen instructions
    pub(crate) fn under(self, spread: f64) -> Posterior {
        let wider = 1.0 + self.global * spread;
        let scale = 1.0 / (self.global + self.own * wider);
        Posterior { mean: (self.global * self.mean + self.shift * wider) * scale, variance: wider * scale }
    }
}
