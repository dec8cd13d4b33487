//! What is measured while the loop turns: how well each version predicts, what became of its decisions, and how long
//! each part of the loop takes.

use super::Db;
use super::tally::{Scope, Tally, What};
use crate::ingest::Person;
use flywheel_core::error::Result;
use flywheel_core::math::log_loss;
use flywheel_core::signal::{Feedback, Thumb};
use flywheel_core::wire::Decided;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::VecDeque;

/// Bins of predictions, for calibration and AUC.
pub(super) const BINS: u8 = 20;
/// Signals whose publication is waited for; what comes beyond is published unmeasured.
const WAITING: usize = 100_000;
/// Versions whose time of publication is at hand.
const VERSIONS: usize = 1_000;

/// What is known about the decision that something is said about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct About {
    pub(super) version: u64,
    pub(super) held_out: bool,
    /// The prediction that was made then; 0 where none was.
    pub(super) prediction: f64,
}

/// The measures of one app.
#[derive(Debug, Default)]
pub(super) struct Measures {
    pub(super) tally: Tally,
    /// Signals that are not published yet: their place in the order of folding, when they came, when they were said.
    waiting: VecDeque<(u64, u64, u64)>,
    /// Versions and when they came out, the newest last.
    versions: VecDeque<(u64, u64)>,
}

