//! Learning from what is said about a decision.

use super::{Decision, Event, Page};
use crate::consent::{Outgoing, Share};
use crate::error::{Code, Error, Result};
use crate::feature::{Object, Str};
use crate::id::Id;
use crate::journal::{Delivery, Entry, Record, Shown};
use crate::redact;
use crate::rewrite::{Rewrite, undone};
use crate::signal::{Correction, Feedback, Lesson, Signal, Thumb};
use std::sync::Arc;

/// Feedback that waits for the journal to be read.
#[derive(Clone, Debug)]
pub(super) struct Held {
    id: Id,
    decision: Id,
    said: Said,
    now: u64,
}

/// What was said, before it is known what about.
#[derive(Clone, Debug)]
enum Said {
    Thing(Feedback),
    /// This candidate is the better one.
    Preferred(Str),
}

impl Page {
    /// A thumb about what was shown first; `None` takes back whatever was said about the decision. Returns the
    /// signal's id.
    ///
    /// # Errors
    /// [`Code::UnknownDecision`]; [`Code::LearnRefused`] where the person refused learning.
    pub fn thumb(&mut self, decision: Id, thumb: Option<Thumb>, now: u64) -> Result<Id> {
        self.say(decision, Said::Thing(thumb.map_or(Feedback::Retract, Feedback::Thumb)), now)
    }

    /// The answer was edited.
    ///
    /// # Errors
    /// As [`Page::thumb`], and as [`Feedback::check`].
    pub fn correct(&mut self, decision: Id, correction: Correction, now: u64) -> Result<Id> {
        self.say(decision, Said::Thing(Feedback::Correction(correction)), now)
    }

    /// The app's own measure of success, 0 to 1.
    ///
    /// # Errors
    /// As [`Page::thumb`], and [`Code::OutOfRange`] or [`Code::NotFinite`].
    pub fn reward(&mut self, decision: Id, value: f64, reason: Option<String>, now: u64) -> Result<Id> {
        self.say(decision, Said::Thing(Feedback::Reward { value, reason }), now)
    }

    /// This candidate is better than the one that was shown first; if it is the first, better than the second.
    ///
    /// # Errors
    /// As [`Page::thumb`], [`Code::UnknownCandidate`], and [`Code::NoAlternative`] if there was only one.
    pub fn prefer(&mut self, decision: Id, candidate: Str, now: u64) -> Result<Id> {
        self.say(decision, Said::Preferred(candidate), now)
    }

    /// Another attempt is wanted: what was shown counts as a weak "no", unless more was said about it already, and the
    /// candidates are ranked again. Returns the next decision and the id of the signal, if there was one.
    ///
    /// # Errors
    /// As [`Page::thumb`].
    pub fn regenerate(&mut self, decision: Id, now: u64) -> Result<(Decision, Option<Id>)> {
        self.record(decision)?;
        // A person who has said something clearer about it keeps the word.
        let silent = self.active.get(&decision).is_none_or(|diff| diff.0.is_empty());
        let signal = if silent && self.consent.learn {
            Some(self.say(decision, Said::Thing(Feedback::Regenerate), now)?)
        } else {
            None
        };
        Ok((self.rank_again(decision, now)?, signal))
    }

    pub(super) fn check_learning(&self) -> Result<()> {
        if self.consent.learn {
            return Ok(());
        }
        Err(Error::new(Code::LearnRefused, "the person has refused learning on this device"))
    }

    fn say(&mut self, decision: Id, mut said: Said, now: u64) -> Result<Id> {
        self.check_learning()?;
        if let Said::Thing(feedback) = &mut said {
            redact::feedback(feedback);
            feedback.check()?;
        }
        let id = self.fresh_id(now);
        let held = Held { id, decision, said, now };
        if self.ready {
            self.learn(held)?;
        } else {
            self.held.push(held);
        }
        Ok(id)
    }

    pub(super) fn learn_held(&mut self) {
        for held in core::mem::take(&mut self.held) {
            let id = held.id;
            if let Err(error) = self.learn(held) {
                self.drop_event(id, error.code);
            }
        }
    }

    pub(super) fn drop_event(&mut self, id: Id, code: Code) {
        *self.dropped.entry(code.as_str().into()) += 1;
        self.events.push(Event::Dropped { id, code: code.as_str().into() });
    }

