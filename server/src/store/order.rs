//! What an operator can order: going back to an earlier version, holding publication still, letting it go on.

use super::ledger::Memory;
use super::publish::Pressed;
use super::{Db, audit, history};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::signal::check_share;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

/// An order about one app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Publishes an earlier version again, as a new one, and freezes.
    Rollback {
        /// Its number.
        version: u64,
    },
    /// Nothing more is published; signals are still taken and folded.
    Freeze,
    /// What was folded meanwhile is published, if the gate lets it out.
    Unfreeze,
    /// Holds out another share of people; pages that are open keep what they have.
    HoldOut {
        /// 0 (nobody) to 1.
        share: f64,
    },
    /// Has pages send records of another share of their decisions.
    Record {
        /// 0 (none) to 1 (all).
        share: f64,
    },
}

/// Carries out an order and notes it in the audit log. Returns what happened, in words.
///
/// # Errors
/// [`Code::NotFound`] for a version whose bytes are not kept; [`Code::OutOfRange`] for a share outside [0, 1].
pub(super) fn obey(db: &Connection, memory: &mut Memory, id: i64, order: &Order, now_ms: u64) -> Result<String> {
    let app = memory.app(id)?;
    app.recall();
    let freeze = |frozen: bool| {
        db.execute("UPDATE apps SET frozen = ?2 WHERE app = ?1", params![id, frozen]).db().map(|_| frozen)
    };
    let mut shelving = None;
    let (act, words) = match order {
        Order::Rollback { version } => {
            let head = app.published.weights.head();
            let Some(mut weights) = history::at(db, id, &app.model, *version)? else {
                let kept = history::kept(db, id)?;
                return Err(Error::new(Code::NotFound, format!("version {version} is not kept; there are {kept}")));
            };
            // What signals the old version contains is what the new one contains.
            weights.set_head(head.version + 1, weights.head().seq);
            let seq = weights.head().seq;
            let pressed = Pressed::new(&app.name, &app.model, &app.published.weights, weights, false);
            app.put_out(db, &pressed, 1.0, app.out, now_ms)?;
            app.out = app.folded.saturating_sub(app.count_after(db, seq)?);
            app.compare();
            app.frozen = freeze(true)?;
            shelving = pressed.whole;
            let words =
                format!("version {version} is out again, as version {}; publication is frozen", head.version + 1);
            ("rollback", words)
        }
        Order::Freeze => {
            app.frozen = freeze(true)?;
            ("freeze", format!("version {} stays until unfreeze", app.published.weights.head().version))
        }
        Order::Unfreeze => {
            app.frozen = freeze(false)?;
            ("unfreeze", "what was folded meanwhile is published next, if the gate lets it out".to_owned())
        }
        Order::HoldOut { share } => {
            check_share("a share", *share)?;
            db.execute("UPDATE apps SET hold_out = ?2 WHERE app = ?1", params![id, share]).db()?;
            app.settings.hold_out = *share;
            (
                "hold_out",
                format!("{} % of people are held out, from the next time that they open a page", share * 100.0),
            )
        }
        Order::Record { share } => {
            check_share("a share", *share)?;
            db.execute("UPDATE apps SET decisions = ?2 WHERE app = ?1", params![id, share]).db()?;
            app.settings.decisions = *share;
            ("record", format!("pages send records of {} % of their decisions", share * 100.0))
        }
    };
    memory.shelve(shelving);
    audit::note(db, Some(id), act, &words, now_ms)?;
    Ok(words)
}
