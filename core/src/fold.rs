//! The server's side of learning: folding a person's signals into everybody's sums.
//!
//! The server runs the same learner over the person's signals with its *live* sums as the prior. Adding up what
//! thousands of clients computed against the same stale prior would count shared directions thousands of times
//! (DESIGN.md, "The day-one rush").

use crate::belief::{Diff, Evidence, Live, Model, Site, Sums, Widened};
use crate::feature::Vector;
use crate::learner::{Observation, Prediction, observe, predict};
use crate::signal::Signal;

/// What folding one signal did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folded {
    /// What was added to the person's site, including what an earlier signal on the same decision lost.
    pub taught: Diff,
    /// What was added to the sums, slot by slot; a slot may stand here more than once.
    pub sums: Vec<(u32, Evidence)>,
}

impl Folded {
    /// Takes it out of sums and site again, for a transaction that failed.
    pub fn take_back(&self, sums: &mut Sums, site: &mut Site) {
        for &(slot, change) in &self.sums {
            sums.add(slot, -change);
        }
        site.add(&self.taught.negated());
    }
}

/// Folds a signal of the person whose site is `site`. `active` is the sum of the differences that the person's earlier
/// signals about the same decision were taught with; it is taken out first, so that the latest signal replaces them.
pub fn fold(model: &Model, sums: &mut Sums, site: &mut Site, active: &Diff, signal: &Signal) -> Folded {
    fold_observed(model, sums, site, active, &signal.observations(model.space))
}

/// The same from what the signal teaches ([`Signal::observations`]), which depends on nothing else and can be worked out
/// beforehand.
pub fn fold_observed(
    model: &Model,
    sums: &mut Sums,
    site: &mut Site,
    active: &Diff,
    observations: &[Observation],
) -> Folded {
    let mut folded = Folded { taught: active.negated(), sums: sums.move_person(model, site, &active.negated()) };
    for observation in observations {
        for step in observation.steps() {
            let prior = Live { model, sums, site };
            let belief = Widened::new(model, prior, site);
            let diff = observe(&belief, &observation.vector, observation.verdict, step).tidy();
            folded.sums.extend(sums.move_person(model, site, &diff));
            // The usual case: one observation, and nothing said before.
            folded.taught = if folded.taught.0.is_empty() { diff } else { folded.taught.plus(&diff) };
        }
    }
    folded
}

/// What these sums let expect of the person whose site is `site`; an empty one is a newcomer's.
#[must_use]
pub fn expect(model: &Model, sums: &Sums, site: &Site, vector: &Vector) -> Prediction {
    predict(&Widened::new(model, Live { model, sums, site }, site), vector)
}

/// Takes a whole person out of the sums; the site is empty afterwards. Returns what changed in the sums.
pub fn erase(model: &Model, sums: &mut Sums, site: &mut Site) -> Vec<(u32, Evidence)> {
    let all = site.to_diff().negated();
    sums.move_person(model, site, &all)
}
