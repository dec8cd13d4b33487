//! What people say, and what it teaches.

use crate::error::{Code, Error, Result};
use crate::feature::{Candidate, DAY, Features, Object, Space, Str, check_name, check_text, text};
use crate::id::Id;
use crate::learner::Observation;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How much a regeneration counts: what was shown was not wanted, but nobody said that it was bad.
pub const REGENERATE_WEIGHT: f64 = 0.5;
/// How much "this rather than the earlier attempt" counts where nobody said it in so many words: a later attempt was
/// copied, kept, bought or edited.
pub const ACCEPTED_WEIGHT: f64 = 0.5;
/// The app's words for a reward that means that the answer was accepted.
const ACCEPTING: [&str; 3] = ["copied", "kept", "bought"];
/// The largest weight of a signal; a larger one than 1 is learned in so many steps.
pub const WEIGHT: f64 = 64.0;
/// Longest list of candidate ids that a signal carries.
pub const ORDER: usize = 64;

/// A thumb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thumb {
    /// Good.
    Up,
    /// Bad.
    Down,
}

/// What a person changed about an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Correction {
    /// The share of words that were edited, 0 to 1.
    pub share: f64,
    /// The answer as it was shown; with consent to `text` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// The answer as the person wants it; with consent to `text` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<String>,
    /// The form of what was shown, where the words stay at home.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub shown_form: Object,
    /// The form of the corrected answer, where the words stay at home.
    #[serde(skip_serializing_if = "Object::is_empty")]
    pub corrected_form: Object,
}

/// What a person, or the app on the person's behalf, says about a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// Good or bad.
    Thumb(Thumb),
    /// Whatever was said about the decision before is taken back.
    Retract,
    /// The shown candidate is preferred to this one.
    Prefer {
        /// What was not preferred.
        over: Candidate,
    },
    /// The answer was edited.
    Correction(Correction),
    /// Another attempt was asked for.
    Regenerate,
    /// The app's own measure of success.
    Reward {
        /// 0 (nothing) to 1 (all that one could wish).
        value: f64,
        /// The app's word for it: "copied", "kept", "bought".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

/// How the shown candidate came to be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Candidate ids in the order shown, at most [`ORDER`].
    pub order: Vec<Str>,
    /// The probability with which the first place came to be what it is, in (0, 1].
    pub propensity: f64,
    /// Whether the uniform share chose.
    pub explored: bool,
    /// The predicted probability of a good outcome.
    pub prediction: f64,
    /// The version of the weights that predicted.
    pub version: u64,
}

/// The same without the order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct How {
    /// As [`Choice::propensity`].
    pub propensity: f64,
    /// As [`Choice::explored`].
    pub explored: bool,
    /// As [`Choice::prediction`].
    pub prediction: f64,
    /// As [`Choice::version`].
    pub version: u64,
}

impl How {
    /// With the order.
    #[must_use]
    pub const fn with(self, order: Vec<Str>) -> Choice {
        let Self { propensity, explored, prediction, version } = self;
        Choice { order, propensity, explored, prediction, version }
    }
}

impl Choice {
    /// Without the order.
    #[must_use]
    pub const fn how(&self) -> How {
        let &Self { propensity, explored, prediction, version, .. } = self;
        How { propensity, explored, prediction, version }
    }

    /// Checks everything that a stranger could have put into it.
    ///
    /// # Errors
    /// As [`Signal::check`].
    pub fn check(&self) -> Result<()> {
        check_share("a propensity", self.propensity)?;
        check_share("a prediction", self.prediction)?;
        if self.order.len() > ORDER {
            return Err(Error::new(Code::TooManyCandidates, format!("an order lists at most {ORDER} ids")));
        }
        self.order.iter().try_for_each(|id| check_name("a candidate's id", id))
    }
}

