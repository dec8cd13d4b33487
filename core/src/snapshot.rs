//! What old entries of the journal came to, so that they need not be kept one by one.
//!
//! There are two snapshots, written in turn. An entry goes only when both hold it: whichever of them cannot be read any
//! more, the other one and the entries that are left make up the whole.

use crate::base64;
use crate::belief::Diff;
use crate::feature::hash::{START, fnv};
use crate::id::Id;
use crate::journal::{Delivery, Entry, KEEP_MS};

/// So many entries go into a snapshot at a time, at least.
pub const LEAST: usize = 100;

/// The sum of entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// How many snapshots there were up to this one; the later one of two holds.
    pub turn: u64,
    /// How many entries are in it.
    pub count: u64,
    /// Their differences together.
    pub sum: Diff,
    /// What the server counted of it.
    pub taught: Diff,
    /// The latest of their numbers in the server's order; 0 for none.
    pub seq: u64,
    /// Entries that are in it and may still be stored by themselves.
    pub holds: Vec<Id>,
}

impl Snapshot {
    /// The snapshot after this one, and the entries that may go once it is stored in place of the one before this;
    /// `None` while there is little to do. `now` and the `seq` of the weights say what has settled.
    #[must_use]
    pub fn next<'a>(&self, entries: impl Iterator<Item = &'a Entry>, now: u64, seq: u64) -> Option<(Self, Vec<Id>)> {
        let mut next = Self { turn: self.turn + 1, holds: Vec::new(), ..self.clone() };
        let (mut sum, mut taught) = (Vec::new(), Vec::new());
        for entry in entries.filter(|entry| is_settled(entry, now, seq)) {
            sum.extend(entry.diff.0.iter().copied());
            if let Delivery::Acknowledged { seq, taught: counted } = &entry.delivery {
                taught.extend(counted.0.iter().copied());
                next.seq = next.seq.max(*seq);
            }
            next.holds.push(entry.id);
        }
        next.count += next.holds.len() as u64;
        next.sum = next.sum.plus(&Diff(sum));
        next.taught = next.taught.plus(&Diff(taught));
        (next.holds.len() >= LEAST).then(|| (next, self.holds.clone()))
    }

    /// As it is stored: base64 of a checksum (FNV-1a, 32 bits), three numbers, two differences with their lengths in
    /// front, and ids; all numbers of 64 bits, little-endian.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::new();
        for number in [self.turn, self.count, self.seq] {
            bytes.extend(number.to_le_bytes());
        }
        for diff in [&self.sum, &self.taught] {
            let diff = diff.to_bytes();
            bytes.extend((diff.len() as u64).to_le_bytes());
            bytes.extend(diff);
        }
        self.holds.iter().for_each(|id| bytes.extend(id.as_bytes()));
        let check = fnv(START, &bytes).to_le_bytes();
        base64::encode(&[&check, &*bytes].concat())
    }

    /// Reads what [`Snapshot::to_text`] wrote; `None` for anything else.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let bytes = base64::decode(text)?;
        let (check, mut rest) = bytes.split_first_chunk::<4>()?;
        if fnv(START, rest) != u32::from_le_bytes(*check) {
            return None;
        }
        let (turn, count, seq) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        let (sum, taught) = (diff(&mut rest)?, diff(&mut rest)?);
        let (ids, rest) = rest.as_chunks::<16>();
        let holds = ids.iter().map(|id| Id::from_bytes(*id)).collect();
        rest.is_empty().then_some(Self { turn, count, sum, taught, seq, holds })
    }
}

/// Whether nothing about it can change any more: the server has it or will never have it, nobody can say anything about
/// its decision, and its words need not be remembered.
fn is_settled(entry: &Entry, now: u64, seq: u64) -> bool {
    let said = match &entry.delivery {
        Delivery::Pending { .. } => false,
        Delivery::Acknowledged { seq: at, .. } => *at <= seq,
        Delivery::Local | Delivery::Dropped { .. } => true,
    };
    said && entry.id.at_ms().saturating_add(KEEP_MS) < now && entry.rewrites.is_empty()
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (number, tail) = rest.split_first_chunk::<8>()?;
    *rest = tail;
    Some(u64::from_le_bytes(*number))
}

