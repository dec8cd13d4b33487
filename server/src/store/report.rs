//! What the tallies say: how well each version predicts, what became of its decisions, how the loop turns.

use super::Db;
use super::measure::BINS;
use super::tally::{self, Scope, Stored, What};
use flywheel_core::error::Result;
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// Versions that are reported one by one.
const VERSIONS: i64 = 20;
/// Days that the loop's delays and the rates over all versions are about.
const DAYS: u64 = 28;

/// How an app does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The share of people who are held out.
    pub hold_out: f64,
    /// The share of decisions that pages are asked to send records of.
    pub recorded: f64,
    /// Decisions of the last 28 days whose order was learned.
    pub learned: Side,
    /// Decisions of the last 28 days in hold-out.
    pub held_out: Side,
    /// The same for each of the last versions, newest first.
    pub versions: Vec<VersionReport>,
    /// The parts of the loop over the last 28 days, in its order.
    pub stages: Vec<Stage>,
    /// Velocity: from what was said to the published weights that contain it.
    pub velocity: Stage,
    /// Records of decisions that were left out under pressure or could not be read.
    pub records_left_out: f64,
}

/// How one version does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VersionReport {
    /// Its number; 0 for pages that had no weights yet.
    pub version: u64,
    /// Decisions whose order was learned.
    pub learned: Side,
    /// Decisions in hold-out.
    pub held_out: Side,
}

/// What became of decisions on one side of the hold-out. Rates are none where nothing was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    /// Decisions, those included that pages kept no record of.
    pub decisions: f64,
    /// Decisions among them that the uniform share made.
    pub explored: f64,
    /// Share of decisions that no thumb down, correction or regeneration stands about.
    pub acceptance: Option<f64>,
    /// Share of decisions that a thumb down stands about.
    pub thumbs_down: Option<f64>,
    /// Share of decisions that a thumb up stands about.
    pub thumbs_up: Option<f64>,
    /// Share of decisions whose answer was edited.
    pub corrections: Option<f64>,
    /// Share of decisions after which another attempt was asked for.
    pub regenerations: Option<f64>,
    /// Mean reward of those that had one.
    pub reward: Option<f64>,
    /// First verdicts (thumbs and rewards) on decisions with a prediction.
    pub judged: f64,
    /// Mean log-loss of what was predicted before each of them (progressive).
    pub log_loss: Option<f64>,
    /// How far predictions are from outcomes: the mean over 20 bins of |mean prediction − mean verdict|, by their size.
    pub calibration_error: Option<f64>,
    /// Area under the ROC curve, from the same bins: those within a bin count as ties.
    pub auc: Option<f64>,
    /// The same rates with everybody counted once; over all time, for all versions together only.
    pub on_people: Option<PerPerson>,
    /// People who came to the version with a decision; for single versions only.
    pub people: Option<f64>,
}

/// Rates in which everybody counts once: the mean of people's own rates.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PerPerson {
    /// People with decisions.
    pub people: u64,
    /// Mean share of a person's decisions with nothing against them.
    pub acceptance: f64,
    /// Mean share of a person's decisions whose answer was edited.
    pub corrections: f64,
    /// Mean share of a person's decisions after which another attempt was asked for.
    pub regenerations: f64,
}

/// One part of the loop.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stage {
    /// From what to what.
    pub name: &'static str,
    /// How often it was passed.
    pub count: f64,
    /// Mean delay in milliseconds.
    pub mean_ms: Option<f64>,
    /// Half took at most about so many milliseconds (a power of two).
    pub half_ms: Option<f64>,
    /// Nearly all (99 %) took at most about so many milliseconds (a power of two).
    pub most_ms: Option<f64>,
}

const STAGES: [(What, &str); 6] = [
    (What::CapturedSent, "captured to sent"),
    (What::SentFolded, "sent to folded"),
    (What::FoldedPublished, "folded to published"),
    (What::PublishedFetched, "published to fetched"),
    (What::PublishedOutcome, "published to outcome"),
    (What::CapturedPublished, "captured to published"),
];

/// Counts and sums of one side, by what and bin.
#[derive(Default)]
struct Counted(BTreeMap<(u8, u8), (f64, f64)>);