/// One statement about one decision, with everything that is needed to learn from it now and under a later model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Its idempotency key: the same id is never counted twice.
    pub id: Id,
    /// When it was said: milliseconds since 1970, by the client's clock.
    pub at: u64,
    /// The decision that it is about. The latest signal about a decision replaces earlier ones.
    pub decision: Id,
    /// The task, such as "answer-style".
    pub surface: Str,
    /// What was known when the decision was made.
    #[serde(default, skip_serializing_if = "Object::is_empty")]
    pub context: Object,
    /// What the statement is about.
    pub shown: Candidate,
    /// How it came to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// An earlier attempt at the same request that was not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Candidate>,
    /// The statement.
    pub feedback: Feedback,
    /// How much it counts, above 0 and at most [`WEIGHT`]; 1 if left out. Only seeds carry one: a server takes no signal
    /// with a weight from a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Whether a program, not a person, was at the browser (`navigator.webdriver`).
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub automated: bool,
}

/// What a statement teaches, in features.
#[derive(Clone, Debug, PartialEq)]
pub enum Lesson<'a> {
    /// What was shown was good (1), bad (0) or between.
    Verdict {
        /// What was shown.
        shown: &'a Features,
        /// 0 to 1.
        verdict: f64,
        /// How much it counts.
        weight: f64,
    },
    /// One thing was better than another.
    Pair {
        /// The better one.
        better: Cow<'a, Features>,
        /// The other.
        worse: Cow<'a, Features>,
        /// How much it counts: the confidence that this was meant.
        weight: f64,
    },
}

impl Signal {
    /// Checks everything that a stranger could have put into it.
    ///
    /// # Errors
    /// As [`Candidate::check`] and [`Object::check`]; [`Code::OutOfRange`] or [`Code::NotFinite`] for a share, reward,
    /// propensity or prediction outside [0, 1], or a weight outside its range; [`Code::TooManyCandidates`] for too long
    /// an order.
    pub fn check(&self) -> Result<()> {
        check_name("a surface", &self.surface)?;
        self.context.check()?;
        self.shown.check()?;
        self.earlier.as_ref().map_or(Ok(()), Candidate::check)?;
        self.choice.as_ref().map_or(Ok(()), Choice::check)?;
        // Not inside, so that what is no number is outside.
        if self.weight.is_some_and(|weight| !(weight > 0.0 && weight <= WEIGHT)) {
            return Err(Error::new(Code::OutOfRange, "a weight must be above 0 and at most 64"));
        }
        self.feedback.check()
    }

    /// What it teaches, from what it carries.
    #[must_use]
    pub fn observations(&self, space: Space) -> Vec<Observation> {
        let context = Features::of(&self.context);
        let shown = Features::of_candidate(&self.shown);
        let earlier = self.earlier.as_ref().map(Features::of_candidate);
        let lessons = self.feedback.lessons(&shown, earlier.as_ref());
        let weight = self.weight.unwrap_or(1.0);
        let observation = |lesson: &Lesson<'_>| {
            let observation = lesson.observation(space, &self.surface, self.decision.at_ms(), &context);
            Observation { weight: observation.weight * weight, ..observation }
        };
        lessons.iter().map(observation).collect()
    }
}

/// Checks a number that must lie between 0 and 1.
///
/// # Errors
/// [`Code::NotFinite`] or [`Code::OutOfRange`].
pub fn check_share(what: &str, value: f64) -> Result<()> {
    if !value.is_finite() {
        return Err(Error::new(
            Code::NotFinite,
            [what, " must be a number from 0 to 1; this is not a finite one"].concat(),
        ));
    }
    if !(0.0..=1.0).contains(&value) {
        return Err(Error::new(Code::OutOfRange, [what, " must be from 0 to 1"].concat()));
    }
    Ok(())
}

