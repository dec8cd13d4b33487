//! What was read before: contexts and candidates under numbers, so that what comes again is not read again.

use super::Page;
use super::decide::{Decided, Prepared, check_count, check_ids};
use super::table::{Lines, Table};
use crate::belief::{Prior, Widened};
use crate::error::{Code, Error, Result};
use crate::feature::{self, DAY, Features, Object, Str, limits};
use crate::journal::Shown;
use crate::learner::{Logit, Prediction};
use crate::rank::{By, Rule};
use std::sync::Arc;

/// Most candidates, and most contexts, that are known at once.
const MOST: usize = 4_096;

/// Contexts and candidates by number.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) table: Table,
    contexts: Vec<Context>,
    candidates: Vec<Candidate>,
    /// How often everything was forgotten: numbers of another age mean nothing.
    age: u32,
}

#[derive(Clone, Debug)]
struct Context {
    object: Arc<Object>,
    features: Arc<Features>,
    /// Columns, and of which layout they are.
    columns: Option<Lines>,
    layout: u32,
}

#[derive(Clone, Debug)]
struct Candidate {
    shown: Arc<Shown>,
    rows: Option<Lines>,
    memory: Option<Memory>,
}

/// The last prediction, and what it was about.
#[derive(Clone, Debug)]
struct Memory {
    about: About,
    prediction: Prediction,
}

/// What a prediction about a candidate depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct About {
    /// The number of the context.
    pub(super) context: u32,
    /// The slots of the surface's constant and of its day.
    pub(super) base: (u32, u32),
    /// How often the belief had changed.
    pub(super) changes: u64,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { table: Table::new(), contexts: Vec::new(), candidates: Vec::new(), age: 0 }
    }

    pub(super) const fn age(&self) -> u32 {
        self.age
    }

    /// Begins anew if it has grown too large. Between two decisions, not within one.
    pub(super) fn tidy(&mut self) {
        if self.candidates.len() > MOST || self.contexts.len() > MOST || self.table.is_full() {
            self.table.clear();
            (self.contexts, self.candidates) = (Vec::new(), Vec::new());
            self.age += 1;
        }
    }

    pub(super) fn add_context(&mut self, object: Object, features: Features) -> u32 {
        let (object, features) = (Arc::new(object), Arc::new(features));
        self.contexts.push(Context { object, features, columns: None, layout: 0 });
        number_of_last(self.contexts.len())
    }

    pub(super) fn add_candidate(&mut self, shown: Shown) -> u32 {
        self.candidates.push(Candidate { shown: Arc::new(shown), rows: None, memory: None });
        number_of_last(self.candidates.len())
    }

    /// What is expected of each candidate.
    pub(super) fn expect<P: Prior>(&mut self, belief: &Widened<'_, P>, about: About, all: &[u32]) -> Vec<Prediction> {
        let Self { table, contexts, candidates, .. } = self;
        let Some(context) = contexts.get_mut(about.context as usize) else { return Vec::new() };
        if context.layout != table.layout {
            context.columns = table.columns(&context.features);
            context.layout = table.layout;
        }
        let space = belief.model.space;
        // What all candidates share is summed once, and only if it is needed.
        let mut shared: Option<Logit> = None;
        let mut predictions = Vec::with_capacity(all.len());
        for candidate in all {
            let Some(candidate) = candidates.get_mut(*candidate as usize) else { continue };
            if let Some(memory) = &candidate.memory
                && memory.about == about
            {
                predictions.push(memory.prediction);
                continue;
            }
            let mut logit = *shared.get_or_insert_with(|| {
                let mut logit = Logit::default();
                logit.add(DAY, table.posterior(belief, about.base.1));
                let mut add = |slot, x| logit.add(x, table.posterior(belief, slot));
                space.shared(about.base.0, &context.features, &mut add);
                logit
            });
            let features = &candidate.shown.features;
            match &context.columns {
                // What comes once only would fill the table in vain.
                Some(columns)
                    if candidate.memory.is_some()
                        && features.words.is_empty()
                        && columns.len() * features.crossing.len() <= limits::CROSSES =>
                {
                    let rows = candidate.rows.get_or_insert_with(|| table.rows(space, features));
                    logit.join(table.own(belief, rows, columns));
                }
                _ => space.own(&context.features, features, &mut |slot, x| logit.add(x, belief.posterior(slot))),
            }
            let prediction = logit.predict();
            candidate.memory = Some(Memory { about, prediction });
            predictions.push(prediction);
        }
        predictions
    }

    /// The request that these numbers mean.
    fn asked(&self, surface: &Str, context: u32, candidates: &[u32]) -> Result<Prepared> {
        let unknown = || Error::new(Code::Internal, "a number of nothing that is known");
        let context = self.contexts.get(context as usize).ok_or_else(unknown)?;
        let mut all = Vec::with_capacity(candidates.len());
        for number in candidates {
            all.push(self.candidates.get(*number as usize).ok_or_else(unknown)?.shown.clone());
        }
        check_ids(&all)?;
        let (object, features) = (context.object.clone(), context.features.clone());
        Ok(Prepared { surface: surface.clone(), context: object, features, candidates: all, after: None })
    }
}

impl Page {
    /// Knows a context without texts from here on, under a number.
    ///
    /// # Errors
    /// As [`Object::check`].
    pub fn know_context(&mut self, object: Object, features: Features) -> Result<u32> {
        object.check().map(|()| self.mind.known.add_context(object, features))
    }

    /// Knows a candidate without texts and rules from here on, under a number.
    ///
    /// # Errors
    /// As [`feature::Candidate::check`].
    pub fn know_candidate(&mut self, candidate: feature::Candidate, features: Features) -> Result<u32> {
        candidate.check()?;
        Ok(self.mind.known.add_candidate(Shown { candidate, features, rule: Rule::None }))
    }

    /// How often what was known has been forgotten: numbers given at another age mean nothing any more.
    #[must_use]
    pub const fn age(&self) -> u32 {
        self.mind.known.age()
    }

    /// Orders known candidates in a known context, and remembers the decision. Then what is known may be forgotten,
    /// where it has become too much ([`Page::age`]).
    ///
    /// # Errors
    /// [`Code::NoCandidates`], [`Code::TooManyCandidates`], [`Code::DuplicateCandidate`]; [`Code::Internal`] for a
    /// number that was not given at this age.
    pub fn rank_known(&mut self, surface: &Str, context: u32, candidates: &[u32], now: u64) -> Result<Decided> {
        check_count(candidates.len())?;
        let asked = self.mind.known.asked(surface, context, candidates)?;
        let id = self.fresh_id(now);
        let known = if matches!(self.policy.by, By::Bonus(_)) {
            None
        } else {
            self.mind.expect_known(surface, id.at_ms(), context, candidates)
        };
        let predictions =
            known.unwrap_or_else(|| self.predictions(surface, id.at_ms(), &asked.features, &asked.candidates));
        let decided = self.settle(&asked, id, (1, now), predictions, &[]);
        self.mind.known.tidy();
        Ok(decided)
    }
}

/// Numbers of lists that are far shorter than 2³².
fn number_of_last(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX).wrapping_sub(1)
}
