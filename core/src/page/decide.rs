//! Ranking candidates and remembering the decision.

use super::Page;
use crate::consent::{Share, candidate_without_text, without_text};
use crate::error::{Code, Error, Result};
use crate::feature::form::note_novel;
use crate::feature::{Candidate, Features, Object, Str, check_name, limits};
use crate::id::Id;
use crate::journal::{Record, Shown};
use crate::learner::Prediction;
use crate::rank::{By, MORE, Policy, Rule, check_rules, rank};
use crate::redact;
use crate::signal::{How, ORDER};
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

impl Request {
    /// Before anything is read from it: what is found teaches nothing and is nowhere kept.
    fn redact(&mut self) {
        redact::object(&mut self.context);
        self.candidates.iter_mut().for_each(redact::candidate);
    }
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

/// A request that was read.
pub(super) struct Prepared {
    pub(super) surface: Str,
    /// What is known about the moment, as far as it may be kept.
    pub(super) context: Arc<Object>,
    /// The same as features.
    pub(super) features: Arc<Features>,
    /// What could be shown.
    pub(super) candidates: Vec<Arc<Shown>>,
    /// The attempt at the same request before this one.
    pub(super) after: Option<Id>,
}

/// What was decided about candidates that the caller has at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// As [`Decision::id`].
    pub id: Id,
    /// Where each candidate stood in what was asked, best first.
    pub places: Vec<usize>,
    /// As [`Decision::scores`].
    pub scores: Vec<f64>,
    /// As [`Decision::propensity`].
    pub propensity: f64,
    /// As [`Decision::explored`].
    pub explored: bool,
    /// As [`Decision::version`].
    pub version: u64,
    /// As [`Decision::attempt`].
    pub attempt: u32,
    /// As [`Decision::worth_asking`].
    pub worth_asking: bool,
    /// As [`Decision::unready`].
    pub unready: bool,
}

impl Decided {
    /// With the candidates' ids.
    fn about(self, asked: &Prepared) -> Decision {
        let id = |place: &usize| asked.candidates.get(*place).map(|shown| shown.candidate.id.clone());
        let order: Vec<Str> = self.places.iter().filter_map(id).collect();
        Decision {
            id: self.id,
            surface: asked.surface.clone(),
            best: order.first().cloned().unwrap_or_default(),
            order,
            scores: self.scores,
            propensity: self.propensity,
            explored: self.explored,
            version: self.version,
            attempt: self.attempt,
            worth_asking: self.worth_asking,
            unready: self.unready,
        }
    }
}

impl Page {
    /// Orders the candidates and remembers the decision.
    ///
    /// # Errors
    /// [`Code::NoCandidates`], [`Code::TooManyCandidates`], [`Code::DuplicateCandidate`], [`Code::UnknownDecision`] for
    /// an unknown `after`, and as [`Candidate::check`] and [`check_rules`].
    pub fn rank(&mut self, request: Request, now: u64) -> Result<Decision> {
        let (asked, attempt) = self.read(request)?;
        Ok(self.decide(&asked, attempt, now).about(&asked))
    }

    /// As [`Page::rank`], for a caller that has the candidates at hand.
    ///
    /// # Errors
    /// As [`Page::rank`].
    pub fn rank_places(&mut self, request: Request, now: u64) -> Result<Decided> {
        let (asked, attempt) = self.read(request)?;
        Ok(self.decide(&asked, attempt, now))
    }

    /// Checks a request and reads its features; gives also which attempt it is.
    fn read(&self, mut request: Request) -> Result<(Prepared, u32)> {
        request.redact();
        check_name("a surface", &request.surface)?;
        check_count(request.candidates.len())?;
        check_rules(&request.rules, request.candidates.len())?;
        request.context.check()?;
        request.candidates.iter().try_for_each(Candidate::check)?;
        note_novel(&request.context, &mut request.candidates);
        let features = Arc::new(Features::of(&request.context));
        // Words are kept only where they may leave.
        let text = self.consent.text;
        let mut rules = request.rules.into_iter();
        let keep = |candidate: Candidate| {
            let features = Features::of_candidate(&candidate);
            let candidate = if text { candidate } else { candidate_without_text(candidate) };
            Arc::new(Shown { candidate, features, rule: rules.next().unwrap_or_default() })
        };
        let asked = Prepared {
            surface: request.surface,
            context: Arc::new(if text { request.context } else { without_text(&request.context) }),
            features,
            candidates: request.candidates.into_iter().map(keep).collect(),
            after: request.after,
        };
        check_ids(&asked.candidates)?;
        let attempt = match asked.after {
            Some(id) if self.ready => self.record(id)?.attempt.saturating_add(1),
            Some(_) => 2,
            None => 1,
        };
        Ok((asked, attempt))
    }

    /// Orders the candidates of an earlier decision again, by what has been learned since, as the next attempt.
    pub(super) fn rank_again(&mut self, before: Id, now: u64) -> Result<Decision> {
        let record = self.record(before)?;
        let asked = Prepared {
            surface: record.surface.clone(),
            context: record.context.clone(),
            features: record.context_features.clone(),
            candidates: record.candidates.clone(),
            after: Some(before),
        };
        let attempt = record.attempt.saturating_add(1);
        Ok(self.decide(&asked, attempt, now).about(&asked))
    }