impl Feedback {
    /// Checks everything that a stranger could have put into it.
    ///
    /// # Errors
    /// As [`Signal::check`].
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Thumb(_) | Self::Retract | Self::Regenerate => Ok(()),
            Self::Prefer { over } => over.check(),
            Self::Reward { value, reason } => {
                check_share("a reward", *value)?;
                reason.as_deref().map_or(Ok(()), |reason| check_name("a reason", reason))
            }
            Self::Correction(correction) => {
                check_share("a share", correction.share)?;
                correction.shown_form.check()?;
                correction.corrected_form.check()?;
                for text in [&correction.shown, &correction.corrected].into_iter().flatten() {
                    check_text("a correction", text)?;
                }
                Ok(())
            }
        }
    }

    /// Whether a person said it, rather than the app inferring it: explicit signals are sent first and dropped last.
    #[must_use]
    pub const fn is_explicit(&self) -> bool {
        !matches!(self, Self::Reward { .. } | Self::Regenerate)
    }

    /// The confidence that what was shown is wanted rather than an earlier attempt at the same request, 0 to 1: a thumb
    /// says so; what was copied, kept, bought or edited a little says half as much, the less the worse it was.
    #[must_use]
    pub fn acceptance(&self) -> f64 {
        match self {
            Self::Thumb(Thumb::Up) => 1.0,
            Self::Reward { value, reason: Some(reason) } if ACCEPTING.contains(&&**reason) => ACCEPTED_WEIGHT * value,
            Self::Correction(correction) if correction.share < 0.5 => ACCEPTED_WEIGHT * (1.0 - correction.share),
            _ => 0.0,
        }
    }

    /// What it teaches about what was shown; `earlier` is an attempt at the same request that was not wanted.
    #[must_use]
    pub fn lessons<'a>(&self, shown: &'a Features, earlier: Option<&'a Features>) -> Vec<Lesson<'a>> {
        let mut lessons = self.own_lessons(shown);
        let weight = self.acceptance();
        if let Some(worse) = earlier.filter(|_| weight > 0.0) {
            lessons.push(Lesson::Pair { better: Cow::Borrowed(shown), worse: Cow::Borrowed(worse), weight });
        }
        lessons
    }

    fn own_lessons<'a>(&self, shown: &'a Features) -> Vec<Lesson<'a>> {
        let verdict = |verdict, weight| Lesson::Verdict { shown, verdict, weight };
        match self {
            Self::Retract => Vec::new(),
            Self::Thumb(thumb) => vec![verdict(if *thumb == Thumb::Up { 1.0 } else { 0.0 }, 1.0)],
            Self::Regenerate => vec![verdict(0.0, REGENERATE_WEIGHT)],
            Self::Reward { value, .. } => vec![verdict(*value, 1.0)],
            Self::Prefer { over } => {
                let worse = Cow::Owned(Features::of_candidate(over));
                vec![Lesson::Pair { better: Cow::Borrowed(shown), worse, weight: 1.0 }]
            }
            Self::Correction(correction) => vec![match correction.both() {
                // Only the difference counts: a thumbs-down as well would make corrected texts look bad.
                Some((worse, better)) => {
                    Lesson::Pair { better: Cow::Owned(better), worse: Cow::Owned(worse), weight: 1.0 }
                }
                None => verdict(1.0 - correction.share, 1.0),
            }],
        }
    }
}

impl Correction {
    /// A correction with both texts and the share of words that differ.
    #[must_use]
    pub fn of_texts(shown: String, corrected: String) -> Self {
        let share = text::share_edited(&shown, &corrected);
        Self { share, shown: Some(shown), corrected: Some(corrected), ..Self::default() }
    }

    fn both(&self) -> Option<(Features, Features)> {
        match (&self.shown, &self.corrected) {
            (Some(shown), Some(corrected)) => Some((Features::of_text(shown), Features::of_text(corrected))),
            _ if !self.shown_form.is_empty() && !self.corrected_form.is_empty() => {
                Some((Features::of(&self.shown_form), Features::of(&self.corrected_form)))
            }
            _ => None,
        }
    }
}

impl<'a> Lesson<'a> {
    /// One was better than the other.
    #[must_use]
    pub const fn pair(better: &'a Features, worse: &'a Features) -> Self {
        Self::Pair { better: Cow::Borrowed(better), worse: Cow::Borrowed(worse), weight: 1.0 }
    }

    /// The observation for the learner; `at` is when the decision was made.
    #[must_use]
    pub fn observation(&self, space: Space, surface: &str, at: u64, context: &Features) -> Observation {
        match self {
            Self::Verdict { shown, verdict, weight } => {
                let mut vector = space.vector(surface, context, shown);
                // Of a pair the day is on both sides and says nothing.
                vector.push((space.day(space.constant(surface), at), DAY));
                Observation { vector, verdict: *verdict, weight: *weight }
            }
            Self::Pair { better, worse, weight } => {
                Observation { vector: space.difference(context, better, worse), verdict: 1.0, weight: *weight }
            }
        }
    }
}