fn diff(rest: &mut &[u8]) -> Option<Diff> {
    let size = usize::try_from(number(rest)?).ok()?;
    let (diff, tail) = rest.split_at_checked(size)?;
    *rest = tail;
    Diff::from_bytes(diff).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::belief::Evidence;
    use std::sync::Arc;

    fn entries(count: u64, at: u64) -> Vec<Entry> {
        let entry = |n: u64| Entry {
            id: Id::new(at + n, [n, n]),
            at: at + n,
            decision: Id::new(at, [n, n]),
            diff: Arc::new(Diff(vec![(n as u32, Evidence { precision: 1, shift: n as i64 })])),
            rewrites: Vec::new(),
            delivery: Delivery::Local,
        };
        (0..count).map(entry).collect()
    }

    /// What is known from the stored entries and one snapshot.
    fn whole(snapshot: &Snapshot, stored: &[Entry]) -> Diff {
        let rest = stored.iter().filter(|entry| !snapshot.holds.contains(&entry.id));
        rest.fold(snapshot.sum.clone(), |sum, entry| sum.plus(&entry.diff))
    }

    #[test]
    fn whichever_snapshot_is_lost_the_other_one_and_the_entries_make_up_the_whole() {
        let mut slots = [Snapshot::default(), Snapshot::default()];
        let (mut stored, mut all) = (Vec::new(), Diff::default());
        for round in 0..6 {
            let fresh = entries(150, round * 1_000);
            all = fresh.iter().fold(all, |sum, entry| sum.plus(&entry.diff));
            stored.extend(fresh);
            let newest = usize::from(slots[1].turn > slots[0].turn);
            let left = stored.iter().filter(|entry| !slots[newest].holds.contains(&entry.id));
            let (next, gone) = slots[newest].next(left, KEEP_MS + 1_000_000, 0).expect("enough");
            slots[1 - newest] = Snapshot::from_text(&next.to_text()).expect("reads back");
            stored.retain(|entry| !gone.contains(&entry.id));
            assert_eq!((whole(&slots[0], &stored), whole(&slots[1], &stored)), (all.clone(), all.clone()));
        }
        assert_eq!((stored.len(), slots[0].count.max(slots[1].count)), (150, 900));
    }

    #[test]
    fn what_can_still_change_stays_an_entry() {
        let mut all = entries(300, 0);
        for (n, entry) in all.iter_mut().enumerate() {
            entry.delivery = match n {
                0..100 => Delivery::Acknowledged { seq: 7, taught: Diff::default() },
                100..200 => Delivery::Acknowledged { seq: 9, taught: Diff::default() },
                _ => Delivery::Dropped { code: "too_old".into() },
            };
        }
        let held = |now, seq| Snapshot::default().next(all.iter(), now, seq).map_or(0, |(next, _)| next.holds.len());
        assert_eq!((held(KEEP_MS + 1_000, 8), held(KEEP_MS + 1_000, 9)), (200, 300));
        assert_eq!((held(KEEP_MS, 9), held(KEEP_MS + 150, 9)), (0, 150), "the undo window");
    }

    #[test]
    fn a_damaged_snapshot_is_not_read() {
        let text = Snapshot { turn: 3, holds: vec![Id::new(1, [2, 3])], ..Snapshot::default() }.to_text();
        assert!(Snapshot::from_text(&text).is_some());
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).expect("ASCII");
            // The last letter carries bits that mean nothing.
            assert!(at + 3 >= text.len() || Snapshot::from_text(&damaged).is_none(), "{at}");
        }
        assert_eq!(Snapshot::from_text("AAAA"), None);
    }
}
