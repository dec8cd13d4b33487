//! What a statement says about texts, and who wrote them.

use flywheel_core::feature::{Candidate, Object, Value};
use flywheel_core::signal::{Feedback, Signal, Thumb};

/// The feature of a candidate that names its author (docs/protocol.md, "Who wrote it").
const MADE_BY: &str = "made_by";

/// How much a later attempt must have been accepted to be preferred to the one before: a pair has no weight, so a copy
/// that the app calls worth less than a half is none.
const ACCEPTED: f64 = 0.25;

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// A person.
    Person,
    /// A model, and nobody edited it: so it is unless the page says otherwise.
    Machine,
}

impl Author {
    /// As it stands in a feature and in an export.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Machine => "machine",
        }
    }

    /// The author of what could be shown.
    pub(super) fn of(candidate: &Candidate) -> Self {
        let said = candidate.features.0.iter().find(|(name, _)| name.as_str() == MADE_BY);
        match said {
            Some((_, Value::Text(author))) if author.as_str() == Self::Person.as_str() => Self::Person,
            _ => Self::Machine,
        }
    }
}

/// A text and its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) words: &'a str,
    pub(super) author: Author,
}

/// Of two answers to one request the better and the worse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    pub(super) chosen: Text<'a>,
    pub(super) rejected: Text<'a>,
}

/// The prompt: a string in the context.
pub(super) fn prompt<'a>(signal: &'a Signal, name: &str) -> Option<&'a str> {
    string(&signal.context, name)
}

fn string<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.0.iter().find_map(|(key, value)| match value {
        Value::Text(words) if key.as_str() == name && !words.is_empty() => Some(words.as_str()),
        _ => None,
    })
}

/// The text of what could be shown.
pub(super) fn text(candidate: &Candidate) -> Option<Text<'_>> {
    let words = candidate.text.as_deref().filter(|words| !words.is_empty())?;
    Some(Text { words, author: Author::of(candidate) })
}

/// Both texts of a correction: as it was shown, and as the person wants it.
pub(super) fn correction(signal: &Signal) -> Option<(Text<'_>, Text<'_>)> {
    let Feedback::Correction(correction) = &signal.feedback else { return None };
    let words = |words: &'_ Option<String>| -> bool { words.as_deref().is_some_and(|words| !words.is_empty()) };
    if !words(&correction.shown) || !words(&correction.corrected) {
        return None;
    }
    let shown = Text { words: correction.shown.as_deref()?, author: Author::of(&signal.shown) };
    let corrected = correction.corrected.as_deref()?;
    // What nobody changed is still whose it was.
    let author = if corrected == shown.words { shown.author } else { Author::Person };
    Some((shown, Text { words: corrected, author }))
}

/// What could have been shown instead, or was shown before: of a preference, and of a later attempt that was liked,
/// copied, kept, bought or edited a little.
pub(super) fn other(signal: &Signal) -> Option<&Candidate> {
    match &signal.feedback {
        Feedback::Prefer { over } => Some(over),
        said if said.acceptance() >= ACCEPTED => signal.earlier.as_ref(),
        _ => None,
    }
}

/// "This rather than that": a preference, a correction, a later attempt that was liked. Two texts that are alike say
/// nothing.
pub(super) fn pair(signal: &Signal) -> Option<Pair<'_>> {
    let (rejected, chosen) = match correction(signal) {
        Some(both) => both,
        None => (text(other(signal)?)?, text(&signal.shown)?),
    };
    Some(Pair { chosen, rejected }).filter(|pair| pair.chosen.words != pair.rejected.words)
}

/// A text that was called good or bad by itself: a thumb.
pub(super) fn verdict(signal: &Signal) -> Option<(Text<'_>, bool)> {
    let Feedback::Thumb(thumb) = signal.feedback else { return None };
    Some((text(&signal.shown)?, thumb == Thumb::Up))
}

/// A text that is as a person wants it: corrected, or liked.
pub(super) fn completion(signal: &Signal) -> Option<Text<'_>> {
    match correction(signal) {
        Some((_, corrected)) => Some(corrected),
        None => verdict(signal).filter(|(_, good)| *good).map(|(text, _)| text),
    }
}

/// Who wrote what a statement speaks for: the corrected text, or what was shown.
pub(super) fn author(signal: &Signal) -> Author {
    correction(signal).map_or_else(|| Author::of(&signal.shown), |(_, corrected)| corrected.author)
}
