//! Hugging Face TRL's dataset types (TRL documentation, "Dataset formats and types"), standard and conversational.

use super::judged::{self, Pair, Text};
use super::lines::Lines;
use crate::store::Statement;
use flywheel_core::error::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Preference<T> {
    prompt: T,
    chosen: T,
    rejected: T,
}

#[derive(Serialize)]
struct Unpaired<T> {
    prompt: T,
    completion: T,
    label: bool,
}

#[derive(Serialize)]
struct Completion<T> {
    prompt: T,
    completion: T,
}

/// One turn of a conversation, as TRL and OpenAI have it.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

/// What a person asked.
pub(super) const fn user(content: &str) -> [Message<'_>; 1] {
    [Message { role: "user", content }]
}

/// What was answered.
pub(super) const fn assistant<'a>(text: Text<'a>) -> [Message<'a>; 1] {
    [Message { role: "assistant", content: text.words }]
}

pub(super) fn preference(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, Pair { chosen, rejected })) = pair(statement, lines) else { return Ok(()) };
    lines.line(&Preference { prompt, chosen: chosen.words, rejected: rejected.words })
}

pub(super) fn preference_chat(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, Pair { chosen, rejected })) = pair(statement, lines) else { return Ok(()) };
    lines.line(&Preference { prompt: user(prompt), chosen: assistant(chosen), rejected: assistant(rejected) })
}

pub(super) fn unpaired(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, completion, label)) = verdict(statement, lines) else { return Ok(()) };
    lines.line(&Unpaired { prompt, completion: completion.words, label })
}

pub(super) fn unpaired_chat(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, completion, label)) = verdict(statement, lines) else { return Ok(()) };
    lines.line(&Unpaired { prompt: user(prompt), completion: assistant(completion), label })
}

pub(super) fn completion(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, completion)) = completed(statement, lines) else { return Ok(()) };
    lines.line(&Completion { prompt, completion: completion.words })
}

pub(super) fn completion_chat(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, completion)) = completed(statement, lines) else { return Ok(()) };
    lines.line(&Completion { prompt: user(prompt), completion: assistant(completion) })
}

/// A pair with its prompt, if it is wanted.
pub(super) fn pair<'a>(statement: &'a Statement, lines: &mut Lines) -> Option<(&'a str, Pair<'a>)> {
    let pair = judged::pair(&statement.signal)?;
    Some((lines.admit(statement, pair.chosen)?, pair))
}

/// A completion with its prompt, if it is wanted.
pub(super) fn completed<'a>(statement: &'a Statement, lines: &mut Lines) -> Option<(&'a str, Text<'a>)> {
    let text = judged::completion(&statement.signal)?;
    Some((lines.admit(statement, text)?, text))
}

fn verdict<'a>(statement: &'a Statement, lines: &mut Lines) -> Option<(&'a str, Text<'a>, bool)> {
    let (text, is_good) = judged::verdict(&statement.signal)?;
    Some((lines.admit(statement, text)?, text, is_good))
}
