//! OpenAI fine-tuning: supervised (chat) and preference (DPO), as its guides have them.

use super::lines::Lines;
use super::trl::{self, Message, assistant, user};
use crate::store::Statement;
use flywheel_core::error::Result;
use serde::Serialize;

#[derive(Serialize)]
struct Chat<'a> {
    messages: [Message<'a>; 2],
}

#[derive(Serialize)]
struct Preference<'a> {
    input: Input<'a>,
    preferred_output: [Message<'a>; 1],
    non_preferred_output: [Message<'a>; 1],
}

#[derive(Serialize)]
struct Input<'a> {
    messages: [Message<'a>; 1],
    tools: [(); 0],
    parallel_tool_calls: bool,
}

pub(super) fn chat(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, text)) = trl::completed(statement, lines) else { return Ok(()) };
    let ([question], [answer]) = (user(prompt), assistant(text));
    lines.line(&Chat { messages: [question, answer] })
}

pub(super) fn preference(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let Some((prompt, pair)) = trl::pair(statement, lines) else { return Ok(()) };
    lines.line(&Preference {
        input: Input { messages: user(prompt), tools: [], parallel_tool_calls: true },
        preferred_output: assistant(pair.chosen),
        non_preferred_output: assistant(pair.rejected),
    })
}