    /// What the page expects of each candidate, as its policy takes it; nothing is decided or kept.
    ///
    /// # Errors
    /// As [`Candidate::check`].
    pub fn expectations(&mut self, request: &Request, now: u64) -> Result<Vec<Prediction>> {
        let mut request = request.clone();
        request.redact();
        note_novel(&request.context, &mut request.candidates);
        let candidate = |candidate: &Candidate| {
            let features = Features::of_candidate(candidate);
            candidate.check().map(|()| Arc::new(Shown { candidate: candidate.clone(), features, rule: Rule::None }))
        };
        let candidates = request.candidates.iter().map(candidate).collect::<Result<Vec<_>>>()?;
        Ok(self.predictions(&request.surface, now, &Features::of(&request.context), &candidates))
    }

    pub(super) fn predictions(
        &mut self,
        surface: &str,
        now: u64,
        context: &Features,
        candidates: &[Arc<Shown>],
    ) -> Vec<Prediction> {
        let mut predictions = self.mind.expect_all(surface, now, context, candidates);
        if MORE && matches!(self.policy.by, By::Bonus(_)) {
            for (prediction, shown) in predictions.iter_mut().zip(candidates) {
                let vector = self.model.space.vector(surface, context, &shown.features);
                prediction.variance = self.mind.crowd_variance(&vector);
            }
        }
        predictions
    }

    fn decide(&mut self, asked: &Prepared, attempt: u32, now: u64) -> Decided {
        // What is said about it will be learned for the day in its id; after a clock was set back that is not today.
        let id = self.fresh_id(now);
        let predictions = self.predictions(&asked.surface, id.at_ms(), &asked.features, &asked.candidates);
        let rules: Vec<Rule> = asked.candidates.iter().map(|shown| shown.rule).collect();
        self.settle(asked, id, (attempt, now), predictions, &rules)
    }

    /// Draws the order from what is expected, and remembers the decision.
    pub(super) fn settle(
        &mut self,
        asked: &Prepared,
        id: Id,
        (attempt, now): (u32, u64),
        mut predictions: Vec<Prediction>,
        rules: &[Rule],
    ) -> Decided {
        // Until the storage is read, and for who is held out, the app's own order stands.
        let held_out = self.side.is_held_out();
        let learned = self.ready && !held_out;
        let policy = if learned { self.policy } else { Policy::GREEDY };
        if !learned {
            for (place, prediction) in predictions.iter_mut().enumerate() {
                #[allow(clippy::cast_precision_loss)] // at most a thousand
                (prediction.mean = -(place as f64));
            }
        }
        let ranking = rank(policy, &predictions, rules, &mut self.rng);
        let expected = |place: &usize| predictions.get(*place).copied();
        let scores: Vec<f64> = ranking.order.iter().filter_map(expected).map(|expected| expected.probability).collect();
        let worth_asking = cfg!(feature = "insight") && self.ready && self.consent.learn && {
            let first = ranking.order.first();
            first
                .and_then(|place| expected(place).zip(asked.candidates.get(*place)))
                .is_some_and(|(expected, shown)| self.asks(&asked.surface, &asked.features, &shown.features, expected))
        };
        let decided = Decided {
            id,
            scores,
            propensity: ranking.propensity,
            explored: ranking.explored,
            version: self.mind.weights().head().version,
            attempt,
            worth_asking,
            unready: !self.ready,
            places: ranking.order,
        };
        if self.consent.learn {
            if self.sender.is_some() && self.consent.share != Share::Denied {
                self.records.note(id, held_out, decided.places.len() <= ORDER);
            }
            let kept = decided.places.iter().take(ORDER).filter_map(|place| asked.candidates.get(*place));
            self.keep(Record {
                id,
                at: now,
                surface: asked.surface.clone(),
                context: asked.context.clone(),
                context_features: asked.features.clone(),
                candidates: kept.cloned().collect(),
                how: How {
                    propensity: decided.propensity,
                    explored: decided.explored,
                    prediction: decided.scores.first().copied().unwrap_or(0.5),
                    version: decided.version,
                },
                after: asked.after,
                attempt,
            });
        }
        decided
    }

    /// The probability with which the first text is preferred to the second.
    #[must_use]
    pub fn expect_pair(&self, context: &Features, better: &Features, worse: &Features) -> Prediction {
        self.mind.expect(&self.model.space.difference(context, better, worse))
    }

    /// An id later than all that this page made before, even within a millisecond or when the clock goes back.
    pub(super) fn fresh_id(&mut self, now: u64) -> Id {
        let now = now.saturating_add_signed(self.skew_ms);
        let (at, count) = self.last_id;
        self.last_id = match count {
            _ if now > at => (now, 0),
            0..0x0FFF => (at, count + 1),
            _ => (at + 1, 0),
        };
        Id::new(self.last_id.0, [self.last_id.1, self.rng.next_u64()])
    }
}

pub(super) fn check_count(candidates: usize) -> Result<()> {
    if candidates == 0 {
        return Err(Error::new(Code::NoCandidates, "there must be at least one candidate"));
    }
    if candidates > limits::CANDIDATES {
        return Err(Error::new(Code::TooManyCandidates, "at most 1000 candidates are taken"));
    }
    Ok(())
}

pub(super) fn check_ids(candidates: &[Arc<Shown>]) -> Result<()> {
    // Ids that differ nearly always differ in their ends.
    let end = |id: &str| id.bytes().rev().take(8).fold(0u32, |end, byte| end.rotate_left(4) ^ u32::from(byte));
    let mut ends: Vec<u32> = Vec::with_capacity(candidates.len());
    for shown in candidates {
        let id = &*shown.candidate.id;
        let mine = end(id);
        let mut before = ends.iter().zip(candidates);
        if before.any(|(end, other)| *end == mine && *other.candidate.id == *id) {
            return Err(Error::new(Code::DuplicateCandidate, ["two candidates have the id `", id, "`"].concat()));
        }
        ends.push(mine);
    }
    Ok(())
}
