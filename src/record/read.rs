//! What was stored and what the server answers.

use super::rewrites;
use crate::flat::Tree;
use flywheel_core::belief::{Diff, Head};
use flywheel_core::consent::{self, Consent, Outgoing, Share};
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::journal::{Delivery, Entry, Record, Shown};
use flywheel_core::rank::Rule;
use flywheel_core::signal::{Correction, Feedback, How, Signal, Thumb};
use flywheel_core::wire::{Outcome, Reply, Verdict, WeightsHead};

/// An entry of the journal.
pub fn entry(tree: &Tree) -> Option<Entry> {
    Some(Entry {
        id: tree.get("id").id()?,
        at: tree.get("at").whole()?,
        decision: tree.get("decision").id()?,
        diff: diff(tree.get("diff"))?.into(),
        rewrites: rewrites::unpack(tree.optional("rewrites", Tree::text)?)?,
        delivery: delivery(tree.get("delivery"))?,
    })
}

/// A decision.
pub fn decision(tree: &Tree) -> Option<Record> {
    let context = object(tree.get("context"))?;
    Some(Record {
        id: tree.get("id").id()?,
        at: tree.get("at").whole()?,
        surface: tree.get("surface").shared()?,
        context_features: tree.optional("context_features", features)?.unwrap_or_else(|| Features::of(&context)).into(),
        context: context.into(),
        candidates: tree.get("candidates").each(|shown| {
            let candidate = candidate(shown.get("candidate"))?;
            let features = shown.optional("features", features)?;
            let features = features.unwrap_or_else(|| Features::of_candidate(&candidate));
            let rule = Rule::from_number(shown.optional("rule", Tree::number)?.unwrap_or(0.0)).ok()?;
            Some(Shown { candidate, features, rule }.into())
        })?,
        how: how(tree.get("choice"))?,
        after: tree.optional("after", Tree::id)?,
        attempt: tree.get("attempt").small()?,
    })
}

/// What was chosen about consent.
pub fn choice(tree: &Tree) -> Option<consent::Choice> {
    Some(consent::Choice {
        learn: tree.optional("learn", Tree::flag)?,
        share: tree.optional("share", share)?,
        text: tree.optional("text", Tree::flag)?,
        despite_privacy_control: tree.optional("despite_privacy_control", Tree::flag)?,
    })
}

/// The server's answer to a batch (docs/protocol.md).
pub fn reply(tree: &Tree) -> Option<Reply> {
    Some(Reply {
        v: tree.get("v").small()?,
        server_time: tree.get("server_time").whole()?,
        results: tree.get("results").each(verdict)?,
        weights: tree.optional("weights", head)?,
        retry_after_ms: tree.optional("retry_after_ms", Tree::whole)?,
    })
}

fn verdict(tree: &Tree) -> Option<Verdict> {
    Some(Verdict {
        id: tree.get("id").text()?,
        outcome: match tree.get("outcome").as_str()? {
            "ok" => Outcome::Ok,
            "duplicate" => Outcome::Duplicate,
            "rejected" => Outcome::Rejected,
            "retry" => Outcome::Retry,
            "too_old" => Outcome::TooOld,
            "erased" => Outcome::Erased,
            _ => return None,
        },
        seq: tree.optional("seq", Tree::whole)?,
        taught: tree.optional("taught", diff)?,
        code: tree.optional("code", Tree::text)?,
        detail: tree.optional("detail", Tree::text)?,
    })
}

fn head(tree: &Tree) -> Option<WeightsHead> {
    Some(WeightsHead {
        head: Head {
            version: tree.get("version").whole()?,
            seq: tree.get("seq").whole()?,
            hash: u64::from_str_radix(tree.get("hash").as_str()?, 16).ok()?,
        },
        delta: tree.optional("delta", Tree::text)?,
        url: tree.optional("url", Tree::text)?,
    })
}

fn share(tree: &Tree) -> Option<Share> {
    match tree.as_str()? {
        "ask" => Some(Share::Ask),
        "granted" => Some(Share::Granted),
        "denied" => Some(Share::Denied),
        _ => None,
    }
}

