//! When a person's word would teach most.
//!
//! The value of an answer is what it would take off the variance of the predictions that follow, if what follows looks
//! like what came before: Σ f_i x_i² d_i v_i² / (1 + d_i v_i), where v_i is the posterior variance of a weight,
//! d_i = κ p (1 − p) x_i² the precision that the learner would add to it, and f_i the share of recent decisions that showed the
//! feature. It is large where the outcome is open, the weights are uncertain and the features come again (variance
//! minimisation: Cohn, Ghahramani and Jordan 1996, "Active learning with statistical models"; the sum is over single
//! features, since words and crosses come again too rarely to count).

use super::Page;
use super::mind::Mind;
use crate::feature::Features;
use crate::feature::hash::{self, Kind};
use crate::learner::Prediction;

/// How many counters there are; features share some.
const COUNTERS: usize = 1_024;
/// Recent decisions: when so many are counted, all counts are halved.
const RECENT: u32 = 128;
/// Most features of a decision that are looked at.
const FEATURES: usize = 64;
/// What the bar is multiplied by when somebody is asked. In the long run one in ten is asked, since what it falls by
/// otherwise is the ninth root.
const RISE: f64 = 1.5;
/// RISE to the power of −1/9.
const FALL: f64 = 0.955_947_653_4;

/// What came lately, and how high the bar for asking is.
#[derive(Clone, Debug, Default)]
pub(super) struct Attention {
    seen: Vec<u16>,
    decisions: u32,
    bar: f64,
}

impl Attention {
    /// Whether an answer about this would teach more than one about nine of ten decisions of late; counts it.
    fn asks(
        &mut self,
        mind: &Mind,
        surface: &str,
        context: &Features,
        shown: &Features,
        prediction: Prediction,
    ) -> bool {
        self.seen.resize(COUNTERS, 0);
        if self.decisions >= RECENT {
            self.seen.iter_mut().for_each(|count| *count /= 2);
            self.decisions /= 2;
        }
        self.decisions += 1;
        let p = prediction.probability;
        let growth = prediction.kappa() * p * (1.0 - p);
        let mut worth = 0.0;
        let features = context.crossing.iter().chain(&shown.crossing).take(FEATURES);
        for (hash, x) in core::iter::once((hash::feature(Kind::Constant, surface, ""), 1.0)).chain(features.copied()) {
            let (_, _, variance) = mind.known_at(mind.slot(hash));
            let added = growth * x * x;
            if let Some(count) = self.seen.get_mut(hash as usize % COUNTERS) {
                *count = count.saturating_add(1);
                worth += f64::from(*count) * x * x * added * variance * variance / (1.0 + added * variance);
            }
        }
        worth /= f64::from(self.decisions);
        let asks = worth > self.bar;
        // The first decision sets it; a bar that has fallen too far is caught up with at once.
        self.bar = if asks { (self.bar * RISE).max(worth) } else { self.bar * FALL };
        asks
    }
}

impl Page {
    /// Whether the person's word about what is shown first would teach more than about nine of ten decisions of late.
    pub(super) fn asks(&mut self, surface: &str, context: &Features, shown: &Features, expected: Prediction) -> bool {
        let mut attention = core::mem::take(&mut self.attention);
        let asks = attention.asks(&self.mind, surface, context, shown, expected);
        self.attention = attention;
        asks
    }

    /// Learns from the kept decisions what comes often and when it is worth asking.
    pub(super) fn remember_asking(&mut self) {
        let decisions = core::mem::take(&mut self.decisions);
        for record in decisions.values().skip(decisions.len().saturating_sub(RECENT as usize)) {
            if let Some(first) = record.candidates.first() {
                let expected = Prediction { mean: 0.0, variance: 0.0, probability: record.how.prediction };
                self.asks(&record.surface, &record.context_features, &first.features, expected);
            }
        }
        self.decisions = decisions;
    }
}
