//! What was stored comes back: by an earlier visit, or by another tab just now.

use super::{Event, Page, is_pending, words_of};
use crate::belief::decode;
use crate::error::{Code, Result};
use crate::id::Id;
use crate::journal::{Delivery, Entry, KEEP_MS, Record};
use crate::snapshot::Snapshot;

impl Page {
    /// Puts back what was stored: weights, then entries and decisions, in any order. What is here already is not put
    /// back again, so that a tab may hear of the same thing as often as it likes. `now` decides what is too old.
    ///
    /// # Errors
    /// As [`decode`], for the weights; without them the page keeps those that it has, and the rest is put back.
    pub fn restore(
        &mut self,
        weights: Option<&[u8]>,
        entries: Vec<Entry>,
        decisions: Vec<Record>,
        now: u64,
    ) -> Result<()> {
        for entry in entries {
            self.hear(entry);
        }
        for record in decisions {
            if record.at.saturating_add(KEEP_MS) < now {
                self.due.expired.push(record.id);
            } else if !self.decisions.contains_key(&record.id) {
                self.words += words_of(&record);
                self.asleep.retain(|id| *id != record.id);
                self.decisions.insert(record.id, record);
            }
        }
        self.expire();
        self.make_room(now);
        weights.map_or(Ok(()), |bytes| self.restore_weights(bytes).map(|_| ()))
    }

    /// Puts back what older entries came to, by the later of the two snapshots that can be read. It comes before the
    /// entries.
    pub fn restore_past(&mut self, slots: [Option<&str>; 2]) {
        if self.past.turn > 0 {
            return;
        }
        for slot in slots {
            match slot.map(Snapshot::from_text) {
                Some(Some(snapshot)) if snapshot.turn > self.past.turn => self.past = snapshot,
                Some(None) => self.set_aside(1),
                _ => {}
            }
        }
        self.mind.add(&self.past.sum);
    }

    /// What is to be stored instead of old entries, if it is worth it, and which of them need not be stored any more.
    /// The page itself keeps them until it is opened again.
    #[must_use]
    pub fn compact(&self, now: u64) -> Option<(Snapshot, Vec<Id>)> {
        self.past.next(self.entries.values(), now, self.mind.weights().head().seq)
    }

    /// Signals that are known only in sum.
    pub(super) const fn past_only(&self) -> usize {
        #[allow(clippy::cast_possible_truncation)] // far fewer
        (self.past.count as usize)
    }

    /// Takes weights that were stored, whole or as a step from those that are here; gives whether they are newer, and
    /// the step begins here, and so they were taken.
    ///
    /// # Errors
    /// As [`decode`]; then everything stays as it was.
    pub fn restore_weights(&mut self, bytes: &[u8]) -> Result<bool> {
        let here = self.weights();
        let stored = match decode(&self.model, here, bytes) {
            Err(error) if error.code == Code::WeightsBaseMismatch => return Ok(false),
            decoded => decoded?,
        };
        let is_newer = stored.head().version > here.head().version;
        if is_newer {
            self.show_weights(stored);
        }
        Ok(is_newer)
    }

    /// An entry as it was stored. What it taught is added, not learned again; of one that is known only the server's
    /// word can be news.
    #[inline(never)]
    fn hear(&mut self, entry: Entry) {
        if self.past.holds.contains(&entry.id) {
            return;
        }
        let known = self.entries.get(&entry.id);
        let is_new = known.is_none();
        if known.is_some_and(|known| !is_pending(known) || is_pending(&entry)) {
            return;
        }
        if is_new {
            // What is said from now on is later than what was said, even if the clock has been set back since.
            self.last_id = self.last_id.max((entry.id.at_ms(), 0x0FFF));
            self.mind.add(&entry.diff);
            if cfg!(feature = "insight") {
                self.habits.add(&entry.rewrites);
            }
            let active = self.active.entry(entry.decision);
            *active = if active.0.is_empty() { entry.diff.clone() } else { active.plus(&entry.diff).into() };
            self.post(&entry);
        }
        match &entry.delivery {
            Delivery::Acknowledged { seq, taught } if *seq <= self.mind.weights().head().seq => {
                self.mind.add_own(taught);
            }
            _ => {}
        }
        if !is_new {
            self.outbox.remove(entry.id);
            match &entry.delivery {
                Delivery::Acknowledged { .. } => self.events.push(Event::Acknowledged { id: entry.id }),
                Delivery::Dropped { code } => {
                    *self.dropped.entry(code.clone()) += 1;
                    self.events.push(Event::Dropped { id: entry.id, code: code.clone() });
                }
                Delivery::Local | Delivery::Pending { .. } => {}
            }
        }
        self.entries.insert(entry.id, entry);
    }

    /// Decisions that are stored and are read only when something is said about them ([`Page::restore`]). `now` decides
    /// which are too old.
    pub fn leave_asleep(&mut self, ids: impl IntoIterator<Item = Id>, now: u64) {
        for id in ids {
            if id.at_ms().saturating_add(KEEP_MS) < now {
                self.due.expired.push(id);
            } else if !self.decisions.contains_key(&id)
                && let Err(place) = self.asleep.binary_search(&id)
            {
                self.asleep.insert(place, id);
            }
        }
        self.expire();
    }

    /// Counts stored records that could not be read back and were left where they are.
    pub fn set_aside(&mut self, records: u64) {
        if records > 0 {
            *self.dropped.entry(Code::Corrupt.as_str().into()) += records;
        }
    }
}
