//! Ranking candidates and remembering the decision.

use super::Page;
use crate::consent::{candidate_without_text, without_text};
use crate::error::{Code, Error, Result};
use crate::feature::{Candidate, Features, Object, Str, check_name, limits};
use crate::id::Id;
use crate::journal::{Record, Shown};
use crate::learner::Prediction;
use crate::rank::{By, Policy, Rule, check_rules, rank};
use crate::signal::{Choice, ORDER};
use crate::sort::sort_by_key;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the app asks: which of these, for this task, in this context?
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// The task, such as "answer-style": 1 to 64 characters.
    pub surface: Str,
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
    pub surface: Str,
    /// Id of the candidate in the first place.
    pub best: Str,
    /// Ids of all candidates, best first.
    pub order: Vec<Str>,
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
    /// Whether a word of the person about it would teach more than about nine of ten decisions of late: a good moment
    /// to ask.
    #[serde(skip)]
    pub worth_asking: bool,
    /// Present and true if the page had not read its storage yet and kept the app's own order, but for its rules.
    #[serde(skip_serializing_if = "is_false")]
    pub unready: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's shape
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A request whose features were read before: names and values that come again are looked at once.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The task.
    pub surface: Str,
    /// What is known about the moment, as far as it may be kept.
    pub context: Arc<Object>,
    /// The same as features.
    pub features: Arc<Features>,
    /// What could be shown.
    pub candidates: Vec<Arc<Shown>>,
    /// The attempt at the same request before this one.
    pub after: Option<Id>,
}

impl Page {
    /// Orders the candidates and remembers the decision.
    ///
    /// # Errors
    /// [`Code::NoCandidates`], [`Code::TooManyCandidates`], [`Code::DuplicateCandidate`], [`Code::UnknownDecision`] for
    /// an unknown `after`, and as [`Candidate::check`] and [`check_rules`].
    pub fn rank(&mut self, request: Request, now: u64) -> Result<Decision> {
        check_name("a surface", &request.surface)?;
        check_count(request.candidates.len())?;
        check_rules(&request.rules, request.candidates.len())?;
        request.context.check()?;
        request.candidates.iter().try_for_each(Candidate::check)?;
        let features = Arc::new(Features::of(&request.context));
        // Redaction before anything is kept: words stay only where they may leave.
        let text = self.consent.text;
        let mut rules = request.rules.into_iter();
        let keep = |candidate: Candidate| {
            let features = Features::of_candidate(&candidate);
            let candidate = if text { candidate } else { candidate_without_text(candidate) };
            Arc::new(Shown { candidate, features, rule: rules.next().unwrap_or_default() })
        };
        self.rank_prepared(
            Prepared {
                surface: request.surface,
                context: Arc::new(if text { request.context } else { without_text(&request.context) }),
                features,
                candidates: request.candidates.into_iter().map(keep).collect(),
                after: request.after,
            },
            now,
        )
    }

    /// Orders candidates that were read and checked before, and hold no text.
    ///
    /// # Errors
    /// As [`Page::rank`], but for what was checked before.
    pub fn rank_prepared(&mut self, request: Prepared, now: u64) -> Result<Decision> {
        check_count(request.candidates.len())?;
        check_rules(&rules(&request.candidates), request.candidates.len())?;
        check_ids(&request.candidates)?;
        let attempt = match request.after {
            Some(id) if self.ready => self.record(id)?.attempt.saturating_add(1),
            Some(_) => 2,
            None => 1,
        };
        Ok(self.decide(request, attempt, now))
    }

    /// Orders the candidates of an earlier decision again, by what has been learned since, as the next attempt.
    pub(super) fn rank_again(&mut self, before: Id, now: u64) -> Result<Decision> {
        let record = self.record(before)?;
        let request = Prepared {
            surface: record.surface.clone(),
            context: record.context.clone(),
            features: record.context_features.clone(),
            candidates: record.candidates.clone(),
            after: Some(before),
        };
        let attempt = record.attempt.saturating_add(1);
        Ok(self.decide(request, attempt, now))
    }

    /// What the page expects of each candidate, as its policy takes it; nothing is decided or kept.
    ///
    /// # Errors
    /// As [`Candidate::check`].
    pub fn expectations(&mut self, request: &Request, now: u64) -> Result<Vec<Prediction>> {
        let candidate = |candidate: &Candidate| {
            let features = Features::of_candidate(candidate);
            candidate.check().map(|()| Arc::new(Shown { candidate: candidate.clone(), features, rule: Rule::None }))
        };
        let candidates = request.candidates.iter().map(candidate).collect::<Result<Vec<_>>>()?;
        Ok(self.predictions(&request.surface, now, &Arc::new(Features::of(&request.context)), &candidates))
    }

