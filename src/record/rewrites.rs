//! What a correction changed in words, as one text: an entry is stored anew when its delivery changes, also by a page
//! that does not look at its words, and one text is cheap to carry.

use crate::INSIGHT;
use crate::flat::Writer;
use flywheel_core::rewrite::Rewrite;

/// Writes them, unless there are none.
pub fn pack(w: &mut Writer, rewrites: &[Rewrite]) {
    if let Some(first) = rewrites.first() {
        w.key("rewrites");
        if INSIGHT { w.text(&text(rewrites)) } else { w.text(&first.from) }
    }
}

/// Reads it back; without feature `insight` it is carried whole, where nobody looks.
pub fn unpack(text: Option<String>) -> Option<Vec<Rewrite>> {
    match text {
        None => Some(Vec::new()),
        Some(text) if INSIGHT => read(&text),
        Some(text) => Some(vec![Rewrite { from: text, to: String::new(), times: 0 }]),
    }
}

/// Each rewrite is its count and the lengths of its sides in bytes, each with a colon, and both sides.
pub(super) fn text(rewrites: &[Rewrite]) -> String {
    let mut text = String::new();
    for Rewrite { from, to, times } in rewrites {
        for number in [times.to_string(), from.len().to_string(), to.len().to_string()] {
            text.push_str(&number);
            text.push(':');
        }
        text.push_str(from);
        text.push_str(to);
    }
    text
}

pub(super) fn read(mut text: &str) -> Option<Vec<Rewrite>> {
    let mut rewrites = Vec::new();
    while !text.is_empty() {
        let (times, rest) = text.split_once(':')?;
        let (from_length, rest) = rest.split_once(':')?;
        let (to_length, rest) = rest.split_once(':')?;
        let (from, rest) = rest.split_at_checked(from_length.parse().ok()?)?;
        let (to, rest) = rest.split_at_checked(to_length.parse().ok()?)?;
        rewrites.push(Rewrite { from: from.into(), to: to.into(), times: times.parse().ok()? });
        text = rest;
    }
    Some(rewrites)
}
