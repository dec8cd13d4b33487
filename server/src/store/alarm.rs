//! Alarms: what an operator should look at. One row a kind, so that they take no room however often they ring.

use super::Db;
use flywheel_core::error::Result;
use rusqlite::{Connection, params};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// What can ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// New weights would predict worse, and so does every step towards them: nothing is published.
    HeldBack,
    /// New weights would predict worse; a smaller step was published.
    SteppedBack,
}

impl Kind {
    const ALL: [Self; 2] = [Self::HeldBack, Self::SteppedBack];

    const fn name(self) -> &'static str {
        match self {
            Self::HeldBack => "held_back",
            Self::SteppedBack => "stepped_back",
        }
    }
}

/// An alarm that has rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// What.
    pub kind: Kind,
    /// For the first time, in milliseconds since 1970.
    pub first_at: u64,
    /// For the last time, in milliseconds since 1970.
    pub last_at: u64,
    /// How often.
    pub times: u64,
    /// The last time in words.
    pub detail: String,
}

static RUNG: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// How often each kind has rung since the process began, for all apps together: a counter for metrics.
pub fn rung() -> impl Iterator<Item = (&'static str, u64)> {
    Kind::ALL.into_iter().zip(&RUNG).map(|(kind, times)| (kind.name(), times.load(Ordering::Relaxed)))
}

/// Rings.
pub(super) fn note(db: &Connection, app: i64, kind: Kind, detail: &str, now_ms: u64) -> Result<()> {
    if let Some(times) = RUNG.get(kind as usize) {
        times.fetch_add(1, Ordering::Relaxed);
    }
    db.prepare_cached(
        "INSERT INTO alarms (app, kind, first_at, last_at, times, detail) VALUES (?1, ?2, ?3, ?3, 1, ?4) ON CONFLICT
         DO UPDATE SET last_at = excluded.last_at, times = times + 1, detail = excluded.detail",
    )
    .db()?
    .execute(params![app, kind.name(), now_ms.cast_signed(), detail])
    .db()?;
    Ok(())
}

/// All alarms of an app.
pub(super) fn all(db: &Connection, app: i64) -> Result<Vec<Alarm>> {
    let mut alarms = Vec::new();
    let mut statement =
        db.prepare("SELECT first_at, last_at, times, detail FROM alarms WHERE app = ?1 AND kind = ?2").db()?;
    for kind in Kind::ALL {
        let rows = statement
            .query_map(params![app, kind.name()], |row| {
                let number = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
                Ok(Alarm { kind, first_at: number(0)?, last_at: number(1)?, times: number(2)?, detail: row.get(3)? })
            })
            .db()?;
        for row in rows {
            alarms.push(row.db()?);
        }
    }
    Ok(alarms)
}
