//! The most recent signals, as the gate looks at them.

use super::Db;
use crate::ingest::Person;
use flywheel_core::belief::Model;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::Result;
use flywheel_core::id::Id;
use flywheel_core::learner::Observation;
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet, VecDeque};

/// Most signals that are looked at.
const SIGNALS: usize = 512;
/// Most of them from one person: nobody can talk the gate open or shut.
pub(super) const EACH: usize = 8;
/// Most features in all of them together, 16 bytes each.
const FEATURES: usize = 65_536;

/// A statement that is in force.
#[derive(Debug)]
struct Said {
    person: Person,
    decision: Id,
    observations: Vec<Observation>,
}

/// What was said last, in a ring.
#[derive(Debug, Default)]
pub(super) struct Recent {
    said: VecDeque<Said>,
    features: usize,
    /// How many of them each person said, and about which decision: most signals are about another one.
    people: HashMap<Person, usize>,
    decisions: HashSet<(Person, Id)>,
}

impl Recent {
    /// Reads the last signals out of the log, as they stood before a restart.
    pub(super) fn load(db: &Connection, app: i64, model: &Model) -> Result<Self> {
        let last = "SELECT person, body FROM (SELECT seq, person, decision, id, body FROM signals WHERE app = ?1
                    ORDER BY seq DESC LIMIT ?2) AS said
                    WHERE NOT EXISTS (SELECT 1 FROM signals AS later WHERE later.app = ?1
                    AND later.person = said.person AND later.decision = said.decision AND later.id > said.id)
                    ORDER BY seq";
        let mut statement = db.prepare(last).db()?;
        let rows = statement
            .query_map(params![app, SIGNALS as i64], |row| Ok((Person(row.get(0)?), row.get::<_, String>(1)?)))
            .db()?;
        let mut recent = Self::default();
        for row in rows {
            let (person, body) = row.db()?;
            // What has expired has no body any more.
            if let Ok(signal) = serde_json::from_str::<Outgoing>(&body) {
                let signal = signal.signal();
                recent.push(person, signal.decision, signal.observations(model.space));
            }
        }
        Ok(recent)
    }

    /// Adds a signal that was just folded. What was said about the same decision before is to be out already.
    pub(super) fn push(&mut self, person: Person, decision: Id, observations: Vec<Observation>) {
        if observations.is_empty() {
            return;
        }
        if self.people.get(&person).is_some_and(|said| *said >= EACH) {
            self.take_out(|said| said.person == person);
        }
        let said = Said { person, decision, observations };
        self.features += said.features();
        *self.people.entry(person).or_default() += 1;
        self.decisions.insert((person, decision));
        self.said.push_back(said);
        while self.said.len() > SIGNALS || (self.features > FEATURES && self.said.len() > 1) {
            self.take_out(|_| true);
        }
    }

    /// Drops what a person said about a decision: it was taken back, or something else holds now.
    pub(super) fn replace(&mut self, person: Person, decision: Id) {
        if self.decisions.contains(&(person, decision)) {
            self.take_out(|said| said.person == person && said.decision == decision);
        }
    }

    /// Drops what a person said.
    pub(super) fn forget(&mut self, person: Person) {
        while self.people.contains_key(&person) {
            self.take_out(|said| said.person == person);
        }
    }

    /// Takes the oldest out that is such a one.
    fn take_out(&mut self, is_it: impl Fn(&Said) -> bool) {
        let Some(gone) = self.said.iter().position(is_it).and_then(|at| self.said.remove(at)) else { return };
        self.features -= gone.features();
        self.decisions.remove(&(gone.person, gone.decision));
        if let Some(said) = self.people.get_mut(&gone.person) {
            *said -= 1;
            if *said == 0 {
                self.people.remove(&gone.person);
            }
        }
    }

    /// All of it.
    pub(super) fn observations(&self) -> Vec<Observation> {
        self.said.iter().flat_map(|said| &said.observations).cloned().collect()
    }
}

impl Said {
    fn features(&self) -> usize {
        self.observations.iter().map(|one| one.vector.len()).sum()
    }
}
