//! What is stored and what is sent.

use super::rewrites;
use crate::flat::Writer;
use flywheel_core::base64;
use flywheel_core::belief::Diff;
use flywheel_core::consent::{self, Consent, Outgoing, Share};
use flywheel_core::feature::{Candidate, Features, Object, Value};
use flywheel_core::journal::{Delivery, Entry, Record};
use flywheel_core::page::{Page, Told};
use flywheel_core::rank::Rule;
use flywheel_core::signal::{Feedback, How, Signal, Thumb};
use flywheel_core::wire::Batch;

/// Entries, decisions and ids of decisions to delete, as a list of three lists. Where nothing is stored, only entries.
pub fn writes(w: &mut Writer, page: &mut Page, stored: bool) {
    let due = page.take_due();
    let most = if stored { usize::MAX } else { 0 };
    w.list(0..3, |w, part| match part {
        0 => w.list(due.entries.iter().filter_map(|id| page.entry(*id)), entry),
        1 => w.list(due.decisions.iter().take(most).filter_map(|id| page.decision(*id)), decision),
        _ => w.list(due.expired.iter().take(most), Writer::id),
    });
}

/// The body of a request.
pub fn batch(w: &mut Writer, batch: &Batch<Outgoing, Told>) {
    w.object();
    w.key("v").whole(batch.v.into());
    w.key("key").text(&batch.key);
    w.key("secret").text(&batch.secret);
    w.key("request").id(&batch.request);
    w.key("sent_at").whole(batch.sent_at);
    w.key("model").text(&batch.model);
    w.key("version").whole(batch.version);
    consents(w.key("consent"), batch.consent);
    w.key("signals").list(&batch.signals, |w, outgoing| signal(w, outgoing.signal()));
    #[cfg(feature = "insight")]
    if !batch.decisions.is_empty() {
        w.key("decisions").list(&batch.decisions, decided);
    }
    w.end();
}

/// The record that a decision leaves.
#[cfg(feature = "insight")]
#[allow(clippy::float_cmp)] // exactly 1 is what is left out
fn decided(w: &mut Writer, decided: &Told) {
    w.object();
    w.key("id").id(&decided.id);
    w.key("surface").text(&decided.surface);
    w.key("choice").object();
    w.key("order").list(&decided.choice.order, |w, id| w.text(id));
    how(w, decided.choice.how());
    w.end();
    if decided.held_out {
        w.key("held_out").flag(true);
    }
    if decided.kept != 1.0 {
        w.key("kept").number(decided.kept);
    }
    object(w, "context", &decided.context);
    if !decided.candidates.is_empty() {
        w.key("candidates").list(&decided.candidates, candidate);
    }
    w.end();
}

/// What was chosen about consent.
pub fn choice(w: &mut Writer, choice: consent::Choice) {
    w.object();
    let flags =
        [("learn", choice.learn), ("text", choice.text), ("despite_privacy_control", choice.despite_privacy_control)];
    for (name, flag) in flags {
        if let Some(flag) = flag {
            w.key(name).flag(flag);
        }
    }
    if let Some(given) = choice.share {
        w.key("share").text(share(given));
    }
    w.end();
}

/// What is allowed.
pub(super) fn consents(w: &mut Writer, consent: Consent) {
    w.object();
    w.key("learn").flag(consent.learn);
    w.key("share").text(share(consent.share));
    w.key("text").flag(consent.text);
    w.end();
}

const fn share(share: Share) -> &'static str {
    match share {
        Share::Ask => "ask",
        Share::Granted => "granted",
        Share::Denied => "denied",
    }
}

/// An entry of the journal.
pub(super) fn entry(w: &mut Writer, entry: &Entry) {
    w.object();
    w.key("id").id(&entry.id);
    w.key("at").whole(entry.at);
    w.key("decision").id(&entry.decision);
    diff(w.key("diff"), &entry.diff);
    rewrites::pack(w, &entry.rewrites);
    w.key("delivery").object();
    match &entry.delivery {
        Delivery::Local => w.key("state").text("local"),
        Delivery::Pending { signal: outgoing } => {
            w.key("state").text("pending");
            signal(w.key("signal"), outgoing.signal());
        }
        Delivery::Acknowledged { seq, taught } => {
            w.key("state").text("acknowledged");
            w.key("seq").whole(*seq);
            diff(w.key("taught"), taught);
        }
        Delivery::Dropped { code } => {
            w.key("state").text("dropped");
            w.key("code").text(code);
        }
    }
    w.end();
    w.end();
}

