//! What the app may ask about the page's state.

use super::Page;
use super::hints::MORE;
use crate::belief::Diff;
use crate::consent::{Consent, candidate_without_text, without_text};
use crate::feature::{Candidate, Labels, Object};
use crate::journal::{Entry, Record};
use crate::map::Map;
use crate::math;
use serde::Serialize;
use std::sync::Arc;

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
    /// How many decisions it was learned from.
    pub signals: usize,
    /// Its slot.
    #[serde(skip)]
    pub slot: u32,
}

/// Everything that is kept about the person, for the person to read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Export<'a> {
    /// The form of this file.
    pub format: &'static str,
    /// The model that learned.
    pub model: String,
    /// What the person allows.
    pub consent: Consent,
    /// What was said.
    pub entries: Vec<&'a Entry>,
    /// What it was said about.
    pub decisions: Vec<&'a Record>,
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
            signals: self.past_only() + self.entries.len() + self.held.len(),
            decisions: self.decisions.len() + self.asleep.len(),
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
        let mut traits = self.traits(true, most);
        for learned in &mut traits {
            learned.signals = self.signals_about(learned.slot);
        }
        traits
    }

    /// What was learned, the strongest `most` first, not counted; `all` or only what a choice can change.
    pub(super) fn traits(&self, all: bool, most: usize) -> Vec<Trait> {
        let (space, mut labels) = (self.model.space, Labels::default());
        // What a correction may bring in that no kept answer had.
        let any = Candidate { text: Some(ANY_FORM.into()), ..Candidate::default() };
        labels.add_choice(
            space,
            &Object::default(),
            &candidate_without_text(any).features,
            if all { "" } else { MORE },
        );
        for record in self.decisions.values().filter(|record| self.active.contains_key(&record.id)) {
            let context = without_text(&record.context);
            for shown in &record.candidates {
                let features = candidate_without_text(shown.candidate.clone()).features;
                if all {
                    labels.add(space, &record.surface, &context, &features);
                } else {
                    labels.add_choice(space, &context, &features, MORE);
                }
            }
        }
        let mut traits = Vec::new();
        for (slot, feature) in labels.iter() {
            if !self.site().at(slot).is_zero() {
                let (_, weight, variance) = self.mind.known_at(slot);
                let uncertainty = math::sqrt(variance);
                traits.push(Trait { feature: feature.into(), weight, uncertainty, signals: 0, slot });
            }
        }
        let strengths: Vec<f64> =
            traits.iter().map(|learned: &Trait| (learned.weight / learned.uncertainty).abs()).collect();
        strongest(&strengths, most).into_iter().filter_map(|place| traits.get(place).cloned()).collect()
    }

    /// How many decisions have something in force that touches a slot.
    pub(super) fn signals_about(&self, slot: u32) -> usize {
        let touches = |diff: &&Arc<Diff>| diff.0.iter().any(|(other, _)| *other == slot);
        self.active.values().filter(touches).count()
    }

    /// Everything that is kept about the person.
    #[must_use]
    pub fn export(&self) -> Export<'_> {
        Export {
            format: FORMAT,
            model: self.model.id(),
            consent: self.consent,
            entries: self.entries.values().collect(),
            decisions: self.decisions.values().collect(),
        }
    }
}

/// What an export says it is.
pub const FORMAT: &str = "flywheel-export-1";

/// A text that has every form.
const ANY_FORM: &str = "# a\n- b\n```\nhttp://a?!";

/// Places by strength, the strongest `most` first. (Sorting costs the page more than looking for the largest.)
#[inline(never)]
pub(super) fn strongest(strengths: &[f64], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    let (mut before, mut from) = (f64::INFINITY, 0);
    while order.len() < most.min(strengths.len()) {
        let (mut best, mut at) = (f64::NEG_INFINITY, None);
        for (place, strength) in strengths.iter().enumerate() {
            // What is as strong as the last one and stands after it comes next.
            let comes = *strength < before || (*strength == before && place >= from);
            if comes && *strength > best {
                (best, at) = (*strength, Some(place));
            }
        }
        let Some(place) = at else { break };
        (before, from) = (best, place + 1);
        order.push(place);
    }
    order
}
