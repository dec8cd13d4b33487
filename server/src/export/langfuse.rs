//! Langfuse scores and corrections: each line is the body of `POST /api/public/scores`.

use super::judged::{self, Author};
use super::lines::Lines;
use super::time;
use crate::store::Statement;
use flywheel_core::error::Result;
use flywheel_core::signal::{Feedback, Thumb};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Score<'a> {
    id: String,
    trace_id: &'a str,
    name: &'static str,
    #[serde(flatten)]
    value: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    metadata: Metadata<'a>,
    timestamp: String,
}

#[derive(Clone, Copy, Serialize)]
#[serde(tag = "dataType", content = "value", rename_all = "UPPERCASE")]
enum Value<'a> {
    Boolean(u8),
    Numeric(f64),
    Categorical(&'a str),
    Correction(&'a str),
}

#[derive(Serialize)]
struct Metadata<'a> {
    surface: &'a str,
    shown: &'a str,
    made_by: &'static str,
}

pub(super) fn scores(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let signal = &statement.signal;
    // A trace has 32 hexadecimal digits; the decision's id is one without its hyphens.
    let trace_id = signal.decision.text().replace('-', "");
    let (name, value) = match &signal.feedback {
        Feedback::Thumb(thumb) => ("thumb", Value::Boolean(u8::from(*thumb == Thumb::Up))),
        Feedback::Regenerate => ("regenerated", Value::Boolean(1)),
        Feedback::Reward { value, .. } => ("reward", Value::Numeric(*value)),
        Feedback::Correction(correction) => ("edited", Value::Numeric(correction.share)),
        Feedback::Prefer { over } => ("preferred-over", Value::Categorical(&over.id)),
        Feedback::Retract => return Ok(()),
    };
    let comment = match &signal.feedback {
        Feedback::Reward { reason, .. } => reason.as_deref(),
        _ => None,
    };
    let score = |id: String, name, value, comment, author: Author| Score {
        id,
        trace_id: &trace_id,
        name,
        value,
        comment,
        metadata: Metadata { surface: &signal.surface, shown: &signal.shown.id, made_by: author.as_str() },
        timestamp: time::show(signal.at),
    };
    let author = Author::of(&signal.shown);
    lines.line(&score(signal.id.text(), name, value, comment, author))?;
    match judged::correction(signal) {
        // Langfuse shows what is named `output` beside the trace's own.
        Some((_, corrected)) => lines.line(&score(
            format!("{}-output", signal.id),
            "output",
            Value::Correction(corrected.words),
            None,
            corrected.author,
        )),
        None => Ok(()),
    }
}