/// A decision.
pub(super) fn decision(w: &mut Writer, record: &Record) {
    w.object();
    w.key("id").id(&record.id);
    w.key("at").whole(record.at);
    w.key("surface").text(&record.surface);
    object(w, "context", &record.context);
    if !record.context_features.words.is_empty() {
        words(w, "context_features", &record.context_features);
    }
    w.key("candidates").list(&record.candidates, |w, shown| {
        w.object();
        candidate(w.key("candidate"), &shown.candidate);
        if let Some(features) = shown.own_features() {
            words(w, "features", features);
        }
        if shown.rule != Rule::None {
            w.key("rule").number(shown.rule.to_number());
        }
        w.end();
    });
    w.key("choice").object();
    how(w, record.how);
    w.end();
    if let Some(after) = &record.after {
        w.key("after").id(after);
    }
    w.key("attempt").whole(record.attempt.into());
    w.end();
}

/// Features that do not follow from what else is stored: those of words that may not be.
fn words(w: &mut Writer, name: &str, features: &Features) {
    w.key(name).text(&features.to_base64());
}

fn diff(w: &mut Writer, diff: &Diff) {
    w.text(&base64::encode(&diff.to_bytes()));
}

fn signal(w: &mut Writer, signal: &Signal) {
    w.object();
    w.key("id").id(&signal.id);
    w.key("at").whole(signal.at);
    w.key("decision").id(&signal.decision);
    w.key("surface").text(&signal.surface);
    object(w, "context", &signal.context);
    candidate(w.key("shown"), &signal.shown);
    if let Some(choice) = &signal.choice {
        w.key("choice").object();
        w.key("order").list(&choice.order, |w, id| w.text(id));
        how(w, choice.how());
        w.end();
    }
    if let Some(earlier) = &signal.earlier {
        candidate(w.key("earlier"), earlier);
    }
    feedback(w.key("feedback"), &signal.feedback);
    if signal.automated {
        w.key("automated").flag(true);
    }
    w.end();
}

fn feedback(w: &mut Writer, feedback: &Feedback) {
    let name = match feedback {
        Feedback::Retract => return w.text("retract"),
        Feedback::Regenerate => return w.text("regenerate"),
        Feedback::Thumb(_) => "thumb",
        Feedback::Prefer { .. } => "prefer",
        Feedback::Correction(_) => "correction",
        Feedback::Reward { .. } => "reward",
    };
    w.object();
    w.key(name);
    match feedback {
        Feedback::Thumb(thumb) => w.text(if *thumb == Thumb::Up { "up" } else { "down" }),
        other => {
            w.object();
            match other {
                Feedback::Prefer { over } => candidate(w.key("over"), over),
                Feedback::Reward { value, reason } => {
                    w.key("value").number(*value);
                    text(w, "reason", reason.as_deref());
                }
                Feedback::Correction(correction) => {
                    w.key("share").number(correction.share);
                    text(w, "shown", correction.shown.as_deref());
                    text(w, "corrected", correction.corrected.as_deref());
                    object(w, "shown_form", &correction.shown_form);
                    object(w, "corrected_form", &correction.corrected_form);
                }
                Feedback::Thumb(_) | Feedback::Retract | Feedback::Regenerate => {}
            }
            w.end();
        }
    }
    w.end();
}

fn text(w: &mut Writer, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        w.key(name).text(text);
    }
}

fn candidate(w: &mut Writer, candidate: &Candidate) {
    w.object();
    w.key("id").text(&candidate.id);
    object(w, "features", &candidate.features);
    text(w, "text", candidate.text.as_deref());
    w.end();
}

fn how(w: &mut Writer, how: How) {
    w.key("propensity").number(how.propensity);
    w.key("explored").flag(how.explored);
    w.key("prediction").number(how.prediction);
    w.key("version").whole(how.version);
}

/// A field with features; an empty one is left out.
fn object(w: &mut Writer, name: &str, object: &Object) {
    if object.is_empty() {
        return;
    }
    w.key(name).object();
    for (name, given) in &object.0 {
        value(w.key(name), given);
    }
    w.end();
}

fn value(w: &mut Writer, given: &Value) {
    match given {
        Value::Text(text) => w.text(text),
        Value::Number(number) => w.number(*number),
        Value::Flag(flag) => w.flag(*flag),
        Value::List(items) => w.list(items, value),
        Value::Nothing | Value::Nested => w.nothing(),
    }
}
