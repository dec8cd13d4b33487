//! What the app may ask about.

use super::write::{consents, decision, entry};
use crate::flat::Writer;
use flywheel_core::page::{Decision, Event, Export, Status};

/// How things stand.
#[inline(never)]
pub fn status(w: &mut Writer, status: &Status) {
    w.object();
    w.key("ready").flag(status.ready);
    consents(w.key("consent"), status.consent);
    let counts = [
        ("queued", status.queued),
        ("in_flight", status.in_flight),
        ("signals", status.signals),
        ("decisions", status.decisions),
        ("failures", status.failures as usize),
    ];
    for (name, count) in counts {
        w.key(name).whole(count as u64);
    }
    w.key("dropped").object();
    for (code, count) in status.dropped.iter() {
        w.key(code).whole(*count);
    }
    w.end();
    w.key("version").whole(status.version);
    match &status.last_error {
        Some(error) => w.key("last_error").text(error),
        None => w.key("last_error").nothing(),
    }
    w.end();
}

/// A decision as an object.
pub fn decided(w: &mut Writer, decision: &Decision, held_out: bool) {
    w.object();
    w.key("id").id(&decision.id);
    w.key("surface").text(&decision.surface);
    w.key("best").text(&decision.best);
    w.key("order").list(&decision.order, |w, id| w.text(id));
    w.key("scores").list(&decision.scores, |w, score| w.number(*score));
    w.key("propensity").number(decision.propensity);
    w.key("explored").flag(decision.explored);
    w.key("version").whole(decision.version);
    w.key("attempt").whole(decision.attempt.into());
    if crate::INSIGHT {
        w.key("worthAsking").flag(decision.worth_asking);
        w.key("heldOut").flag(held_out);
    }
    if decision.unready {
        w.key("unready").flag(true);
    }
    w.end();
}

/// What happened.
pub fn events(w: &mut Writer, events: &[Event]) {
    w.list(events, |w, event| {
        w.object();
        match event {
            Event::Acknowledged { id } => {
                w.key("type").text("acknowledged");
                w.key("id").id(id);
            }
            Event::Dropped { id, code } => {
                w.key("type").text("dropped");
                w.key("id").id(id);
                w.key("code").text(code);
            }
            Event::Weights { version } | Event::Held { version } => {
                w.key("type").text(if matches!(event, Event::Held { .. }) { "held" } else { "weights" });
                w.key("version").whole(*version);
            }
        }
        w.end();
    });
}

/// Everything that is kept about the person.
pub fn export(w: &mut Writer, export: &Export<'_>) {
    w.object();
    w.key("format").text(export.format);
    w.key("model").text(&export.model);
    consents(w.key("consent"), export.consent);
    w.key("entries").list(export.entries.iter().copied(), entry);
    w.key("decisions").list(export.decisions.iter().copied(), decision);
    w.end();
}
