//! Why a candidate has the score that it has.

use super::Page;
use super::report::strongest;
use crate::consent::{candidate_without_text, without_text};
use crate::error::{Code, Error, Result};
use crate::feature::{DAY, Labels};
use crate::id::Id;
use crate::journal::Shown;
use serde::Serialize;

/// A part of a logit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Term {
    /// The feature in the app's own words, two of them with ` × ` between, or `words of …` for all words together.
    pub feature: String,
    /// What everybody's weights add to the logit.
    pub everybody: f64,
    /// What this person's own evidence adds to that.
    pub own: f64,
}

/// Why a candidate has the score that it has, by what is known now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The candidate's id.
    pub candidate: String,
    /// The sum of all terms and of the rest: what candidates are ordered by.
    pub logit: f64,
    /// The probability of a good outcome that it means. It is nearer to ½ than the logit alone says, as far as the
    /// weights are uncertain.
    pub probability: f64,
    /// What was predicted for the first place when the decision was made.
    pub predicted: f64,
    /// Whether something was learned since that changes what is expected of the first place: then the terms are not
    /// those that made the decision.
    pub changed: bool,
    /// Strongest first.
    pub terms: Vec<Term>,
    /// The others together.
    pub rest: Term,
}

/// What a prediction may differ by when the same numbers are added in another order.
const ROUNDING: f64 = 1e-9;

impl Page {
    /// The terms that make the score of a kept decision's candidate (`None`: of the first place), the strongest
    /// `most` of them by name.
    ///
    /// # Errors
    /// [`Code::UnknownDecision`], [`Code::UnknownCandidate`].
    pub fn explain(&self, decision: Id, candidate: Option<&str>, most: usize) -> Result<Explanation> {
        let record = self.record(decision)?;
        let space = self.model.space;
        let mut all = record.candidates.iter();
        let shown = match candidate {
            None => all.next(),
            Some(id) => all.find(|shown| *shown.candidate.id == *id),
        };
        let shown =
            shown.ok_or_else(|| Error::new(Code::UnknownCandidate, "the decision has no candidate of this id"))?;
        let mut labels = Labels::default();
        let features = candidate_without_text(shown.candidate.clone()).features;
        labels.add(space, &record.surface, &without_text(&record.context), &features);
        labels.add_day(space, &record.surface, record.id.at_ms());
        labels.add_words(space, &shown.features, WORDS);
        labels.add_words(space, &record.context_features, CONTEXT_WORDS);

        // Many slots share the first names; every other name stands for one slot.
        let mut terms: Vec<Term> = [WORDS, CONTEXT_WORDS, OTHERS].map(|name| term(name, 0.0, 0.0)).into();
        let vector = |shown: &Shown| {
            let mut vector = space.vector(&record.surface, &record.context_features, &shown.features);
            vector.push((space.day(space.constant(&record.surface), record.id.at_ms()), DAY));
            vector
        };
        for (slot, x) in vector(shown) {
            let (others, beyond, _) = self.mind.known_at(slot);
            let (everybody, own) = (x * others, x * beyond);
            let name = labels.get(slot).unwrap_or(OTHERS);
            match terms.iter_mut().take(3).find(|term| term.feature == name) {
                Some(term) => add(term, everybody, own),
                None => terms.push(term(name, everybody, own)),
            }
        }
        let strengths: Vec<f64> = terms.iter().map(|term| (term.everybody + term.own).abs()).collect();
        let named: Vec<Term> =
            strongest(&strengths, most).into_iter().filter_map(|at| terms.get(at).cloned()).collect();
        let named: Vec<Term> = named.into_iter().filter(|term| term.everybody != 0.0 || term.own != 0.0).collect();
        let mut rest = term("", 0.0, 0.0);
        terms.iter().for_each(|term| add(&mut rest, term.everybody, term.own));
        named.iter().for_each(|term| add(&mut rest, -term.everybody, -term.own));
        let prediction = self.mind.expect(&vector(shown));
        let first = record.candidates.first().map_or(0.5, |first| self.mind.expect(&vector(first)).probability);
        let predicted = record.how.prediction;
        Ok(Explanation {
            candidate: String::from(&*shown.candidate.id),
            logit: prediction.mean,
            probability: prediction.probability,
            predicted,
            changed: (first - predicted).abs() > ROUNDING,
            terms: named,
            rest,
        })
    }
}

const WORDS: &str = "words of text";
const CONTEXT_WORDS: &str = "words of the context";
/// What has no name any more: a form that could not be kept for want of room.
const OTHERS: &str = "others";

fn term(feature: &str, everybody: f64, own: f64) -> Term {
    Term { feature: feature.into(), everybody, own }
}

fn add(term: &mut Term, everybody: f64, own: f64) {
    term.everybody += everybody;
    term.own += own;
}