fn diff(tree: &Tree) -> Option<Diff> {
    Diff::from_base64(tree.as_str()?).ok()
}

fn features(tree: &Tree) -> Option<Features> {
    Features::from_base64(tree.as_str()?).ok()
}

fn delivery(tree: &Tree) -> Option<Delivery> {
    Some(match tree.get("state").as_str()? {
        "local" => Delivery::Local,
        "pending" => {
            // What was made for sending stays as it is; it is narrowed again when it is sent.
            let all = Consent { text: true, ..Consent::default() };
            Delivery::Pending { signal: Box::new(Outgoing::new(signal(tree.get("signal"))?, all)) }
        }
        "acknowledged" => Delivery::Acknowledged { seq: tree.get("seq").whole()?, taught: diff(tree.get("taught"))? },
        "dropped" => Delivery::Dropped { code: tree.get("code").text()? },
        _ => return None,
    })
}

fn signal(tree: &Tree) -> Option<Signal> {
    Some(Signal {
        id: tree.get("id").id()?,
        at: tree.get("at").whole()?,
        decision: tree.get("decision").id()?,
        surface: tree.get("surface").shared()?,
        context: object(tree.get("context"))?,
        shown: candidate(tree.get("shown"))?,
        choice: tree.optional("choice", |tree| Some(how(tree)?.with(tree.get("order").each(Tree::shared)?)))?,
        earlier: tree.optional("earlier", candidate)?,
        feedback: feedback(tree.get("feedback"))?,
        weight: None,
        automated: tree.get("automated").flag() == Some(true),
    })
}

fn feedback(tree: &Tree) -> Option<Feedback> {
    // `"name"`, or `{ name: content }`.
    let (name, content) = match tree {
        Tree::Text(name) => (name, &Tree::Nothing),
        Tree::Object(pairs) => pairs.first().map(|(name, content)| (name, content))?,
        _ => return None,
    };
    Some(match name.as_str() {
        "thumb" => Feedback::Thumb(match content.as_str()? {
            "up" => Thumb::Up,
            "down" => Thumb::Down,
            _ => return None,
        }),
        "retract" => Feedback::Retract,
        "regenerate" => Feedback::Regenerate,
        "prefer" => Feedback::Prefer { over: candidate(content.get("over"))? },
        "reward" => {
            Feedback::Reward { value: content.get("value").number()?, reason: content.optional("reason", Tree::text)? }
        }
        "correction" => Feedback::Correction(Correction {
            share: content.get("share").number()?,
            shown: content.optional("shown", Tree::text)?,
            corrected: content.optional("corrected", Tree::text)?,
            shown_form: object(content.get("shown_form"))?,
            corrected_form: object(content.get("corrected_form"))?,
        }),
        _ => return None,
    })
}

fn candidate(tree: &Tree) -> Option<Candidate> {
    Some(Candidate {
        id: tree.get("id").shared()?,
        features: object(tree.get("features"))?,
        text: tree.optional("text", Tree::shared)?,
    })
}

fn how(tree: &Tree) -> Option<How> {
    Some(How {
        propensity: tree.get("propensity").number()?,
        explored: tree.get("explored").flag()?,
        prediction: tree.get("prediction").number()?,
        version: tree.get("version").whole()?,
    })
}

/// An object of features; one that was left out is empty.
fn object(tree: &Tree) -> Option<Object> {
    let mut object = Object::default();
    match tree {
        Tree::Nothing => {}
        Tree::Object(pairs) => {
            for (name, tree) in pairs {
                object.0.push((name.clone(), value(tree, true)?));
            }
        }
        _ => return None,
    }
    Some(object)
}

fn value(tree: &Tree, may_be_list: bool) -> Option<Value> {
    Some(match tree {
        Tree::Nothing => Value::Nothing,
        Tree::Text(text) => Value::Text(text.clone()),
        Tree::Number(number) => Value::Number(*number),
        Tree::Flag(flag) => Value::Flag(*flag),
        Tree::List(_) if may_be_list => Value::List(tree.each(|item| value(item, false))?),
        Tree::List(_) | Tree::Object(_) => return None,
    })
}
