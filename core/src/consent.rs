//! What a person allows, by purpose, and what may leave the device under it.

use crate::feature::{Candidate, Object, Str, Value, count, form, is_text, limits};
use crate::redact;
use crate::signal::{Correction, Feedback, Signal};
use serde::{Deserialize, Serialize};

/// Whether signals may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Share {
    /// The person has not been asked or has not answered: everything stays on the device for now.
    #[default]
    Ask,
    /// Yes.
    Granted,
    /// No.
    Denied,
}

/// What a person allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// To learn and store on this device.
    pub learn: bool,
    /// To send signals.
    pub share: Share,
    /// To send words, and to let them train models.
    pub text: bool,
}

impl Default for Consent {
    fn default() -> Self {
        Self { learn: true, share: Share::Ask, text: false }
    }
}

/// What was asked for when the page was opened, or chosen later; what is left out stays as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// As [`Consent::learn`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn: Option<bool>,
    /// As [`Consent::share`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// As [`Consent::text`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<bool>,
    /// To share although the browser sends Global Privacy Control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub despite_privacy_control: Option<bool>,
}

impl Choice {
    /// This choice where it says something, the other one where it does not.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            learn: self.learn.or(other.learn),
            share: self.share.or(other.share),
            text: self.text.or(other.text),
            despite_privacy_control: self.despite_privacy_control.or(other.despite_privacy_control),
        }
    }

    /// What is allowed by it. Global Privacy Control counts as a refusal to share, unless the choice says otherwise in
    /// so many words.
    #[must_use]
    pub fn consent(self, privacy_control: bool) -> Consent {
        let usual = Consent::default();
        let refused = privacy_control && self.despite_privacy_control != Some(true);
        Consent {
            learn: self.learn.unwrap_or(usual.learn),
            share: if refused { Share::Denied } else { self.share.unwrap_or(usual.share) },
            text: self.text.unwrap_or(usual.text),
        }
    }
}

/// A signal as it may be stored for sending and sent: the only way to make one takes the consent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outgoing(Signal);

impl Outgoing {
    /// What of the signal may leave: redacted, and without consent to `text` every string that is text becomes its form.
    #[must_use]
    pub fn new(mut signal: Signal, consent: Consent) -> Self {
        redact::signal(&mut signal);
        if !consent.text {
            if !is_clean(&signal.context) {
                signal.context = without_text(&signal.context);
            }
            if !(is_clean(&signal.shown.features) && signal.shown.text.is_none()) {
                signal.shown = candidate_without_text(signal.shown);
            }
            signal.earlier = signal.earlier.map(candidate_without_text);
            signal.feedback = match signal.feedback {
                Feedback::Prefer { over } => Feedback::Prefer { over: candidate_without_text(over) },
                Feedback::Correction(correction) => Feedback::Correction(correction_without_text(correction)),
                other => other,
            };
        }
        Self(signal)
    }

    /// The signal, to read.
    #[must_use]
    pub const fn signal(&self) -> &Signal {
        &self.0
    }

    /// The same under a consent that may have become narrower since.
    #[must_use]
    pub fn under(&self, consent: Consent) -> Self {
        Self::new(self.0.clone(), consent)
    }
}

/// Whether a server need not copy an object to keep text out of it. A page has no room to ask.
fn is_clean(object: &Object) -> bool {
    let is_words = |value: &Value| matches!(value, Value::Text(words) if is_text(words));
    let is_plain = |value: &Value| match value {
        Value::List(items) => !items.iter().any(is_words),
        other => !is_words(other),
    };
    cfg!(not(target_arch = "wasm32")) && object.0.iter().all(|(_, value)| is_plain(value))
}

/// Replaces each text in an object by its form: `prompt` becomes `prompt.size`, `prompt.list` and so on.
#[must_use]
pub fn without_text(object: &Object) -> Object {
    let mut kept = Vec::with_capacity(object.0.len());
    for (name, value) in &object.0 {
        match value {
            Value::Text(words) if is_text(words) => push_form(&mut kept, name, words),
            Value::List(items) => {
                let mut short = Vec::new();
                for item in items {
                    match item {
                        Value::Text(words) if is_text(words) => push_form(&mut kept, name, words),
                        other => short.push(other.clone()),
                    }
                }
                kept.push((name.clone(), Value::List(short)));
            }
            other => kept.push((name.clone(), other.clone())),
        }
    }
    Object(kept)
}