    fn learn(&mut self, held: Held) -> Result<()> {
        let record = self.record(held.decision)?;
        let (place, feedback) = point(record, held.said)?;
        let about = record.candidates.get(place).ok_or_else(no_candidate)?;
        let earlier = if feedback.acceptance() > 0.0 { self.passed_over(record) } else { None };
        let lessons = match &feedback {
            // The words are in the record's features even where they may not be sent.
            Feedback::Prefer { over } => {
                let worse = record.candidates.iter().find(|shown| shown.candidate.id == over.id);
                worse.map(|worse| Lesson::pair(&about.features, &worse.features)).into_iter().collect()
            }
            other => other.lessons(&about.features, earlier.map(|shown| &shown.features)),
        };
        let (space, surface, context) = (self.model.space, &record.surface, &record.context_features);
        let at = held.decision.at_ms();
        let observations: Vec<_> =
            lessons.iter().map(|lesson| lesson.observation(space, surface, at, context)).collect();
        // A first word that is no correction changes no words.
        let spoken = self.active.contains_key(&held.decision);
        let may_change = spoken || matches!(feedback, Feedback::Correction(_));
        let rewrites =
            if cfg!(feature = "insight") && may_change { self.rewrites(held.decision, &feedback) } else { Vec::new() };
        let delivery = if self.sender.is_some() && self.consent.share != Share::Denied {
            let signal = Signal {
                id: held.id,
                at: held.now,
                decision: held.decision,
                surface: record.surface.clone(),
                context: Object::clone(&record.context),
                shown: about.candidate.clone(),
                choice: Some(record.choice()),
                earlier: earlier.map(|shown| shown.candidate.clone()),
                feedback,
                weight: None,
                automated: self.automated,
            };
            Delivery::Pending { signal: Box::new(Outgoing::new(signal, self.consent)) }
        } else {
            Delivery::Local
        };

        // The latest word replaces what was said about the decision before.
        let before = self.active.get(&held.decision).map(|before| before.negated());
        before.iter().for_each(|before| self.mind.add(before));
        let taught = Arc::new(self.mind.learn(observations));
        let diff = before.map_or_else(|| taught.clone(), |before| before.plus(&taught).into());
        self.active.insert(held.decision, taught);
        let entry = Entry { id: held.id, at: held.now, decision: held.decision, diff, rewrites, delivery };
        if cfg!(feature = "insight") {
            self.habits.add(&entry.rewrites);
        }
        self.post(&entry);
        self.due.entries.push(entry.id);
        self.entries.insert(entry.id, entry);
        self.make_room(held.now);
        Ok(())
    }

    /// The latest earlier attempt at the same request that showed something else and was not liked: one pair for each
    /// acceptance, since against all of them one click would count as several.
    fn passed_over(&self, record: &Record) -> Option<&Shown> {
        let shown = record.candidates.first()?;
        let constant = self.model.space.constant(&record.surface);
        let mut before = record.after;
        loop {
            let earlier = self.decisions.get(&before?)?;
            let other = earlier.candidates.first()?;
            // A word that raised the surface's constant was a good one.
            let said = self.active.get(&earlier.id).into_iter().flat_map(|diff| &diff.0);
            let raised: i64 = said.filter(|(slot, _)| *slot == constant).map(|(_, evidence)| evidence.shift).sum();
            if other.features != shown.features && raised <= 0 {
                return Some(other);
            }
            before = earlier.after;
        }
    }

    /// What a statement says about the person's habits, and what takes back what was said about the decision before.
    fn rewrites(&self, decision: Id, feedback: &Feedback) -> Vec<Rewrite> {
        let earlier = self.entries.values().filter(|entry| entry.decision == decision);
        let mut rewrites = undone(earlier.map(|entry| &entry.rewrites));
        if let Feedback::Correction(Correction { shown: Some(shown), corrected: Some(corrected), .. }) = feedback {
            let mut habits = self.habits.clone();
            habits.add(&rewrites);
            rewrites.extend(habits.learn(shown, corrected));
        }
        rewrites
    }
}

/// Which of the shown candidates the statement is about, and the statement.
fn point(record: &Record, said: Said) -> Result<(usize, Feedback)> {
    let preferred = match said {
        Said::Thing(feedback) => return Ok((0, feedback)),
        Said::Preferred(preferred) => preferred,
    };
    let place = record.candidates.iter().position(|shown| shown.candidate.id == preferred).ok_or_else(no_candidate)?;
    let over = record.candidates.get(usize::from(place == 0)).ok_or_else(|| {
        Error::new(Code::NoAlternative, "the decision had one candidate; there is nothing it was preferred to")
    })?;
    Ok((place, Feedback::Prefer { over: over.candidate.clone() }))
}

fn no_candidate() -> Error {
    Error::new(Code::UnknownCandidate, "the decision has no candidate of this id")
}
