//! What the page believes: everybody's weights, the person's own evidence, and what follows from both. What follows is
//! kept until one of them changes, so that a decision about what was seen before costs one look at each feature.

use super::Layers;
use super::known::{About, Known};
use crate::belief::spread::PerSpread;
use crate::belief::{Diff, Model, Others, Prior, Site, Weights, Widened};
use crate::feature::{DAY, Features, Vector};
use crate::journal::Shown;
use crate::learner::{Logit, Observation, Prediction, observe, predict};
use crate::slots::SlotMap;
use std::sync::Arc;

/// The belief of a page.
#[derive(Clone, Debug)]
pub(super) struct Mind {
    belief: Belief,
    layers: Layers,
    pub(super) known: Known,
    /// How often something has changed: predictions of another number do not hold.
    changes: u64,
}

/// What it consists of.
#[derive(Clone, Debug)]
struct Belief {
    model: Model,
    weights: Weights,
    /// The person's own evidence.
    site: Site,
    /// The part of it that is in `weights`, as the server counted it.
    own: Site,
    /// What the others know about the weights that the person has a part in.
    others: SlotMap<(f64, f64)>,
    /// s², and what others say about it.
    spread: f64,
    others_spreads: PerSpread,
    /// Whether something was said since s² was inferred.
    is_spread_old: bool,
}

/// A person who has said nothing, and what others know where nobody's part is taken out.
static NO_EVIDENCE: Site = Site::new();
static NO_OTHERS: SlotMap<(f64, f64)> = SlotMap::new();

/// Published weights without the person's own part, looked up rather than worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct LookedUp<'a> {
    weights: &'a Weights,
    others: &'a SlotMap<(f64, f64)>,
    spreads: PerSpread,
    nobody: f64,
}

impl Prior for LookedUp<'_> {
    #[inline(always)] // read for every feature
    fn at(&self, slot: u32) -> (f64, f64) {
        let cell = self.weights.cell(slot);
        if cell.is_empty() {
            return (self.nobody, 0.0);
        }
        let others = self.others.get(slot);
        if others.0 > 0.0 { others } else { self.weights.value(cell) }
    }

    fn spreads(&self) -> PerSpread {
        self.spreads
    }
}

impl Belief {
    fn new(model: Model) -> Self {
        let (weights, own, site) = (Weights::new(&model), Site::new(), Site::new());
        let others = Others { model: &model, weights: &weights, own: &own };
        let (others_spreads, spread) = (others.spreads(), Widened::new(&model, others, &site).spread);
        Self { model, weights, site, own, others: SlotMap::new(), spread, others_spreads, is_spread_old: false }
    }

    fn others(&self) -> LookedUp<'_> {
        LookedUp {
            weights: &self.weights,
            others: &self.others,
            spreads: self.others_spreads,
            nobody: self.model.prior_precision,
        }
    }

    fn widened(&self) -> Widened<'_, LookedUp<'_>> {
        if self.is_spread_old {
            return Widened::new(&self.model, self.others(), &self.site);
        }
        Widened { model: &self.model, prior: self.others(), site: &self.site, spread: self.spread }
    }

    /// What others know at the slots of `changed`, looked up anew.
    fn look_up(&mut self, changed: &Diff) {
        let others = Others { model: &self.model, weights: &self.weights, own: &self.own };
        for &(slot, _) in changed.0.iter().filter(|(slot, _)| *slot < self.model.space.slots()) {
            *self.others.entry(slot) = others.at(slot);
        }
        self.others_spreads = others.spreads();
        self.is_spread_old = true;
    }
}

impl Mind {
    pub(super) fn new(model: Model, layers: Layers) -> Self {
        Self { belief: Belief::new(model), layers, known: Known::new(), changes: 0 }
    }

    pub(super) const fn weights(&self) -> &Weights {
        &self.belief.weights
    }

    pub(super) const fn site(&self) -> &Site {
        &self.belief.site
    }

    /// Adds to the person's own evidence.
    pub(super) fn add(&mut self, diff: &Diff) {
        self.belief.site.add(diff);
        self.belief.is_spread_old = true;
        diff.0.iter().for_each(|&(slot, _)| self.known.table.changed(slot));
        self.changes += 1;
    }

    /// Adds to the part of it that is in the weights.
    pub(super) fn add_own(&mut self, taught: &Diff) {
        self.belief.own.add(taught);
        self.belief.look_up(taught);
        taught.0.iter().for_each(|&(slot, _)| self.known.table.changed(slot));
        self.changes += 1;
    }

