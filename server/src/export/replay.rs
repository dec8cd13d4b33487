//! The replay log (docs/replay.md): each row teaches what the signal taught.

use super::lines::Lines;
use crate::replay::log::{Row, Said};
use crate::store::Statement;
use flywheel_core::error::Result;
use flywheel_core::feature::{Candidate, Object};
use flywheel_core::id::Id;
use flywheel_core::signal::{Correction, Feedback, Thumb};

pub(super) fn rows(statement: &Statement, lines: &mut Lines) -> Result<()> {
    let signal = &statement.signal;
    #[allow(clippy::cast_precision_loss)] // milliseconds since 1970 are far below 2⁵³
    let common = Row {
        user: Id::from_bytes(statement.person.0).text(),
        at: signal.at as f64,
        context: signal.context.clone(),
        ..Row::default()
    };
    let propensity = signal.choice.as_ref().map(|choice| choice.propensity).filter(|propensity| *propensity > 0.0);
    let shown = |said| Row {
        candidates: vec![signal.shown.clone()],
        chosen: Some(0),
        propensity,
        feedback: Some(said),
        ..common.clone()
    };
    let pair = |better: &Candidate, worse: &Candidate| Row {
        candidates: vec![better.clone(), worse.clone()],
        feedback: Some(Said::Prefer(0)),
        ..common.clone()
    };
    match (&signal.feedback, &signal.earlier) {
        (Feedback::Retract, _) => Ok(()),
        (Feedback::Thumb(Thumb::Up), Some(earlier)) => {
            // One statement with two lessons: neither may help to predict the other.
            let group = Some(signal.id.text());
            lines.line(&Row { group: group.clone(), ..shown(Said::Thumb(Thumb::Up)) })?;
            lines.line(&Row { group, ..pair(&signal.shown, earlier) })
        }
        (Feedback::Thumb(thumb), _) => lines.line(&shown(Said::Thumb(*thumb))),
        (Feedback::Regenerate, _) => lines.line(&shown(Said::Regenerate(true))),
        (Feedback::Reward { value, .. }, _) => lines.line(&shown(Said::Reward(*value))),
        (Feedback::Prefer { over }, _) => lines.line(&pair(&signal.shown, over)),
        (Feedback::Correction(correction), _) => lines.line(&corrected(correction, &shown, &pair, &common)),
    }
}

/// With both texts a correction; with their forms alone the same lesson as a preference; with neither, a reward.
fn corrected(
    correction: &Correction,
    shown: &impl Fn(Said) -> Row,
    pair: &impl Fn(&Candidate, &Candidate) -> Row,
    common: &Row,
) -> Row {
    let form = |id: &str, form: &Object| Candidate { id: id.into(), features: form.clone(), text: None };
    match (&correction.shown, &correction.corrected) {
        (Some(before), Some(after)) => {
            let said = Said::Correction { shown: before.clone(), corrected: after.clone() };
            Row { feedback: Some(said), ..common.clone() }
        }
        _ if !correction.shown_form.is_empty() && !correction.corrected_form.is_empty() => {
            pair(&form("corrected", &correction.corrected_form), &form("shown", &correction.shown_form))
        }
        _ => shown(Said::Reward(1.0 - correction.share)),
    }
}