impl Measures {
    pub(super) fn load(db: &Connection, app: i64) -> Result<Self> {
        let last = "SELECT version, at FROM (SELECT version, at FROM versions WHERE app = ?1
                    ORDER BY version DESC LIMIT ?2) ORDER BY version";
        let mut statement = db.prepare(last).db()?;
        let rows = statement
            .query_map(params![app, VERSIONS as i64], |row| {
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
            })
            .db()?;
        Ok(Self { versions: rows.map(Db::db).collect::<Result<_>>()?, ..Self::default() })
    }

    /// Counts a decision under its version and its day.
    pub(super) fn decided(&mut self, now_ms: u64, decided: &Decided, is_new_here: bool) {
        let (held_out, weight) = (decided.held_out, 1.0 / decided.kept);
        for scope in [Scope::Version(decided.choice.version), Scope::day(now_ms)] {
            self.tally.add(scope, held_out, What::Decided, 0, weight, 0.0);
            if decided.choice.explored {
                self.tally.add(scope, held_out, What::Explored, 0, weight, 0.0);
            }
        }
        if is_new_here {
            self.tally.add(Scope::Version(decided.choice.version), held_out, What::People, 0, 1.0, 0.0);
        }
    }

    /// Counts a record that was left out.
    pub(super) fn left_out(&mut self, now_ms: u64, records: usize) {
        if records > 0 {
            self.tally.add(Scope::day(now_ms), false, What::Dropped, 0, records as f64, 0.0);
        }
    }

    /// Adds to what is counted about a person: decisions, thumbs down, corrections, regenerations. Returns whether the
    /// person had no decision of this version before.
    pub(super) fn of_person(
        &self,
        db: &Connection,
        app: i64,
        person: Person,
        held_out: bool,
        version: u64,
        counts: [f64; 4],
    ) -> Result<bool> {
        let known: Option<i64> = db
            .prepare_cached("SELECT version FROM person_tallies WHERE app = ?1 AND person = ?2 AND held_out = ?3")
            .db()?
            .query_row(params![app, person.0, held_out], |row| row.get(0))
            .optional()
            .db()?;
        let [decisions, down, corrected, regenerated] = counts;
        let seen = if decisions > 0.0 { version.cast_signed() } else { -1 };
        db.prepare_cached(
            "INSERT INTO person_tallies (app, person, held_out, version, decisions, down, corrected, regenerated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET version = max(version, excluded.version),
             decisions = decisions + excluded.decisions, down = down + excluded.down,
             corrected = corrected + excluded.corrected, regenerated = regenerated + excluded.regenerated",
        )
        .db()?
        .execute(params![app, person.0, held_out, seen, decisions, down, corrected, regenerated])
        .db()?;
        Ok(known.is_none_or(|known| known < version.cast_signed()))
    }

    /// Counts the first verdict about a decision against what was predicted then.
    pub(super) fn judged(&mut self, now_ms: u64, about: About, feedback: &Feedback) {
        let verdict = match feedback {
            Feedback::Thumb(Thumb::Up) => 1.0,
            Feedback::Thumb(Thumb::Down) => 0.0,
            Feedback::Reward { value, .. } => *value,
            // These say something, but not how probable a good outcome was.
            Feedback::Retract | Feedback::Prefer { .. } | Feedback::Correction(_) | Feedback::Regenerate => return,
        };
        let p = about.prediction;
        if p <= 0.0 || p >= 1.0 {
            return;
        }
        let bin = ((p * f64::from(BINS)) as u8).min(BINS - 1);
        for scope in [Scope::Version(about.version), Scope::day(now_ms)] {
            self.tally.add(scope, about.held_out, What::Judged, 0, 1.0, log_loss(p, verdict));
            self.tally.add(scope, about.held_out, What::Predicted, bin, 1.0, p);
            self.tally.add(scope, about.held_out, What::Good, bin, 1.0, verdict);
        }
    }

    /// Counts (or, with a negative sign, counts no more) a statement as what stands about its decision. Returns what
    /// that is for the person: decisions, thumbs down, corrections, regenerations.
    pub(super) fn stands(&mut self, now_ms: u64, about: About, feedback: &Feedback, sign: f64) -> [f64; 4] {
        let (what, sum, of_person) = match feedback {
            Feedback::Retract => return [0.0; 4],
            Feedback::Thumb(Thumb::Up) => (What::Up, 0.0, [0.0; 4]),
            Feedback::Thumb(Thumb::Down) => (What::Down, 0.0, [0.0, sign, 0.0, 0.0]),
            Feedback::Correction(correction) => (What::Corrected, correction.share, [0.0, 0.0, sign, 0.0]),
            Feedback::Regenerate => (What::Regenerated, 0.0, [0.0, 0.0, 0.0, sign]),
            Feedback::Prefer { .. } => (What::Preferred, 0.0, [0.0; 4]),
            Feedback::Reward { value, .. } => (What::Rewarded, *value, [0.0; 4]),
        };
        for scope in [Scope::Version(about.version), Scope::day(now_ms)] {
            self.tally.add(scope, about.held_out, what, 0, sign, sign * sum);
        }
        of_person
    }

    /// Notes that the `folded`-th signal was folded.
    pub(super) fn folded(&mut self, now_ms: u64, folded: u64, said_at: u64, sent_at: u64, version: u64) {
        // Both by the client's clock, whatever it shows; put on the server's by when the request came.
        let on_the_way = sent_at.saturating_sub(said_at);
        self.tally.delay(now_ms, What::CapturedSent, now_ms.saturating_sub(on_the_way));
        self.tally.delay(now_ms, What::SentFolded, sent_at);
        if self.waiting.len() < WAITING {
            self.waiting.push_back((folded, now_ms, now_ms.saturating_sub(on_the_way)));
        }
        if let Some(at) = self.came_out(version) {
            self.tally.delay(now_ms, What::PublishedOutcome, at);
        }
    }

    /// Notes that a version came out that contains the first `folded` signals.
    pub(super) fn published(&mut self, now_ms: u64, version: u64, folded: u64) {
        while let Some(&(place, came, said)) = self.waiting.front() {
            if place > folded {
                break;
            }
            self.waiting.pop_front();
            self.tally.delay(now_ms, What::FoldedPublished, came);
            self.tally.delay(now_ms, What::CapturedPublished, said);
        }
        self.versions.push_back((version, now_ms));
        if self.versions.len() > VERSIONS {
            self.versions.pop_front();
        }
    }

    /// Notes that a page was handed a version.
    pub(super) fn fetched(&mut self, now_ms: u64, version: u64) {
        if let Some(at) = self.came_out(version) {
            self.tally.delay(now_ms, What::PublishedFetched, at);
        }
    }

    fn came_out(&self, version: u64) -> Option<u64> {
        let at = self.versions.binary_search_by_key(&version, |(version, _)| *version).ok()?;
        self.versions.get(at).map(|(_, at)| *at)
    }
}