impl Counted {
    fn of<'a>(stored: impl Iterator<Item = &'a Stored>) -> Self {
        let mut all = Self::default();
        for one in stored {
            let place = all.0.entry((one.what, one.bin)).or_default();
            *place = (place.0 + one.count, place.1 + one.sum);
        }
        all
    }

    fn at(&self, what: What, bin: u8) -> (f64, f64) {
        self.0.get(&(what as u8, bin)).copied().unwrap_or_default()
    }

    fn side(&self) -> Side {
        let decisions = self.at(What::Decided, 0).0;
        let share = |what: What| (decisions > 0.0).then(|| self.at(what, 0).0 / decisions);
        let bad = [What::Down, What::Corrected, What::Regenerated].map(share);
        let (judged, loss) = self.at(What::Judged, 0);
        let (rewarded, reward) = self.at(What::Rewarded, 0);
        let bins = || (0..BINS).map(|bin| (self.at(What::Predicted, bin), self.at(What::Good, bin).1));
        let apart: f64 = bins().map(|((_, predicted), good)| (predicted - good).abs()).sum();
        Side {
            decisions,
            explored: self.at(What::Explored, 0).0,
            acceptance: bad.iter().copied().sum::<Option<f64>>().map(|bad| 1.0 - bad),
            thumbs_down: share(What::Down),
            thumbs_up: share(What::Up),
            corrections: share(What::Corrected),
            regenerations: share(What::Regenerated),
            reward: (rewarded > 0.0).then(|| reward / rewarded),
            judged,
            log_loss: (judged > 0.0).then(|| loss / judged),
            calibration_error: (judged > 0.0).then(|| apart / judged),
            auc: auc(bins().map(|((count, _), good)| (good, count - good))),
            on_people: None,
            people: None,
        }
    }

    fn stage(&self, what: What, name: &'static str) -> Stage {
        let buckets: Vec<(u8, f64)> = (0..64).map(|bin| (bin, self.at(what, bin).0)).collect();
        let all: f64 = buckets.iter().map(|(_, count)| count).sum();
        let total: f64 = (0..64).map(|bin| self.at(what, bin).1).sum();
        let below = |share: f64| {
            let mut seen = 0.0;
            let found = buckets.iter().find(|(_, count)| {
                seen += count;
                seen >= share * all
            });
            found.map(|(bin, _)| f64::from(2u32).powi(i32::from(*bin) + 1))
        };
        let some = all > 0.0;
        Stage {
            name,
            count: all,
            mean_ms: some.then(|| total / all),
            half_ms: some.then(|| below(0.5)).flatten(),
            most_ms: some.then(|| below(0.99)).flatten(),
        }
    }
}

/// The probability that a good one was predicted higher than a bad one, from (good, bad) by bin in rising order.
fn auc(bins: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut wins, mut good_all, mut bad_all) = (0.0, 0.0, 0.0);
    for (good, bad) in bins {
        wins += good * (bad_all + bad / 2.0);
        good_all += good;
        bad_all += bad;
    }
    (good_all > 0.0 && bad_all > 0.0).then(|| wins / (good_all * bad_all))
}

/// Reads the report of an app.
pub(super) fn read(db: &Connection, app: i64) -> Result<Report> {
    let (hold_out, recorded) = db
        .query_row("SELECT hold_out, decisions FROM apps WHERE app = ?1", [app], |row| Ok((row.get(0)?, row.get(1)?)))
        .db()?;
    let last = "SELECT coalesce(max(at), 0) FROM tallies WHERE app = ?1 AND scope = ?2";
    let newest = |scope: i64| db.query_row(last, params![app, scope], |row| row.get::<_, i64>(0)).db();
    let days = tally::read(db, app, Scope::Day(newest(1)?.cast_unsigned().saturating_sub(DAYS - 1)))?;
    let side = |held_out: bool| -> Result<Side> {
        let counted = Counted::of(days.iter().filter(|one| one.held_out == held_out));
        Ok(Side { on_people: on_people(db, app, held_out)?, ..counted.side() })
    };
    let all = Counted::of(days.iter());
    let mut stages = STAGES.map(|(what, name)| all.stage(what, name)).to_vec();
    let velocity = stages.pop().unwrap_or_default();
    Ok(Report {
        hold_out,
        recorded,
        learned: side(false)?,
        held_out: side(true)?,
        versions: versions(db, app)?,
        stages,
        velocity,
        records_left_out: all.at(What::Dropped, 0).0,
    })
}

fn versions(db: &Connection, app: i64) -> Result<Vec<VersionReport>> {
    let last = "SELECT DISTINCT at FROM tallies WHERE app = ?1 AND scope = 0 ORDER BY at DESC LIMIT ?2";
    let mut last = db.prepare(last).db()?;
    let rows = last.query_map(params![app, VERSIONS], |row| row.get::<_, i64>(0)).db()?;
    let last: Vec<u64> = rows.map(|row| row.db().map(i64::cast_unsigned)).collect::<Result<_>>()?;
    let Some(first) = last.last() else { return Ok(Vec::new()) };
    let stored = tally::read(db, app, Scope::Version(*first))?;
    let side = |version: u64, held_out: bool| {
        let counted = Counted::of(stored.iter().filter(|one| one.at == version && one.held_out == held_out));
        Side { people: Some(counted.at(What::People, 0).0), ..counted.side() }
    };
    let report = |version| VersionReport { version, learned: side(version, false), held_out: side(version, true) };
    Ok(last.into_iter().map(report).collect())
}

fn on_people(db: &Connection, app: i64, held_out: bool) -> Result<Option<PerPerson>> {
    let mean = "SELECT count(*), coalesce(avg(1 - min(1, (down + corrected + regenerated) / decisions)), 0),
                coalesce(avg(min(1, corrected / decisions)), 0), coalesce(avg(min(1, regenerated / decisions)), 0)
                FROM person_tallies WHERE app = ?1 AND held_out = ?2 AND decisions > 0";
    let rates: PerPerson = db
        .query_row(mean, params![app, held_out], |row| {
            Ok(PerPerson {
                people: row.get::<_, i64>(0)?.cast_unsigned(),
                acceptance: row.get(1)?,
                corrections: row.get(2)?,
                regenerations: row.get(3)?,
            })
        })
        .db()?;
    Ok((rates.people > 0).then_some(rates))
}
