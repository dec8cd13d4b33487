//! What the page believes: everybody's weights, the person's own evidence, and what follows from both. What follows is
//! kept until one of them changes, so that a decision costs one look at each feature.

use super::Layers;
use crate::belief::spread::PerSpread;
use crate::belief::{Diff, Model, Others, Prior, Site, Weights, Widened};
use crate::feature::{DAY, Features};
use crate::journal::Shown;
use crate::learner::{Logit, Observation, Prediction, observe, predict};
use crate::rng::mix64;
use crate::slots::SlotMap;
use std::sync::Arc;

/// Predictions that are remembered: those of a few hundred decisions, in a fifth of a megabyte.
const MEMORIES: usize = 4_096;
/// At how many places a prediction may be remembered.
const WAYS: usize = 4;

/// The belief of a page.
#[derive(Clone, Debug)]
pub(super) struct Mind {
    model: Model,
    layers: Layers,
    weights: Weights,
    /// The person's own evidence.
    site: Site,
    /// The part of it that is in `weights`, as the server counted it.
    own: Site,
    /// What the others know about the weights that the person has a part in.
    others: SlotMap<(f64, f64)>,
    /// s² and what others say about it, until something changes.
    spread: Option<f64>,
    others_spreads: PerSpread,
    /// Predictions by the addresses of what they are about, and how often something has changed: only those since the
    /// last change hold.
    memories: Vec<Option<Memory>>,
    changes: u64,
}

/// A person who has said nothing, and what others know where nobody's part is taken out.
static NO_EVIDENCE: Site = Site::new();
static NO_OTHERS: SlotMap<(f64, f64)> = SlotMap::new();

#[derive(Clone, Debug)]
struct Memory {
    context: Arc<Features>,
    shown: Arc<Shown>,
    base: (u32, u32),
    changes: u64,
    prediction: Prediction,
}

/// Published weights without the person's own part, looked up rather than worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    weights: &'a Weights,
    others: &'a SlotMap<(f64, f64)>,
    spreads: PerSpread,
    nobody: f64,
}

impl Prior for Known<'_> {
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

impl Mind {
    pub(super) fn new(model: Model, layers: Layers) -> Self {
        let (weights, own) = (Weights::new(&model), Site::new());
        let others_spreads = Others { model: &model, weights: &weights, own: &own }.spreads();
        Self {
            model,
            layers,
            weights,
            site: Site::new(),
            own,
            others: SlotMap::new(),
            spread: None,
            others_spreads,
            memories: Vec::new(),
            changes: 0,
        }
    }

    pub(super) const fn weights(&self) -> &Weights {
        &self.weights
    }

    pub(super) const fn site(&self) -> &Site {
        &self.site
    }

    /// Adds to the person's own evidence.
    pub(super) fn add(&mut self, diff: &Diff) {
        self.site.add(diff);
        self.forget_predictions();
    }

    /// Adds to the part of it that is in the weights.
    pub(super) fn add_own(&mut self, taught: &Diff) {
        self.own.add(taught);
        self.look_up(taught);
    }

    /// Other weights, which contain this part of the person's evidence.
    pub(super) fn take(&mut self, weights: Weights, own: Site) {
        (self.weights, self.own) = (weights, own);
        self.others = SlotMap::new();
        let all = self.own.to_diff();
        self.look_up(&all);
    }

    fn look_up(&mut self, changed: &Diff) {
        let others = Others { model: &self.model, weights: &self.weights, own: &self.own };
        for &(slot, _) in changed.0.iter().filter(|(slot, _)| *slot < self.model.space.slots()) {
            *self.others.entry(slot) = others.at(slot);
        }
        self.others_spreads = others.spreads();
        self.forget_predictions();
    }

    fn forget_predictions(&mut self) {
        self.spread = None;
        self.changes += 1;
    }

    /// Learns, one observation after the other; returns what that added to the person's own evidence.
    pub(super) fn learn(&mut self, observations: impl IntoIterator<Item = Observation>) -> Diff {
        let mut taught: Option<Diff> = None;
        for observation in observations {
            for step in observation.steps() {
                let diff = observe(&self.belief(), &observation.vector, observation.verdict, step);
                self.add(&diff);
                taught = Some(taught.map_or_else(|| diff.clone(), |taught| taught.plus(&diff)));
            }
        }
        taught.unwrap_or_default()
    }

