//! Taking in what a person exported: on another device, or after this one lost it. A file is a stranger's.

use super::Page;
use crate::belief::Diff;
use crate::error::{Code, Result};
use crate::feature::{Candidate, check_name};
use crate::journal::{Delivery, Entry, KEEP_MS, Record};
use crate::signal::ORDER;

/// Largest precision and shift that one signal may claim to have taught at a slot, in fixed point: no sum of a journal
/// leaves 64 bits by it, and no honest signal teaches a thousandth of it.
const MOST: (i64, i64) = (1 << 32, 1 << 36);

impl Page {
    /// Adds entries and decisions that are not here. What the server has counted stays known as counted, and what waits
    /// keeps its id, so that nothing counts twice, whoever sends it; what was learned from the person's other devices
    /// comes from the server. What is not as it must be is left out and counted in the status. Returns how many entries
    /// were added.
    ///
    /// # Errors
    /// [`Code::LearnRefused`].
    pub fn import(&mut self, entries: Vec<Entry>, decisions: Vec<Record>, now: u64) -> Result<usize> {
        self.check_learning()?;
        let slots = self.model.cells();
        let all = entries.len() + decisions.len();
        let entries: Vec<Entry> = entries.into_iter().filter(|entry| checked(entry, slots, now)).collect();
        let decisions: Vec<Record> = decisions.into_iter().filter(|record| is_sound(record, now)).collect();
        self.set_aside((all - entries.len() - decisions.len()) as u64);
        // What is that old may be known here in sum.
        let since = if self.past_only() > 0 { now.saturating_sub(KEEP_MS) } else { 0 };
        let is_new = |entry: &Entry| entry.id.at_ms() >= since && !self.entries.contains_key(&entry.id);
        let new: Vec<Entry> = entries.into_iter().filter(is_new).collect();
        let decisions: Vec<Record> = decisions.into_iter().filter(|it| !self.decisions.contains_key(&it.id)).collect();
        self.due.entries.extend(new.iter().map(|entry| entry.id));
        self.due.decisions.extend(decisions.iter().map(|record| record.id));
        let count = new.len();
        self.restore(None, new, decisions, now)?;
        // What may not be sent does not wait.
        self.set_consent(self.consent);
        Ok(count)
    }
}

fn checked(entry: &Entry, slots: u32, now: u64) -> bool {
    // An entry about itself is what other devices taught: that is the server's to say.
    let own = entry.id != entry.decision && entry.at <= now && entry.id.at_ms() <= now;
    own && is_bounded(&entry.diff, slots)
        && match &entry.delivery {
            Delivery::Pending { signal } => {
                let signal = signal.signal();
                signal.id == entry.id
                    && signal.decision == entry.decision
                    && signal.weight.is_none()
                    && signal.check().is_ok()
            }
            Delivery::Acknowledged { taught, .. } => is_bounded(taught, slots),
            Delivery::Dropped { code } => Code::ALL.iter().any(|known| known.as_str() == code),
            Delivery::Local => true,
        }
}

fn is_bounded(diff: &Diff, slots: u32) -> bool {
    let inside = |size: i64, most: i64| (-most..=most).contains(&size);
    diff.0.iter().all(|(slot, it)| *slot < slots && inside(it.precision, MOST.0) && inside(it.shift, MOST.1))
}

fn is_sound(record: &Record, now: u64) -> bool {
    let candidates = || record.candidates.iter().map(|shown| &shown.candidate);
    record.id.at_ms() <= now
        && check_name("a surface", &record.surface).is_ok()
        && record.context.check().is_ok()
        && (1..=ORDER).contains(&record.candidates.len())
        && [record.how.propensity, record.how.prediction].iter().all(|share| (0.0..=1.0).contains(share))
        && candidates().map(Candidate::check).all(|checked| checked.is_ok())
}
