//! What is believed about weights, laid out for ranking: a feature of a candidate has a row, a feature of a context a
//! column, and where they cross stands which weight that is. So a decision about what was seen before hashes nothing
//! and looks nothing up.
//!
//! A row knows its weights by their place in one list, and two rows that share a slot share the place: when something
//! is learned about a slot, the weight is out of date wherever it is used.

use crate::belief::{Posterior, Prior, Widened};
use crate::feature::{Features, Space, cross_strength, crossed, hash};
use crate::learner::Logit;
use crate::slots::SlotMap;

/// Most features of contexts that have a column; a new one beyond them begins all columns anew.
pub(super) const COLUMNS: usize = 64;
/// Most weights in the list, 24 bytes each.
const PLACES: usize = 1 << 16;
/// The place of a cross that is not looked up yet, and of one that does not exist.
const UNKNOWN: u32 = u32::MAX;
const NOWHERE: u32 = 0;
const NOTHING: Posterior = Posterior { mean: 0.0, variance: 0.0 };

/// Features by the numbers of their rows or columns, with their values.
pub(super) type Lines = Vec<(u32, f64)>;

/// The layout of weights.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// From slot to place.
    index: SlotMap<u32>,
    weights: Vec<Weight>,
    /// From the hash of a candidate's feature to one more than the number of its row, and of a context's feature to its
    /// column likewise.
    row_of: SlotMap<u32>,
    column_of: SlotMap<u32>,
    rows: Vec<Row>,
    columns: Vec<u32>,
    /// Which columns these are; rows of other columns begin anew.
    pub(super) layout: u32,
    /// Weights of another time are out of date.
    time: u32,
}

#[derive(Clone, Copy, Debug)]
struct Weight {
    slot: u32,
    time: u32,
    posterior: Posterior,
}

