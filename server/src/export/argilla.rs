//! Argilla records as `Record.from_dict` reads them, in one JSON list as `Dataset.from_disk` and `records.from_json` do.
//!
//! What people said stands there as suggestions: a response would need a user of that Argilla server.

use super::judged::{self, Author};
use super::lines::{Lines, Written};
use super::{Sink, unwritable};
use crate::store::{Archive, Filter, Statement};
use flywheel_core::error::Result;
use flywheel_core::signal::{Feedback, Thumb};
use serde::Serialize;
use std::io::Write;

#[derive(Serialize)]
struct Record<'a> {
    id: String,
    fields: Fields<'a>,
    metadata: Metadata<'a>,
    suggestions: Suggestions<'a>,
    responses: Nothing,
    vectors: Nothing,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<&'a str>,
    response: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    surface: &'a str,
    decision: String,
    at: u64,
    made_by: &'static str,
}

#[derive(Default, Serialize)]
struct Suggestions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred: Option<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correction: Option<Suggestion<'a>>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    value: &'a str,
    agent: &'static str,
    r#type: &'static str,
}

const fn said(value: &str) -> Option<Suggestion<'_>> {
    Some(Suggestion { value, agent: "flywheel", r#type: "human" })
}

pub(super) fn write(archive: &Archive, filter: &Filter, mut lines: Lines) -> Result<(Written, Sink)> {
    let cannot = |error| unwritable(&format!("cannot write: {error}"));
    lines.out.write_all(b"[\n").map_err(cannot)?;
    archive.each(filter, |statement| match record(statement, &mut lines) {
        Some(record) => {
            if lines.written.rows > 0 {
                lines.out.write_all(b",").map_err(cannot)?;
            }
            lines.line(&record)
        }
        None => Ok(()),
    })?;
    lines.out.write_all(b"]\n").map_err(cannot)?;
    lines.finish()
}

fn record<'a>(statement: &'a Statement, lines: &mut Lines) -> Option<Record<'a>> {
    let signal = &statement.signal;
    let author = judged::author(signal);
    let correction = judged::correction(signal);
    let response = correction.map_or_else(|| judged::text(&signal.shown), |(shown, _)| Some(shown))?;
    let other = judged::other(signal).and_then(judged::text);
    let suggestions = match &signal.feedback {
        Feedback::Thumb(Thumb::Up) => {
            Suggestions { verdict: said("good"), preferred: other.and_then(|_| said("response")), correction: None }
        }
        Feedback::Thumb(Thumb::Down) => Suggestions { verdict: said("bad"), ..Suggestions::default() },
        Feedback::Regenerate => Suggestions { verdict: said("again"), ..Suggestions::default() },
        Feedback::Prefer { .. } if other.is_some() => {
            Suggestions { preferred: said("response"), ..Suggestions::default() }
        }
        Feedback::Correction(_) => {
            Suggestions { correction: correction.and_then(|(_, text)| said(text.words)), ..Suggestions::default() }
        }
        Feedback::Prefer { .. } | Feedback::Reward { .. } | Feedback::Retract => return None,
    };
    if !lines.admits(author) {
        return None;
    }
    lines.written.machine_made += u64::from(author == Author::Machine);
    Some(Record {
        id: signal.id.text(),
        fields: Fields {
            prompt: judged::prompt(signal, &lines.rules.prompt),
            response: response.words,
            other: other.map(|text| text.words),
        },
        metadata: Metadata {
            surface: &signal.surface,
            decision: signal.decision.text(),
            at: signal.at,
            made_by: author.as_str(),
        },
        suggestions,
        responses: Nothing {},
        vectors: Nothing {},
    })
}
