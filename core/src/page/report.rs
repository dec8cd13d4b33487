//! What the app may ask about the page's state.

use super::Page;
use crate::belief::Prior;
use crate::consent::Consent;
use crate::feature::Labels;
use crate::journal::{Entry, Record};
use crate::map::Map;
use crate::math;
use crate::sort::sort_by_key;
use serde::Serialize;

/// How things stand.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Whether the storage has been read.
    pub ready: bool,
    /// What the person allows.
    pub consent: Consent,
    /// Signals that wait to be sent, those on their way included.
    pub queued: usize,
    /// Signals on their way.
    pub in_flight: usize,
    /// Signals in the journal.
    pub signals: usize,
    /// Decisions that feedback can still be given about.
    pub decisions: usize,
    /// Signals that will not be sent, by the code of the reason.
    pub dropped: Map<String, u64>,
    /// The version of everybody's weights; 0 for none.
    pub version: u64,
    /// Failed requests in a row.
    pub failures: u32,
    /// The last failure, until a request succeeds.
    pub last_error: Option<String>,
}

/// One thing that was learned about the person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trait {
    /// The feature in the app's own words: `style=short`, or two of them with ` × ` between.
    pub feature: String,
    /// How much it raises (or lowers) the logit of a good outcome for this person, beyond what holds for everybody.
    pub weight: f64,
    /// Standard deviation of that.
    pub uncertainty: f64,
}

/// Everything that is kept about the person, for the person to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Export {
    /// The form of this file.
    pub format: &'static str,
    /// The model that learned.
    pub model: String,
    /// What the person allows.
    pub consent: Consent,
    /// What was said.
    pub entries: Vec<Entry>,
    /// What it was said about.
    pub decisions: Vec<Record>,
}

impl Page {
    /// How things stand.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            ready: self.ready,
            consent: self.consent,
            queued: self.outbox.len(),
            in_flight: self.outbox.in_flight(),
            signals: self.entries.len() + self.held.len(),
            decisions: self.decisions.len(),
            dropped: self.dropped.clone(),
            version: self.mind.weights().head().version,
            failures: self.outbox.failures(),
            last_error: self.last_error.clone(),
        }
    }

    /// What was learned about this person, strongest evidence first, at most `most` of it. Only what is still among
    /// the kept decisions has a name; words are never named.
    #[must_use]
    pub fn profile(&self, most: usize) -> Vec<Trait> {
        let mut labels = Labels::default();
        for record in self.decisions.values().filter(|record| self.active.contains_key(&record.id)) {
            for shown in &record.candidates {
                labels.add(self.model.space, &record.surface, &record.context, &shown.candidate.features);
            }
        }
        let belief = self.mind.belief();
        let traits: Vec<Trait> = labels
            .iter()
            .filter(|(slot, _)| !self.site().at(*slot).is_zero())
            .map(|(slot, feature)| {
                let posterior = belief.posterior(slot);
                Trait {
                    feature: feature.into(),
                    weight: posterior.mean - belief.prior.at(slot).1,
                    uncertainty: math::sqrt(posterior.variance),
                }
            })
            .collect();
        let mut order: Vec<usize> = (0..traits.len()).collect();
        let strength = |trait_: &Trait| (trait_.weight / trait_.uncertainty).abs();
        sort_by_key(&mut order, |place| traits.get(*place).map(|trait_| -strength(trait_)));
        order.into_iter().take(most).filter_map(|place| traits.get(place).cloned()).collect()
    }

    /// Everything that is kept about the person.
    #[must_use]
    pub fn export(&self) -> Export {
        Export {
            format: "flywheel-export-1",
            model: self.model.id(),
            consent: self.consent,
            entries: self.entries.values().cloned().collect(),
            decisions: self.decisions.values().cloned().collect(),
        }
    }
}