#[derive(Clone, Debug)]
struct Row {
    hash: u32,
    layout: u32,
    /// The place of the feature itself.
    own: u32,
    /// The places of its crosses, by column.
    crosses: Vec<u32>,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            index: SlotMap::new(),
            // What does not exist is never out of date, and adds nothing.
            weights: vec![Weight { slot: u32::MAX, time: u32::MAX, posterior: NOTHING }],
            row_of: SlotMap::new(),
            column_of: SlotMap::new(),
            rows: Vec::new(),
            columns: Vec::new(),
            layout: 1,
            time: 1,
        }
    }

    /// Rows for the named features of a candidate.
    pub(super) fn rows(&mut self, space: Space, candidate: &Features) -> Lines {
        let mut lines = Lines::with_capacity(candidate.crossing.len());
        for &(hash, x) in &candidate.crossing {
            let known = self.row_of.entry(hash);
            if *known == 0 {
                let own = place(&mut self.index, &mut self.weights, space.slot(hash));
                self.rows.push(Row { hash, layout: 0, own, crosses: Vec::new() });
                #[allow(clippy::cast_possible_truncation)] // as many as places at most
                (*known = self.rows.len() as u32);
            }
            lines.push((*known - 1, x));
        }
        lines
    }

    /// Columns for the features of a context; `None` if there are too many.
    pub(super) fn columns(&mut self, context: &Features) -> Option<Lines> {
        if context.crossing.len() > COLUMNS {
            return None;
        }
        let mut lines = self.columns_that_fit(context);
        if lines.len() < context.crossing.len() {
            self.layout += 1;
            (self.column_of, self.columns) = (SlotMap::new(), Vec::new());
            lines = self.columns_that_fit(context);
        }
        Some(lines)
    }

    fn columns_that_fit(&mut self, context: &Features) -> Lines {
        let mut lines = Lines::with_capacity(context.crossing.len());
        for &(hash, x) in &context.crossing {
            let mut column = self.column_of.get(hash);
            if column == 0 {
                if self.columns.len() == COLUMNS {
                    break;
                }
                self.columns.push(hash);
                #[allow(clippy::cast_possible_truncation)] // at most COLUMNS
                (column = self.columns.len() as u32);
                *self.column_of.entry(hash) = column;
            }
            lines.push((column - 1, x));
        }
        lines
    }

    /// Whether it has grown so large that it should begin anew.
    pub(super) fn is_full(&self) -> bool {
        self.weights.len() > PLACES
    }

    /// Forgets all rows and columns; numbers given earlier mean nothing any more.
    pub(super) fn clear(&mut self) {
        *self = Self { layout: self.layout + 1, time: self.time, ..Self::new() };
    }

    /// The belief about all weights has changed.
    pub(super) const fn all_changed(&mut self) {
        self.time += 1;
    }

    /// The belief about one weight has changed.
    pub(super) fn changed(&mut self, slot: u32) {
        let at = self.index.get(slot) as usize;
        if at > 0
            && let Some(weight) = self.weights.get_mut(at)
        {
            weight.time = 0;
        }
    }

    /// What is believed about the weight of a slot.
    pub(super) fn posterior<P: Prior>(&mut self, belief: &Widened<'_, P>, slot: u32) -> Posterior {
        let at = place(&mut self.index, &mut self.weights, slot);
        posterior(&mut self.weights, self.time, belief, at)
    }

    /// The part of a logit that a candidate's own features and their crosses with the context make.
    #[inline(never)]
    pub(super) fn own<P: Prior>(&mut self, belief: &Widened<'_, P>, rows: &Lines, columns: &Lines) -> Logit {
        let Self { index, weights, rows: all, columns: contexts, layout, time, .. } = self;
        let mut logit = Logit::default();
        for &(number, x) in rows {
            let Some(row) = all.get_mut(number as usize) else { continue };
            let mut part = Logit::default();
            part.add(x, posterior(weights, *time, belief, row.own));
            if row.layout != *layout {
                row.crosses.clear();
                row.layout = *layout;
            }
            if row.crosses.len() < contexts.len() && !columns.is_empty() {
                row.crosses.resize(contexts.len().next_multiple_of(8), UNKNOWN);
            }
            for &(column, y) in columns {
                let Some(at) = row.crosses.get_mut(column as usize) else { continue };
                if *at == UNKNOWN {
                    let context = contexts.get(column as usize).copied().unwrap_or_default();
                    *at = cross(belief.model.space, index, weights, context, row.hash);
                }
                part.add(cross_strength(x, y), posterior(weights, *time, belief, *at));
            }
            logit.join(part);
        }
        logit
    }
}

#[inline(never)] // once for each cross
fn cross(space: Space, index: &mut SlotMap<u32>, weights: &mut Vec<Weight>, context: u32, candidate: u32) -> u32 {
    if crossed(context, candidate) {
        place(index, weights, space.slot(hash::cross(context, candidate)))
    } else {
        NOWHERE
    }
}

/// The place of a slot, made when it is missing.
fn place(index: &mut SlotMap<u32>, weights: &mut Vec<Weight>, slot: u32) -> u32 {
    let at = index.entry(slot);
    if *at == 0 {
        *at = u32::try_from(weights.len()).unwrap_or(NOWHERE);
        weights.push(Weight { slot, time: 0, posterior: NOTHING });
    }
    *at
}

#[inline(always)] // the innermost step of ranking
fn posterior<P: Prior>(weights: &mut [Weight], time: u32, belief: &Widened<'_, P>, place: u32) -> Posterior {
    match weights.get_mut(place as usize) {
        Some(weight) if weight.time >= time => weight.posterior,
        Some(weight) => refreshed(weight, time, belief),
        None => NOTHING,
    }
}

#[inline(never)] // once after each change
fn refreshed<P: Prior>(weight: &mut Weight, time: u32, belief: &Widened<'_, P>) -> Posterior {
    weight.time = time;
    weight.posterior = belief.posterior(weight.slot);
    weight.posterior
}
