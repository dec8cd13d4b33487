//! What was stored and what the server answers.

use super::rewrites;
use crate::flat::{Fields, Tree};
use flywheel_core::belief::{Diff, Head};
use flywheel_core::consent::{self, Consent, Outgoing, Share};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::journal::{Delivery, Entry, Record, Shown};
use flywheel_core::page::Request;
use flywheel_core::rank::Rule;
use flywheel_core::signal::{Correction, Feedback, How, Signal, Thumb};
use flywheel_core::wire::{Outcome, Reply, Verdict, WeightsHead};

/// An entry of the journal.
pub fn entry(tree: &Tree) -> Option<Entry> {
    Fields::read(tree, |f| Entry {
        id: f.id("id"),
        at: f.whole("at"),
        decision: f.id("decision"),
        diff: diff(f, "diff").into(),
        rewrites: f.sound(rewrites::unpack(f.text("rewrites"))),
        delivery: delivery(f.at("delivery")),
    })
}

/// A decision.
pub fn decision(tree: &Tree) -> Option<Record> {
    Fields::read(tree, |f| {
        let context = object(f, "context");
        Record {
            id: f.id("id"),
            at: f.whole("at"),
            surface: f.shared("surface"),
            context_features: features(f, "context_features").unwrap_or_else(|| Features::of(&context)).into(),
            context: context.into(),
            candidates: f.each("candidates", |shown| {
                let candidate = candidate(shown.at("candidate"));
                let features = features(shown, "features").unwrap_or_else(|| Features::of_candidate(&candidate));
                let rule = shown.maybe("rule").map_or(Some(Rule::None), |rule| {
                    rule.tree().number().and_then(|number| Rule::from_number(number).ok())
                });
                let rule = rule.unwrap_or_else(|| {
                    shown.torn::<()>();
                    Rule::None
                });
                Shown { candidate, features, rule }.into()
            }),
            how: how(f.at("choice")),
            after: f.maybe("after").map(|_| f.id("after")),
            attempt: f.small("attempt"),
        }
    })
}

/// A request, without the attempt before it. The surface and the context stand in front of the candidates, as if they
/// were one.
///
/// # Errors
/// [`Code::InvalidValue`] for a value of the wrong type, and as [`Rule::from_number`].
#[inline(never)]
pub fn request(candidates: &Tree, rules: &Tree) -> Result<Request> {
    let read = Fields::read(candidates, |f| f.all(candidate)).filter(|all| !all.is_empty());
    let mut candidates = read.ok_or_else(|| Error::new(Code::InvalidValue, ODD))?;
    let Candidate { id: surface, features: context, .. } = candidates.remove(0);
    let mut request = Request { surface, context, candidates, ..Request::default() };
    for rule in rules.items().unwrap_or_default() {
        request.rules.push(Rule::from_number(rule.number().unwrap_or_default())?);
    }
    Ok(request)
}

const ODD: &str = "a surface is a string, context and features are plain objects";

/// What was chosen about consent.
pub fn choice(tree: &Tree) -> Option<consent::Choice> {
    Fields::read(tree, |f| {
        let flag = |name| f.maybe(name).map(|_| f.flag(name));
        consent::Choice {
            learn: flag("learn"),
            share: f.maybe("share").map(share),
            text: flag("text"),
            despite_privacy_control: flag("despite_privacy_control"),
        }
    })
}

/// The server's answer to a batch (docs/protocol.md).
pub fn reply(tree: &Tree) -> Option<Reply> {
    Fields::read(tree, |f| Reply {
        v: f.small("v"),
        server_time: f.whole("server_time"),
        results: f.each("results", verdict),
        weights: f.maybe("weights").map(head),
        retry_after_ms: f.maybe("retry_after_ms").map(|_| f.whole("retry_after_ms")),
    })
}

fn verdict(f: Fields<'_>) -> Verdict {
    let outcomes = [
        ("ok", Outcome::Ok),
        ("duplicate", Outcome::Duplicate),
        ("rejected", Outcome::Rejected),
        ("retry", Outcome::Retry),
        ("too_old", Outcome::TooOld),
        ("erased", Outcome::Erased),
    ];
    Verdict {
        id: f.str("id").into(),
        outcome: named(f, f.str("outcome"), &outcomes),
        seq: f.maybe("seq").map(|_| f.whole("seq")),
        taught: f.maybe("taught").map(|_| diff(f, "taught")),
        code: f.text("code"),
        detail: f.text("detail"),
    }
}

fn head(f: Fields<'_>) -> WeightsHead {
    WeightsHead {
        head: Head {
            version: f.whole("version"),
            seq: f.whole("seq"),
            hash: f.sound(u64::from_str_radix(f.str("hash"), 16).ok()),
        },
        delta: f.text("delta"),
        url: f.text("url"),
    }
}