    fn known(&self) -> Known<'_> {
        Known {
            weights: &self.weights,
            others: &self.others,
            spreads: self.others_spreads,
            nobody: self.model.prior_precision,
        }
    }

    /// What the others know, and the person's belief.
    pub(super) fn belief(&self) -> Widened<'_, Known<'_>> {
        match self.spread {
            Some(spread) => Widened { model: &self.model, prior: self.known(), site: &self.site, spread },
            None => Widened::new(&self.model, self.known(), &self.site),
        }
    }

    /// The belief that predicts: the person's, unless everybody's weights are to be measured alone.
    fn outlook(&self) -> Widened<'_, Known<'_>> {
        if self.layers == Layers::Both {
            return self.belief();
        }
        let spreads = Others { model: &self.model, weights: &self.weights, own: &NO_EVIDENCE }.spreads();
        let prior = Known { others: &NO_OTHERS, spreads, ..self.known() };
        Widened::new(&self.model, prior, &NO_EVIDENCE)
    }

    /// What is expected of each candidate in its context.
    pub(super) fn expect_all(
        &mut self,
        surface: &str,
        now: u64,
        context: &Arc<Features>,
        all: &[Arc<Shown>],
    ) -> Vec<Prediction> {
        let constant = self.model.space.constant(surface);
        let base = (constant, self.model.space.day(constant, now));
        if self.spread.is_none() {
            self.spread = Some(self.belief().spread);
        }
        let mut memories = core::mem::take(&mut self.memories);
        memories.resize(MEMORIES, None);
        let changes = self.changes;
        let predictions = expect_all(&self.outlook(), base, context, all, (&mut memories, changes));
        self.memories = memories;
        predictions
    }

    pub(super) fn slot(&self, hash: u32) -> u32 {
        self.model.space.slot(hash)
    }

    /// What the others' weight is at a slot, how far this person's is from it, and its variance. Not for ranking.
    #[inline(never)]
    pub(super) fn known_at(&self, slot: u32) -> (f64, f64, f64) {
        let belief = self.belief();
        let (posterior, others) = (belief.posterior(slot), belief.prior.at(slot).1);
        (others, posterior.mean - others, posterior.variance)
    }

    /// How uncertain everybody's weights alone leave the logit of a vector.
    pub(super) fn crowd_variance(&self, vector: &crate::feature::Vector) -> f64 {
        vector.iter().map(|&(slot, x)| x * x / self.known().at(slot).0).sum()
    }

    /// What is expected of any vector, such as the difference of two candidates.
    pub(super) fn expect(&self, vector: &crate::feature::Vector) -> Prediction {
        predict(&self.outlook(), vector)
    }
}

fn expect_all(
    belief: &Widened<'_, Known<'_>>,
    base: (u32, u32),
    context: &Arc<Features>,
    all: &[Arc<Shown>],
    (memories, changes): (&mut [Option<Memory>], u64),
) -> Vec<Prediction> {
    let space = belief.model.space;
    let (constant, day) = base;
    // What all candidates share is summed once.
    let mut shared: Option<Logit> = None;
    all.iter()
        .map(|shown| {
            let memories = memories.get_mut(place(context, shown)..).and_then(|from| from.get_mut(..WAYS));
            let memories = memories.unwrap_or_default();
            let mut stale = 0;
            for (at, memory) in memories.iter().enumerate() {
                match memory {
                    Some(memory) if memory.changes == changes => {
                        if Arc::ptr_eq(&memory.shown, shown)
                            && Arc::ptr_eq(&memory.context, context)
                            && memory.base == base
                        {
                            return memory.prediction;
                        }
                    }
                    _ => stale = at,
                }
            }
            let mut logit = *shared.get_or_insert_with(|| {
                let mut logit = Logit::default();
                logit.add(DAY, belief.posterior(day));
                space.shared(constant, context, |slot, x| logit.add(x, belief.posterior(slot)));
                logit
            });
            space.own(context, &shown.features, |slot, x| logit.add(x, belief.posterior(slot)));
            let prediction = logit.predict();
            // Texts are read anew each time: they would be kept in vain, and they are large.
            if let Some(memory) = memories.get_mut(stale)
                && context.words.is_empty()
                && shown.features.words.is_empty()
            {
                *memory = Some(Memory { context: context.clone(), shown: shown.clone(), base, changes, prediction });
            }
            prediction
        })
        .collect()
}

/// Where the prediction about a pair of things is remembered.
fn place(context: &Arc<Features>, shown: &Arc<Shown>) -> usize {
    let pair = (Arc::as_ptr(shown) as u64).rotate_left(32) ^ Arc::as_ptr(context) as u64;
    (mix64(pair) >> 32) as usize & (MEMORIES - WAYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::Candidate;

    #[test]
    fn predictions_are_remembered_but_not_those_about_texts() {
        let mut mind = Mind::new(Model::default(), Layers::Both);
        for (text, holders) in [(None, 2), (Some("some words".into()), 1)] {
            let candidate = Candidate { id: "a".into(), text, ..Candidate::default() };
            let features = Features::of_candidate(&candidate);
            let shown = Arc::new(Shown { candidate, features, rule: crate::rank::Rule::None });
            mind.expect_all("s", 0, &Arc::new(Features::default()), core::slice::from_ref(&shown));
            assert_eq!(Arc::strong_count(&shown), holders);
        }
    }
}
