//! Ranking candidates and remembering the decision.

use super::{Layers, Page};
use crate::belief::{Prior, Site, Widened};
use crate::consent::{candidate_without_text, without_text};
use crate::error::{Code, Error, Result};
use crate::feature::{Candidate, Features, Object, Space, check_name, limits};
use crate::id::Id;
use crate::journal::{Record, Shown};
use crate::learner::{Prediction, predict};
use crate::rank::{By, Policy, Rule, check_rules, rank};
use crate::signal::{Choice, ORDER};
use crate::sort::sort_by_key;
use serde::{Deserialize, Serialize};

/// What the app asks: which of these, for this task, in this context?
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The task, such as "answer-style": 1 to 64 characters.
    pub surface: String,
    /// What is known about the moment.
    pub context: Object,
    /// What could be shown, 1 to [`limits::CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// What the app insists on: nothing, or one rule for each candidate.
    pub rules: Vec<Rule>,
    /// The attempt at the same request before this one.
    pub after: Option<Id>,
}

/// What the page decided; plain data, which may be stored with the message it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// Its id, under which feedback is given.
    pub id: Id,
    /// The task.
    pub surface: String,
    /// Id of the candidate in the first place.
    pub best: String,
    /// Ids of all candidates, best first.
    pub order: Vec<String>,
    /// Where each of `order` stood in what was asked; for [`Page::regenerate`] in the order of the attempt before.
    #[serde(skip)]
    pub places: Vec<usize>,
    /// The predicted probability of a good outcome of each, in that order.
    pub scores: Vec<f64>,
    /// The exact probability of the first place, in (0, 1].
    pub propensity: f64,
    /// Whether the uniform share chose the first place.
    pub explored: bool,
    /// The version of everybody's weights that took part; 0 for none.
    pub version: u64,
    /// Which attempt at the request this is, from 1.
    pub attempt: u32,
    /// Present and true if the page had not read its storage yet and kept the app's own order, but for its rules.
    #[serde(skip_serializing_if = "is_false")]
    pub unready: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's shape
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Page {
    /// Orders the candidates and remembers the decision.
    ///
    /// # Errors
    /// [`Code::NoCandidates`], [`Code::TooManyCandidates`], [`Code::DuplicateCandidate`], [`Code::UnknownDecision`] for
    /// an unknown `after`, and as [`Candidate::check`] and [`check_rules`].
    pub fn rank(&mut self, request: Request, now: u64) -> Result<Decision> {
        check_request(&request)?;
        let (after, attempt) = match request.after {
            Some(id) if self.ready => (Some(id), self.record(id)?.attempt.saturating_add(1)),
            other => (other, if other.is_some() { 2 } else { 1 }),
        };
        let context = Features::of(&request.context);
        let mut rules = request.rules.into_iter();
        let candidates = request
            .candidates
            .into_iter()
            .map(|candidate| Shown {
                features: Features::of_candidate(&candidate),
                candidate,
                rule: rules.next().unwrap_or_default(),
            })
            .collect();
        let kept = if self.consent.text { request.context } else { without_text(&request.context) };
        Ok(self.decide(
            Draft { surface: request.surface, context: kept, features: context, candidates, after, attempt },
            now,
        ))
    }

    /// Orders the candidates of an earlier decision again, by what has been learned since, as the next attempt.
    pub(super) fn rank_again(&mut self, before: Id, now: u64) -> Result<Decision> {
        let record = self.record(before)?.clone();
        let draft = Draft {
            surface: record.surface,
            context: record.context,
            features: record.context_features,
            candidates: record.candidates,
            after: Some(before),
            attempt: record.attempt.saturating_add(1),
        };
        Ok(self.decide(draft, now))
    }

    fn decide(&mut self, draft: Draft, now: u64) -> Decision {
        let mut predictions: Vec<Prediction> = Vec::with_capacity(draft.candidates.len());
        for (place, shown) in draft.candidates.iter().enumerate() {
            let vector = self.model.space.vector(&draft.surface, &draft.features, &shown.features);
            let mut prediction = self.expect(&vector);
            if !self.ready {
                #[allow(clippy::cast_precision_loss)] // at most a thousand
                (prediction.mean = -(place as f64));
            } else if matches!(self.policy.by, By::Bonus(_)) {
                prediction.variance = self.crowd_variance(&vector);
            }
            predictions.push(prediction);
        }
        let rules: Vec<Rule> = draft.candidates.iter().map(|shown| shown.rule).collect();
        // Until the storage is read the app's own order stands.
        let policy = if self.ready { self.policy } else { Policy::GREEDY };
        let ranking = rank(policy, &predictions, &rules, &mut self.rng);
        let mut candidates: Vec<Option<Shown>> = draft.candidates.into_iter().map(Some).collect();
        let ordered: Vec<Shown> =
            ranking.order.iter().filter_map(|place| candidates.get_mut(*place).and_then(Option::take)).collect();
        let scores: Vec<f64> =
            ranking.order.iter().filter_map(|place| predictions.get(*place)).map(|p| p.probability).collect();
        let id = self.fresh_id(now);
        let order: Vec<String> = ordered.iter().map(|shown| shown.candidate.id.clone()).collect();
        let decision = Decision {
            id,
            surface: draft.surface.clone(),
            best: order.first().cloned().unwrap_or_default(),
            scores,
            propensity: ranking.propensity,
            explored: ranking.explored,
            version: self.weights.head().version,
            attempt: draft.attempt,
            unready: !self.ready,
            order,
            places: ranking.order,
        };
        if self.consent.learn {
            self.keep(self.to_record(&decision, draft.context, draft.features, draft.after, ordered, now));
        }
        decision
    }

    fn to_record(
        &self,
        decision: &Decision,
        context: Object,
        context_features: Features,
        after: Option<Id>,
        ordered: Vec<Shown>,
        now: u64,
    ) -> Record {
        // Redaction before anything is kept: words stay only where they may leave.
        let keep = |shown: Shown| {
            let candidate = if self.consent.text { shown.candidate } else { candidate_without_text(shown.candidate) };
            Shown { candidate, ..shown }
        };
        Record {
            id: decision.id,
            at: now,
            surface: decision.surface.clone(),
            context,
            context_features,
            candidates: ordered.into_iter().take(ORDER).map(keep).collect(),
            choice: Choice {
                order: decision.order.iter().take(ORDER).cloned().collect(),
                propensity: decision.propensity,
                explored: decision.explored,
                prediction: decision.scores.first().copied().unwrap_or(0.5),
                version: decision.version,
            },
            after,
            attempt: decision.attempt,
        }
    }

    /// The probability with which the first text is preferred to the second.
    #[must_use]
    pub fn expect_pair(&self, surface: &str, context: &Features, better: &Features, worse: &Features) -> Prediction {
        let space = self.model.space;
        let difference =
            Space::difference(&space.vector(surface, context, better), &space.vector(surface, context, worse));
        self.expect(&difference)
    }

    fn expect(&self, vector: &crate::feature::Vector) -> Prediction {
        match self.layers {
            Layers::Both => predict(&self.belief(), vector),
            Layers::GlobalOnly => {
                let none = Site::new();
                let prior = crate::belief::Others { own: &none, ..self.others() };
                predict(&Widened::new(&self.model, prior, &none), vector)
            }
        }
    }

    /// How uncertain everybody's weights alone leave the logit.
    fn crowd_variance(&self, vector: &crate::feature::Vector) -> f64 {
        let others = self.others();
        vector.iter().map(|&(slot, x)| x * x / others.at(slot).0).sum()
    }

    /// An id later than all that this page made before, even within a millisecond or when the clock goes back.
    pub(super) fn fresh_id(&mut self, now: u64) -> Id {
        let (at, count) = self.last_id;
        self.last_id = match count {
            _ if now > at => (now, 0),
            0..0x0FFF => (at, count + 1),
            _ => (at + 1, 0),
        };
        Id::new(self.last_id.0, [self.last_id.1, self.rng.next_u64()])
    }
}

struct Draft {
    surface: String,
    context: Object,
    features: Features,
    candidates: Vec<Shown>,
    after: Option<Id>,
    attempt: u32,
}

fn check_request(request: &Request) -> Result<()> {
    check_name("a surface", &request.surface)?;
    if request.candidates.is_empty() {
        return Err(Error::new(Code::NoCandidates, "there must be at least one candidate"));
    }
    if request.candidates.len() > limits::CANDIDATES {
        return Err(Error::new(Code::TooManyCandidates, "at most 1000 candidates are taken"));
    }
    check_rules(&request.rules, request.candidates.len())?;
    request.context.check()?;
    let mut ids = Vec::with_capacity(request.candidates.len());
    for candidate in &request.candidates {
        candidate.check()?;
        ids.push(candidate.id.as_str());
    }
    sort_by_key(&mut ids, |id| *id);
    match ids.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => {
            let id = pair.first().copied().unwrap_or_default();
            Err(Error::new(Code::DuplicateCandidate, ["two candidates have the id `", id, "`"].concat()))
        }
        None => Ok(()),
    }
}