/// The value of a name; of one that is none of them, the first, in a record that is torn.
fn named<T: Copy>(f: Fields<'_>, name: &str, all: &[(&str, T)]) -> T {
    let found = all.iter().find(|(known, _)| *known == name);
    found
        .unwrap_or_else(|| {
            f.torn::<()>();
            &all[0]
        })
        .1
}

fn share(f: Fields<'_>) -> Share {
    let name = f.sound(f.tree().as_str());
    named(f, name, &[("ask", Share::Ask), ("granted", Share::Granted), ("denied", Share::Denied)])
}

fn diff(f: Fields<'_>, name: &str) -> Diff {
    f.sound(Diff::from_base64(f.str(name)).ok())
}

fn features(f: Fields<'_>, name: &str) -> Option<Features> {
    f.maybe(name).map(|_| f.sound(Features::from_base64(f.str(name)).ok()))
}

fn delivery(f: Fields<'_>) -> Delivery {
    match f.str("state") {
        "pending" => {
            // What was made for sending stays as it is; it is narrowed again when it is sent.
            let all = Consent { text: true, ..Consent::default() };
            Delivery::Pending { signal: Box::new(Outgoing::new(signal(f.at("signal")), all)) }
        }
        "acknowledged" => Delivery::Acknowledged { seq: f.whole("seq"), taught: diff(f, "taught") },
        "dropped" => Delivery::Dropped { code: f.str("code").into() },
        state => {
            if state != "local" {
                f.torn::<()>();
            }
            Delivery::Local
        }
    }
}

fn signal(f: Fields<'_>) -> Signal {
    Signal {
        id: f.id("id"),
        at: f.whole("at"),
        decision: f.id("decision"),
        surface: f.shared("surface"),
        context: object(f, "context"),
        shown: candidate(f.at("shown")),
        choice: f.maybe("choice").map(|f| how(f).with(f.each("order", |id| f.sound(id.tree().shared())))),
        earlier: f.maybe("earlier").map(candidate),
        feedback: feedback(f.at("feedback")),
        weight: None,
        automated: f.at("automated").tree().flag() == Some(true),
    }
}

fn feedback(f: Fields<'_>) -> Feedback {
    // `"name"`, or `{ name: content }`.
    let name = match f.tree() {
        Tree::Object(pairs) => pairs.first().map_or("", |(name, _)| name),
        other => other.as_str().unwrap_or_default(),
    };
    let content = f.at(name);
    match name {
        "thumb" => {
            let thumb = content.sound(content.tree().as_str());
            Feedback::Thumb(named(f, thumb, &[("up", Thumb::Up), ("down", Thumb::Down)]))
        }
        "regenerate" => Feedback::Regenerate,
        "prefer" => Feedback::Prefer { over: candidate(content.at("over")) },
        "reward" => Feedback::Reward { value: content.number("value"), reason: content.text("reason") },
        "correction" => Feedback::Correction(Correction {
            share: content.number("share"),
            shown: content.text("shown"),
            corrected: content.text("corrected"),
            shown_form: object(content, "shown_form"),
            corrected_form: object(content, "corrected_form"),
        }),
        name => {
            if name != "retract" {
                f.torn::<()>();
            }
            Feedback::Retract
        }
    }
}

fn candidate(f: Fields<'_>) -> Candidate {
    Candidate { id: f.shared("id"), features: object(f, "features"), text: f.maybe("text").map(|_| f.shared("text")) }
}

fn how(f: Fields<'_>) -> How {
    How {
        propensity: f.number("propensity"),
        explored: f.flag("explored"),
        prediction: f.number("prediction"),
        version: f.whole("version"),
    }
}

/// An object of features; one that was left out is empty.
fn object(f: Fields<'_>, name: &str) -> Object {
    match f.at(name).tree() {
        Tree::Nothing => Object::default(),
        Tree::Object(pairs) => Object(pairs.iter().map(|(name, tree)| (name.clone(), value(f, tree, true))).collect()),
        _ => f.torn(),
    }
}

fn value(f: Fields<'_>, tree: &Tree, may_be_list: bool) -> Value {
    match tree {
        Tree::Text(text) => Value::Text(text.clone()),
        Tree::Number(number) => Value::Number(*number),
        Tree::Flag(flag) => Value::Flag(*flag),
        Tree::List(items) if may_be_list => Value::List(items.iter().map(|item| value(f, item, false)).collect()),
        // The page says no to it.
        Tree::List(_) | Tree::Object(_) => Value::Nested,
        Tree::Nothing => Value::Nothing,
        Tree::Odd => {
            f.torn::<()>();
            Value::Nothing
        }
    }
}
