//! The most recent signals, as the gate looks at them.

use super::Db;
use crate::ingest::Person;
use flywheel_core::belief::Model;
use flywheel_core::consent::Outgoing;
use flywheel_core::error::Result;
use flywheel_core::learner::Observation;
use flywheel_core::signal::Signal;
use rusqlite::{Connection, params};
use std::collections::VecDeque;

/// Most signals that are looked at.
const SIGNALS: usize = 512;
/// Most of them from one person: nobody can talk the gate open or shut.
pub(super) const EACH: usize = 8;
/// Most features in all of them together, 16 bytes each.
const FEATURES: usize = 65_536;

/// What was said last, in a ring.
#[derive(Debug, Default)]
pub(super) struct Recent {
    said: VecDeque<(Person, Vec<Observation>)>,
    features: usize,
}

impl Recent {
    /// Reads the last signals out of the log, as they stood before a restart.
    pub(super) fn load(db: &Connection, app: i64, model: &Model) -> Result<Self> {
        let last = "SELECT person, body FROM (SELECT seq, person, body FROM signals WHERE app = ?1
                    ORDER BY seq DESC LIMIT ?2) ORDER BY seq";
        let mut statement = db.prepare(last).db()?;
        let rows = statement
            .query_map(params![app, SIGNALS as i64], |row| Ok((Person(row.get(0)?), row.get::<_, String>(1)?)))
            .db()?;
        let mut recent = Self::default();
        for row in rows {
            let (person, body) = row.db()?;
            // What has expired has no body any more.
            if let Ok(signal) = serde_json::from_str::<Outgoing>(&body) {
                recent.push(model, person, signal.signal());
            }
        }
        Ok(recent)
    }

    /// Adds a signal that was just folded.
    pub(super) fn push(&mut self, model: &Model, person: Person, signal: &Signal) {
        let said = signal.observations(model.space);
        if said.is_empty() {
            return;
        }
        if self.said.iter().filter(|(other, _)| *other == person).count() >= EACH {
            let oldest = self.said.iter().position(|(other, _)| *other == person);
            oldest.and_then(|at| self.said.remove(at)).into_iter().for_each(|(_, gone)| self.features -= size(&gone));
        }
        self.features += size(&said);
        self.said.push_back((person, said));
        while self.said.len() > SIGNALS || (self.features > FEATURES && self.said.len() > 1) {
            self.said.pop_front().into_iter().for_each(|(_, gone)| self.features -= size(&gone));
        }
    }

    /// Drops what a person said.
    pub(super) fn forget(&mut self, person: Person) {
        self.said.retain(|(other, _)| *other != person);
        self.features = self.said.iter().map(|(_, said)| size(said)).sum();
    }

    /// All of it.
    pub(super) fn observations(&self) -> Vec<Observation> {
        self.said.iter().flat_map(|(_, said)| said).cloned().collect()
    }
}

fn size(said: &[Observation]) -> usize {
    said.iter().map(|said| said.vector.len()).sum()
}