    /// Other weights, which contain this part of the person's evidence.
    pub(super) fn take(&mut self, weights: Weights, own: Site) {
        (self.belief.weights, self.belief.own) = (weights, own);
        self.belief.others = SlotMap::new();
        let all = self.belief.own.to_diff();
        self.belief.look_up(&all);
        self.known.table.all_changed();
        self.changes += 1;
    }

    /// Infers s² anew where something was said since.
    fn settle(&mut self) {
        if self.belief.is_spread_old {
            let spread = self.belief.widened().spread;
            #[allow(clippy::float_cmp)] // it moves in steps
            if spread != self.belief.spread {
                self.belief.spread = spread;
                self.known.table.all_changed();
            }
            self.belief.is_spread_old = false;
        }
    }

    /// Learns, one observation after the other; returns what that added to the person's own evidence.
    pub(super) fn learn(&mut self, observations: impl IntoIterator<Item = Observation>) -> Diff {
        let mut taught: Option<Diff> = None;
        for observation in observations {
            for step in observation.steps() {
                self.settle();
                let diff = observe(&self.belief.widened(), &observation.vector, observation.verdict, step);
                self.add(&diff);
                taught = Some(match taught {
                    None => diff,
                    Some(taught) => taught.plus(&diff),
                });
            }
        }
        taught.unwrap_or_default()
    }

    /// The belief that predicts: the person's, unless everybody's weights are to be measured alone.
    fn outlook(&self) -> Widened<'_, LookedUp<'_>> {
        if self.layers == Layers::Both {
            return self.belief.widened();
        }
        let Belief { model, weights, .. } = &self.belief;
        let spreads = Others { model, weights, own: &NO_EVIDENCE }.spreads();
        let prior = LookedUp { others: &NO_OTHERS, spreads, ..self.belief.others() };
        Widened::new(model, prior, &NO_EVIDENCE)
    }

    /// What is expected of each candidate in its context.
    pub(super) fn expect_all(
        &mut self,
        surface: &str,
        now: u64,
        context: &Features,
        all: &[Arc<Shown>],
    ) -> Vec<Prediction> {
        self.settle();
        let (belief, base) = (self.outlook(), self.base(surface, now));
        let space = belief.model.space;
        // What all candidates share is summed once.
        let mut shared = Logit::default();
        shared.add(DAY, belief.posterior(base.1));
        space.shared(base.0, context, &mut |slot, x| shared.add(x, belief.posterior(slot)));
        let mut predictions = Vec::with_capacity(all.len());
        for shown in all {
            let mut logit = shared;
            space.own(context, &shown.features, &mut |slot, x| logit.add(x, belief.posterior(slot)));
            predictions.push(logit.predict());
        }
        predictions
    }

    /// The same of what is known by number: what does not change is not looked at again. `None` where a layer is measured
    /// alone.
    pub(super) fn expect_known(
        &mut self,
        surface: &str,
        now: u64,
        context: u32,
        all: &[u32],
    ) -> Option<Vec<Prediction>> {
        if self.layers != Layers::Both {
            return None;
        }
        self.settle();
        let about = About { context, base: self.base(surface, now), changes: self.changes };
        Some(self.known.expect(&self.belief.widened(), about, all))
    }

    /// The slots of a surface's constant and of its day.
    fn base(&self, surface: &str, now: u64) -> (u32, u32) {
        let space = self.belief.model.space;
        let constant = space.constant(surface);
        (constant, space.day(constant, now))
    }

    pub(super) fn slot(&self, hash: u32) -> u32 {
        self.belief.model.space.slot(hash)
    }

    /// What the others' weight is at a slot, how far this person's is from it, and its variance. Not for ranking.
    #[inline(never)]
    pub(super) fn known_at(&self, slot: u32) -> (f64, f64, f64) {
        let belief = self.belief.widened();
        let (posterior, others) = (belief.posterior(slot), belief.prior.at(slot).1);
        (others, posterior.mean - others, posterior.variance)
    }

    /// How uncertain everybody's weights alone leave the logit of a vector.
    pub(super) fn crowd_variance(&self, vector: &Vector) -> f64 {
        vector.iter().map(|&(slot, x)| x * x / self.belief.others().at(slot).0).sum()
    }

    /// What is expected of any vector, such as the difference of two candidates.
    pub(super) fn expect(&self, vector: &Vector) -> Prediction {
        predict(&self.outlook(), vector)
    }
}
