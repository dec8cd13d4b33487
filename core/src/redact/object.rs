//! Redaction of all that a person's words may stand in. Names, ids and surfaces are the app's own and stay.

use super::{redact, redacted};
use crate::feature::{Candidate, Object, Value};
use crate::signal::{Feedback, Signal};

/// Redacts all strings that are values, long or short.
#[inline(never)]
pub fn object(object: &mut Object) {
    object.0.iter_mut().for_each(|(_, of)| value(of));
}

fn value(of: &mut Value) {
    match of {
        Value::Text(text) => redact(text),
        Value::List(items) => items.iter_mut().for_each(value),
        Value::Number(_) | Value::Flag(_) | Value::Nothing | Value::Nested => {}
    }
}

/// Redacts features and text.
#[inline(never)]
pub fn candidate(candidate: &mut Candidate) {
    object(&mut candidate.features);
    candidate.text.iter_mut().for_each(redact);
}

/// Redacts texts and reasons.
#[inline(never)]
pub fn feedback(feedback: &mut Feedback) {
    let words = |words: &mut String| {
        if let Some(clean) = redacted(words) {
            *words = clean;
        }
    };
    match feedback {
        Feedback::Prefer { over } => candidate(over),
        Feedback::Correction(correction) => {
            correction.shown.iter_mut().chain(&mut correction.corrected).for_each(words);
        }
        Feedback::Reward { reason, .. } => reason.iter_mut().for_each(words),
        Feedback::Thumb(_) | Feedback::Retract | Feedback::Regenerate => {}
    }
}

/// Redacts all that a signal carries.
pub fn signal(signal: &mut Signal) {
    object(&mut signal.context);
    candidate(&mut signal.shown);
    signal.earlier.iter_mut().for_each(candidate);
    feedback(&mut signal.feedback);
}
