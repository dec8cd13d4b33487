//! What stands about the decisions that a batch is about: the latest statement of the person, and what all statements
//! about the decision teach together while it is in force.

use super::Db;
use super::sites::difference;
use crate::ingest::Person;
use flywheel_core::belief::Diff;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::Result;
use flywheel_core::id::Id;
use flywheel_core::signal::Feedback;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};

/// In the place of a difference: the same as what the signal taught, since nothing was said before. No difference is
/// written so.
const AS_TAUGHT: &[u8] = b"=";
/// Most statements that are looked through at once for those that matter.
const LOOKED: usize = 512;

/// What stands about one decision.
#[derive(Clone, Debug, Default)]
pub(super) struct Stands {
    /// The latest statement; ids sort by the time of their making.
    pub(super) newest: Option<Id>,
    /// What it and those before it teach.
    pub(super) taught: Diff,
    /// What it says, unless it has expired.
    pub(super) says: Option<Feedback>,
}

/// A row of the log: id, what it taught, what stands, body.
type Row = ([u8; 16], Vec<u8>, Vec<u8>, String);

/// What stands, as far as a batch may have to know it.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    db: &'a Connection,
    app: i64,
    person: Person,
    /// Decisions about which something is stored; `None`: it may be any.
    stored: Option<HashSet<[u8; 16]>>,
    /// What this batch has said.
    said: HashMap<Id, Stands>,
}

impl<'a> Standing<'a> {
    /// Looks up at once which of the batch's decisions something was said about before. Decisions are made one after the
    /// other, so that those of a batch are neighbours, and mostly new.
    pub(super) fn of(
        db: &'a Connection,
        app: i64,
        person: Person,
        decisions: impl Iterator<Item = Id> + Clone,
    ) -> Result<Self> {
        let ends = decisions.clone().min().zip(decisions.max());
        let mut stored = HashSet::new();
        let mut rows = 0;
        if let Some((first, last)) = ends {
            let mut find = db
                .prepare_cached(
                    "SELECT decision FROM signals
                     WHERE app = ?1 AND person = ?2 AND decision BETWEEN ?3 AND ?4 LIMIT ?5",
                )
                .db()?;
            let mut found =
                find.query(params![app, person.0, first.as_bytes(), last.as_bytes(), LOOKED as i64]).db()?;
            while let Some(row) = found.next().db()? {
                stored.insert(row.get(0).db()?);
                rows += 1;
            }
        }
        Ok(Self { db, app, person, stored: (rows < LOOKED).then_some(stored), said: HashMap::new() })
    }

    /// What stands about a decision. It is to be said what does then: [`Standing::says`].
    pub(super) fn about(&mut self, decision: Id) -> Result<Stands> {
        if let Some(said) = self.said.get(&decision) {
            return Ok(said.clone());
        }
        if self.stored.as_ref().is_some_and(|stored| !stored.contains(decision.as_bytes())) {
            return Ok(Stands::default());
        }
        let latest: Option<Row> = self
            .db
            .prepare_cached(
                "SELECT id, taught, standing, body FROM signals WHERE app = ?1 AND person = ?2 AND decision = ?3
                 ORDER BY id DESC LIMIT 1",
            )
            .db()?
            .query_row(params![self.app, self.person.0, decision.as_bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
            .db()?;
        Ok(match latest {
            Some((id, taught, standing, body)) => Stands {
                newest: Some(Id::from_bytes(id)),
                taught: read(&taught, &standing)?,
                says: serde_json::from_str::<Outgoing>(&body).ok().map(|said| said.signal().feedback.clone()),
            },
            None => Stands::default(),
        })
    }

    /// Notes what stands about a decision now.
    pub(super) fn says(&mut self, decision: Id, stands: Stands) {
        self.said.insert(decision, stands);
    }
}

/// What stands, as it is stored beside what was taught, where `before` stood until then.
pub(super) fn bytes(before: &Diff, now: &Diff) -> Vec<u8> {
    if before.0.is_empty() { AS_TAUGHT.to_vec() } else { now.to_bytes() }
}

/// Reads what stands.
///
/// # Errors
/// As [`difference`].
pub(super) fn read(taught: &[u8], standing: &[u8]) -> Result<Diff> {
    difference(if standing == AS_TAUGHT { taught } else { standing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flywheel_core::belief::Evidence;

    #[test]
    fn what_stands_reads_back_and_is_no_difference() {
        let some = |shift| Diff(vec![(7, Evidence { precision: 1, shift })]);
        let (first, more) = (some(3), some(-5));
        assert_eq!(read(&first.to_bytes(), &bytes(&Diff::default(), &first)), Ok(first.clone()));
        let both = first.plus(&more);
        assert_eq!(read(&more.to_bytes(), &bytes(&first, &both)), Ok(both));
        assert_eq!(read(&more.to_bytes(), &bytes(&first, &Diff::default())), Ok(Diff::default()));
        assert!(difference(AS_TAUGHT).is_err() && read(&[], AS_TAUGHT) == Ok(Diff::default()));
    }

    #[test]
    fn what_was_said_is_found_however_much_stands_between() {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch(
            "CREATE TABLE signals (seq INTEGER PRIMARY KEY, app, person, id, decision, taught, standing, body)",
        )
        .expect("a table");
        let person = Person([3; 16]);
        let id = |n: u64| Id::new(n, [n, n]);
        let taught = |n: u64| Diff(vec![(n as u32, Evidence { precision: 1, shift: 2 })]);
        // One about each, at a whole number of seconds; two about the fifth.
        let say = |n: u64, decision: u64| {
            let insert = "INSERT INTO signals VALUES (NULL, 1, ?1, ?2, ?3, ?4, ?5, '{}')";
            let (said, about) = (id(n), id(decision));
            let row = params![person.0, said.as_bytes(), about.as_bytes(), taught(n).to_bytes(), AS_TAUGHT];
            db.execute(insert, row).expect("a row");
        };
        (1..=800).for_each(|n| say(n * 1_000 + 1, n * 1_000));
        say(900_001, 5_000);
        for (first, last) in [(4_000, 6_000), (1_000, 800_000)] {
            let decisions = [id(last), id(5_000), id(first), id(5_500)];
            let mut standing = Standing::of(&db, 1, person, decisions.into_iter()).expect("looks");
            assert_eq!(standing.stored.is_none(), last > 6_000, "the test does not come to the limit");
            for (decision, newest) in
                [(first, Some(first + 1)), (5_000, Some(900_001)), (last, Some(last + 1)), (5_500, None)]
            {
                let stands = standing.about(id(decision)).expect("reads");
                assert_eq!(stands.newest, newest.map(id), "{decision} of {first} to {last}");
                assert_eq!(stands.taught, newest.map(taught).unwrap_or_default());
            }
            let now = Stands { newest: Some(id(7)), taught: taught(7), says: None };
            standing.says(id(5_000), now);
            assert_eq!(standing.about(id(5_000)).expect("reads").newest, Some(id(7)), "the batch's own word holds");
        }
        let other =
            Standing::of(&db, 1, Person([4; 16]), [id(5_000)].into_iter()).and_then(|mut it| it.about(id(5_000)));
        assert_eq!(other.expect("reads").newest, None);
    }
}