fn push_form(kept: &mut Vec<(Str, Value)>, name: &str, words: &str) {
    // Two texts under one name must not become the same key twice.
    let first = [name, ".size"].concat();
    if kept.iter().any(|(key, _)| **key == *first) {
        return;
    }
    let shape = form::form(words).0.into_iter().map(|(key, value)| (Str::from([name, ".", &key].concat()), value));
    // What is sent must keep the limits that what was handed in kept: a long name or a full object loses its form.
    let room = limits::FEATURES.saturating_sub(count(kept));
    kept.extend(shape.filter(|(key, _)| !is_text(key)).take(room));
}

/// A candidate without its words.
#[must_use]
pub fn candidate_without_text(candidate: Candidate) -> Candidate {
    let mut features = without_text(&candidate.features);
    if let Some(words) = &candidate.text {
        push_form(&mut features.0, "text", words);
    }
    Candidate { id: candidate.id, features, text: None }
}

fn correction_without_text(correction: Correction) -> Correction {
    let form = |words: Option<String>, before: Object| match words {
        Some(words) => {
            let mut object = Object::default();
            push_form(&mut object.0, "text", &words);
            object
        }
        None => before,
    };
    Correction {
        share: correction.share,
        shown_form: form(correction.shown, correction.shown_form),
        corrected_form: form(correction.corrected, correction.corrected_form),
        shown: None,
        corrected: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::Features;
    use crate::id::Id;

    const SECRET: &str = "my grandmother's recipe needs seven zanzibar peppercorns";

    fn signal(feedback: Feedback) -> Signal {
        let object =
            |key: &str| Object(vec![(key.into(), Value::Text(SECRET.into())), ("a".into(), Value::Number(1.0))]);
        let candidate = |id: &str| Candidate {
            id: id.into(),
            features: Object(vec![("l".into(), Value::List(vec![Value::Text(SECRET.into()), Value::Flag(true)]))]),
            text: Some(SECRET.into()),
        };
        let id = Id::new(1, [1, 1]);
        Signal {
            id,
            at: 1,
            decision: id,
            surface: "s".into(),
            context: object("prompt"),
            shown: candidate("x"),
            choice: None,
            earlier: Some(candidate("y")),
            feedback,
            weight: None,
            automated: false,
        }
    }

    #[test]
    fn privacy_control_refuses_to_share_unless_it_is_overridden() {
        let asked = Choice { share: Some(Share::Granted), ..Choice::default() };
        assert_eq!(asked.consent(false), Consent { share: Share::Granted, ..Consent::default() });
        assert_eq!(asked.consent(true).share, Share::Denied);
        let despite = Choice { despite_privacy_control: Some(true), ..Choice::default() };
        assert_eq!(despite.or(asked).consent(true).share, Share::Granted);
        let changed = Choice { share: Some(Share::Denied), text: Some(true), ..Choice::default() }.or(asked);
        assert_eq!(changed.consent(false), Consent { learn: true, share: Share::Denied, text: true });
    }

    #[test]
    fn without_consent_to_text_no_word_leaves() {
        let over = signal(Feedback::Regenerate).shown;
        for feedback in [
            Feedback::Regenerate,
            Feedback::Prefer { over },
            Feedback::Correction(Correction::of_texts(SECRET.into(), format!("{SECRET} indeed"))),
        ] {
            let open = serde_json::to_string(&Outgoing::new(
                signal(feedback.clone()),
                Consent { text: true, ..Consent::default() },
            ))
            .expect("json");
            let closed = serde_json::to_string(&Outgoing::new(signal(feedback), Consent::default())).expect("json");
            assert!(open.contains("zanzibar"));
            for word in SECRET.split(' ') {
                assert!(!closed.contains(word), "{word} in {closed}");
            }
        }
    }

    #[test]
    fn the_form_that_is_sent_folds_like_the_form_that_was_learned() {
        let candidate = Candidate { id: "x".into(), text: Some(SECRET.into()), ..Candidate::default() };
        let here = Features::of_candidate(&candidate);
        let there = Features::of_candidate(&candidate_without_text(candidate));
        assert_eq!(here.crossing, there.crossing);
        assert!(there.words.is_empty() && !here.words.is_empty());
    }

    #[test]
    fn what_may_be_handed_in_may_be_sent() {
        let long_name = "n".repeat(60);
        let full = (0..511).map(|n| (format!("f{n}").into(), Value::Flag(true)));
        let words = || Value::Text(SECRET.into());
        for features in [
            Object(vec![(long_name.into(), words())]),
            Object(full.chain([("prompt".into(), words())]).collect()),
            Object(vec![("l".into(), Value::List(vec![words(); 512]))]),
        ] {
            let mut signal = signal(Feedback::Regenerate);
            signal.shown = Candidate { id: "x".into(), features, text: Some(SECRET.into()) };
            assert_eq!(signal.check(), Ok(()));
            assert_eq!(Outgoing::new(signal, Consent::default()).signal().check(), Ok(()));
        }
    }
}
