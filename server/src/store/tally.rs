//! Counts and sums by version and by day: what is recorded for analysis takes no room by the event.

use super::Db;
use flywheel_core::error::Result;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Versions whose tallies are kept.
const VERSIONS: u64 = 2_000;
/// Days whose tallies are kept.
const DAYS: u64 = 400;
/// A day in milliseconds.
const DAY_MS: u64 = 86_400_000;

/// What something is counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// The version of the weights that made the decision.
    Version(u64),
    /// The day, in UTC, by the server's clock.
    Day(u64),
}

impl Scope {
    /// The day of a moment in milliseconds since 1970.
    pub(super) const fn day(at_ms: u64) -> Self {
        Self::Day(at_ms / DAY_MS)
    }

    const fn columns(self) -> (i64, i64) {
        match self {
            Self::Version(version) => (0, version.cast_signed()),
            Self::Day(day) => (1, day.cast_signed()),
        }
    }
}

/// What is counted. The numbers are stored and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum What {
    /// Decisions, each for as many as its page kept no record of.
    Decided = 0,
    /// Decisions among them that the uniform share made.
    Explored = 1,
    /// People who came to a version with a decision.
    People = 2,
    /// Decision records that were left out under pressure.
    Dropped = 3,
    /// First verdicts about a decision; the sum is their log-loss.
    Judged = 4,
    /// The same by bin of the prediction; the sum is that of the predictions.
    Predicted = 5,
    /// The same by bin; the sum is that of the verdicts.
    Good = 6,
    /// Decisions that a thumb up stands about.
    Up = 10,
    /// Decisions that a thumb down stands about.
    Down = 11,
    /// Decisions whose answer was edited; the sum is the share that was.
    Corrected = 12,
    /// Decisions after which another attempt was asked for.
    Regenerated = 13,
    /// Decisions where another candidate was preferred or the shown one was.
    Preferred = 14,
    /// Decisions with a reward; the sum is that of the rewards.
    Rewarded = 15,
    /// Delays, by the power of two of milliseconds, with their sum: from what was said to its request.
    CapturedSent = 20,
    /// From the request, by the client's clock, to the fold, by the server's.
    SentFolded = 21,
    /// From the fold to the version that contains it.
    FoldedPublished = 22,
    /// From what was said to the version that contains it.
    CapturedPublished = 23,
    /// From a version to a page that takes it.
    PublishedFetched = 24,
    /// From a version to what is said about a decision that it made.
    PublishedOutcome = 25,
}

/// Where something is counted: under what, in hold-out or not, what, and its bin.
type Key = (Scope, bool, What, u8);

/// What was counted since the last transaction.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<Key, (f64, f64)>);

impl Tally {
    /// Counts.
    pub(super) fn add(&mut self, scope: Scope, held_out: bool, what: What, bin: u8, count: f64, sum: f64) {
        let place = self.0.entry((scope, held_out, what, bin)).or_default();
        *place = (place.0 + count, place.1 + sum);
    }

    /// Counts a delay in milliseconds under its day.
    pub(super) fn delay(&mut self, now_ms: u64, what: What, from_ms: u64) {
        // Clocks differ: what seems to come from the future took no time.
        let delay = now_ms.saturating_sub(from_ms);
        self.add(Scope::day(now_ms), false, what, bucket(delay), 1.0, ms(delay));
    }

    /// Writes what was counted.
    pub(super) fn write(&mut self, db: &Connection, app: i64) -> Result<()> {
        let mut upsert = db
            .prepare_cached(
                "INSERT INTO tallies (app, scope, at, held_out, what, bin, n, total) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET n = n + excluded.n, total = total + excluded.total",
            )
            .db()?;
        for ((scope, held_out, what, bin), (count, sum)) in std::mem::take(&mut self.0) {
            let (kind, at) = scope.columns();
            upsert.execute(params![app, kind, at, held_out, what as u8, bin, count, sum]).db()?;
        }
        Ok(())
    }
}

/// The power of two below a delay: 0 for less than 2 ms, 10 for about a second, 31 for a month.
fn bucket(delay_ms: u64) -> u8 {
    delay_ms.max(1).ilog2() as u8
}

#[allow(clippy::cast_precision_loss)] // delays of less than 2^53 ms
const fn ms(delay: u64) -> f64 {
    delay as f64
}

/// Drops what is older than is kept.
pub(super) fn prune(db: &Connection, app: i64, version: u64, now_ms: u64) -> Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM tallies WHERE app = ?1 AND scope = ?2 AND at < ?3").db()?;
    let days = (now_ms / DAY_MS).saturating_sub(DAYS);
    for scope in [Scope::Version(version.saturating_sub(VERSIONS)), Scope::Day(days)] {
        let (kind, at) = scope.columns();
        delete.execute(params![app, kind, at]).db()?;
    }
    Ok(())
}

/// One stored tally.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub(super) at: u64,
    pub(super) held_out: bool,
    pub(super) what: u8,
    pub(super) bin: u8,
    pub(super) count: f64,
    pub(super) sum: f64,
}

/// The tallies of an app from a version, or a day, on.
pub(super) fn read(db: &Connection, app: i64, from: Scope) -> Result<Vec<Stored>> {
    let (kind, at) = from.columns();
    let mut statement = db
        .prepare("SELECT at, held_out, what, bin, n, total FROM tallies WHERE app = ?1 AND scope = ?2 AND at >= ?3")
        .db()?;
    let rows = statement
        .query_map(params![app, kind, at], |row| {
            Ok(Stored {
                at: row.get::<_, i64>(0)?.cast_unsigned(),
                held_out: row.get(1)?,
                what: row.get(2)?,
                bin: row.get(3)?,
                count: row.get(4)?,
                sum: row.get(5)?,
            })
        })
        .db()?;
    rows.map(Db::db).collect()
}
