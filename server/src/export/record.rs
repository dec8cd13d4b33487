//! Every statement as one flat record: a line of JSON, or a row of Parquet.

use super::Rules;
use super::judged::{self, Author};
use super::lines::Lines;
use crate::store::Statement;
use flywheel_core::consent::without_text;
use flywheel_core::error::Result;
use flywheel_core::feature::Object;
use flywheel_core::id::Id;
use flywheel_core::signal::{Feedback, Thumb};
use serde::Serialize;

/// One statement. Texts stand there when a person wrote what it speaks for, or when machine-made ones are wanted.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    /// The signal's id.
    pub(super) id: String,
    /// Its number in the order of folding.
    pub(super) seq: u64,
    /// The decision that it is about.
    pub(super) decision: String,
    /// Who said it: a keyed hash, written as a UUID.
    pub(super) person: String,
    /// When, by the client's clock: milliseconds since 1970.
    pub(super) at: u64,
    /// When it came in, by the server's clock.
    pub(super) received_at: u64,
    /// The task.
    pub(super) surface: &'a str,
    /// thumb, prefer, correction, regenerate or reward.
    pub(super) kind: &'static str,
    /// 1 or 0 of a thumb, the reward, the share that was edited.
    pub(super) value: Option<f64>,
    /// The app's word for a reward.
    pub(super) reason: Option<&'a str>,
    /// What was asked.
    pub(super) prompt: Option<&'a str>,
    /// The id of what was shown.
    pub(super) shown_id: &'a str,
    /// Its text.
    pub(super) shown: Option<&'a str>,
    /// The id of what was shown before or could have been shown.
    pub(super) other_id: Option<&'a str>,
    /// Its text.
    pub(super) other: Option<&'a str>,
    /// What a person made of what was shown.
    pub(super) corrected: Option<&'a str>,
    /// Who wrote what the statement speaks for.
    pub(super) made_by: &'static str,
    /// The probability with which the first place came to be what it was.
    pub(super) propensity: Option<f64>,
    /// Whether the uniform share chose.
    pub(super) explored: Option<bool>,
    /// The predicted probability of a good outcome.
    pub(super) prediction: Option<f64>,
    /// The version of the weights that predicted.
    pub(super) version: Option<u64>,
    /// The rest of the context; its texts as their form, unless machine-made ones are wanted.
    pub(super) context: Object,
    /// What was known about what was shown; its texts likewise.
    pub(super) features: Object,
}

impl<'a> Record<'a> {
    /// None for what was taken back.
    pub(super) fn of(statement: &'a Statement, rules: &Rules) -> Option<Self> {
        let signal = &statement.signal;
        let (kind, value) = match &signal.feedback {
            Feedback::Thumb(thumb) => ("thumb", Some(f64::from(u8::from(*thumb == Thumb::Up)))),
            Feedback::Prefer { .. } => ("prefer", None),
            Feedback::Correction(correction) => ("correction", Some(correction.share)),
            Feedback::Regenerate => ("regenerate", None),
            Feedback::Reward { value, .. } => ("reward", Some(*value)),
            Feedback::Retract => return None,
        };
        let author = judged::author(signal);
        let is_wanted = rules.machine_made || author == Author::Person;
        let other = judged::other(signal);
        let correction = judged::correction(signal);
        let shown = correction.map_or_else(|| judged::text(&signal.shown), |(shown, _)| Some(shown));
        let open = |object: &Object| if rules.machine_made { object.clone() } else { without_text(object) };
        let mut context = signal.context.clone();
        context.0.retain(|(name, _)| name.as_str() != rules.prompt);
        Some(Self {
            id: signal.id.text(),
            seq: statement.seq,
            decision: signal.decision.text(),
            person: Id::from_bytes(statement.person.0).text(),
            at: signal.at,
            received_at: statement.received_at,
            surface: &signal.surface,
            kind,
            value,
            reason: match &signal.feedback {
                Feedback::Reward { reason, .. } => reason.as_deref(),
                _ => None,
            },
            prompt: judged::prompt(signal, &rules.prompt),
            shown_id: &signal.shown.id,
            shown: shown.filter(|_| is_wanted).map(|text| text.words),
            other_id: other.map(|other| other.id.as_str()),
            other: other.and_then(judged::text).filter(|_| is_wanted).map(|text| text.words),
            corrected: correction.map(|(_, corrected)| corrected.words),
            made_by: author.as_str(),
            propensity: signal.choice.as_ref().map(|choice| choice.propensity),
            explored: signal.choice.as_ref().map(|choice| choice.explored),
            prediction: signal.choice.as_ref().map(|choice| choice.prediction),
            version: signal.choice.as_ref().map(|choice| choice.version),
            context: open(&context),
            features: open(&signal.shown.features),
        })
    }
}

pub(super) fn line(statement: &Statement, lines: &mut Lines) -> Result<()> {
    Record::of(statement, &lines.rules).map_or(Ok(()), |record| lines.line(&record))
}