    fn predictions(
        &mut self,
        surface: &str,
        now: u64,
        context: &Arc<Features>,
        candidates: &[Arc<Shown>],
    ) -> Vec<Prediction> {
        let mut predictions = self.mind.expect_all(surface, now, context, candidates);
        if matches!(self.policy.by, By::Bonus(_)) {
            for (prediction, shown) in predictions.iter_mut().zip(candidates) {
                let vector = self.model.space.vector(surface, context, &shown.features);
                prediction.variance = self.mind.crowd_variance(&vector);
            }
        }
        predictions
    }

    fn decide(&mut self, request: Prepared, attempt: u32, now: u64) -> Decision {
        // What is said about it will be learned for the day in its id; after a clock was set back that is not today.
        let id = self.fresh_id(now);
        let mut predictions = self.predictions(&request.surface, id.at_ms(), &request.features, &request.candidates);
        // Until the storage is read the app's own order stands.
        let policy = if self.ready { self.policy } else { Policy::GREEDY };
        if !self.ready {
            for (place, prediction) in predictions.iter_mut().enumerate() {
                #[allow(clippy::cast_precision_loss)] // at most a thousand
                (prediction.mean = -(place as f64));
            }
        }
        let ranking = rank(policy, &predictions, &rules(&request.candidates), &mut self.rng);
        let ordered = || ranking.order.iter().filter_map(|place| request.candidates.get(*place));
        let order: Vec<Str> = ordered().map(|shown| shown.candidate.id.clone()).collect();
        let probability = |place: &usize| predictions.get(*place).map(|prediction: &Prediction| prediction.probability);
        let scores: Vec<f64> = ranking.order.iter().filter_map(probability).collect();
        let first =
            ranking.order.first().copied().and_then(|place| predictions.get(place).zip(request.candidates.get(place)));
        let worth_asking = cfg!(feature = "insight")
            && self.ready
            && self.consent.learn
            && first.is_some_and(|(expected, shown)| {
                self.asks(&request.surface, &request.features, &shown.features, *expected)
            });
        let decision = Decision {
            id,
            surface: request.surface.clone(),
            best: order.first().cloned().unwrap_or_default(),
            scores,
            propensity: ranking.propensity,
            explored: ranking.explored,
            version: self.mind.weights().head().version,
            attempt,
            worth_asking,
            unready: !self.ready,
            order,
            places: Vec::new(),
        };
        if self.consent.learn {
            let kept: Vec<Arc<Shown>> = ordered().take(ORDER).cloned().collect();
            self.keep(Record {
                id: decision.id,
                at: now,
                surface: request.surface,
                context: request.context,
                context_features: request.features,
                candidates: kept,
                choice: Choice {
                    order: decision.order.iter().take(ORDER).cloned().collect(),
                    propensity: decision.propensity,
                    explored: decision.explored,
                    prediction: decision.scores.first().copied().unwrap_or(0.5),
                    version: decision.version,
                },
                after: request.after,
                attempt,
            });
        }
        Decision { places: ranking.order, ..decision }
    }

    /// The probability with which the first text is preferred to the second.
    #[must_use]
    pub fn expect_pair(&self, context: &Features, better: &Features, worse: &Features) -> Prediction {
        self.mind.expect(&self.model.space.difference(context, better, worse))
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

fn rules(candidates: &[Arc<Shown>]) -> Vec<Rule> {
    candidates.iter().map(|shown| shown.rule).collect()
}

fn check_count(candidates: usize) -> Result<()> {
    if candidates == 0 {
        return Err(Error::new(Code::NoCandidates, "there must be at least one candidate"));
    }
    if candidates > limits::CANDIDATES {
        return Err(Error::new(Code::TooManyCandidates, "at most 1000 candidates are taken"));
    }
    Ok(())
}

fn check_ids(candidates: &[Arc<Shown>]) -> Result<()> {
    let mut ids: Vec<&str> = candidates.iter().map(|shown| &*shown.candidate.id).collect();
    sort_by_key(&mut ids, |id| *id);
    match ids.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => {
            let id = pair.first().copied().unwrap_or_default();
            Err(Error::new(Code::DuplicateCandidate, ["two candidates have the id `", id, "`"].concat()))
        }
        None => Ok(()),
    }
}
