//! What only a module with everything in it is asked about.

use crate::flat::{Fields, Tree, Writer};
use flywheel_core::page::{Explanation, Hint, Term, Trait};
use flywheel_core::rewrite::Suggestion;
use flywheel_core::wire::Settings;

/// What an endpoint asks of pages (docs/protocol.md); what it leaves out is the usual.
pub fn settings(tree: &Tree) -> Option<Settings> {
    Fields::read(tree, |f| {
        let share = |name, usual| f.maybe(name).map_or(usual, |_| f.number(name));
        let usual = Settings::default();
        Settings { hold_out: share("hold_out", usual.hold_out), decisions: share("decisions", usual.decisions) }
    })
}

/// What was learned.
pub fn traits(w: &mut Writer, traits: &[Trait]) {
    w.list(traits, |w, learned| {
        w.object();
        w.key("feature").text(&learned.feature);
        w.key("weight").number(learned.weight);
        w.key("uncertainty").number(learned.uncertainty);
        w.key("signals").whole(learned.signals as u64);
        w.end();
    });
}

/// Why a candidate has its score.
pub fn explanation(w: &mut Writer, explanation: &Explanation) {
    w.object();
    w.key("candidate").text(&explanation.candidate);
    w.key("logit").number(explanation.logit);
    w.key("probability").number(explanation.probability);
    w.key("predicted").number(explanation.predicted);
    w.key("changed").flag(explanation.changed);
    w.key("terms").list(&explanation.terms, term);
    term(w.key("rest"), &explanation.rest);
    w.end();
}

fn term(w: &mut Writer, term: &Term) {
    w.object();
    w.key("feature").text(&term.feature);
    w.key("everybody").number(term.everybody);
    w.key("own").number(term.own);
    w.end();
}

/// What is well known.
pub fn hints(w: &mut Writer, hints: &[Hint]) {
    w.list(hints, |w, hint| {
        w.object();
        w.key("text").text(&hint.text);
        w.key("feature").text(&hint.feature);
        w.key("wanted").flag(hint.wanted);
        w.key("confidence").number(hint.confidence);
        w.key("signals").whole(hint.signals as u64);
        w.end();
    });
}

/// What the person would change.
#[allow(clippy::cast_precision_loss)] // a count
pub fn suggestions(w: &mut Writer, suggestions: &[Suggestion]) {
    w.list(suggestions, |w, suggestion| {
        w.object();
        w.key("from").text(&suggestion.from);
        w.key("to").text(&suggestion.to);
        w.key("count").number(suggestion.count as f64);
        w.key("at").whole(suggestion.at as u64);
        w.end();
    });
}
