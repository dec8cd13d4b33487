//! Everybody's sums on disk: a table, and the steps since it was last brought up to date.
//!
//! A transaction changes the sum at hundreds of slots, and nearly the same ones every time. One row that says what they
//! are now is a step; once there are many of them the table takes over what they come to, a piece with each
//! transaction. What a newer step says of a slot holds, so that it does no harm to read one that the table knows already.

use super::Db;
use super::marks::Marks;
use flywheel_core::belief::{Evidence, Sums};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, params};

/// Steps from which on the table takes them over.
const STEPS: usize = 64;
/// Slots that it takes over with one transaction, about a millisecond.
const PIECE: usize = 1_000;
/// So few go into the table at once, when it is up to date.
const FEW: usize = 48;
/// A slot and the two numbers of its sum.
const CELL: usize = 4 + 8 + 8;

/// What of an app's sums is not in the table yet.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// Changed since the last transaction.
    unwritten: Marks,
    /// What steps say that came after those of the round.
    behind: Marks,
    /// Slots that are still to be taken over in this round; all steps up to number `until` can go then.
    round: Vec<u32>,
    until: i64,
    /// The newest step, and how many there are.
    newest: i64,
    steps: usize,
}

/// An app's sums as they are on disk.
pub(super) fn read(db: &Connection, app: i64) -> Result<Sums> {
    load(db, app).map(|(sums, _)| sums)
}

/// An app's sums, and what of them is not in the table yet.
pub(super) fn load(db: &Connection, app: i64) -> Result<(Sums, Totals)> {
    let (mut sums, mut totals) = (Sums::new(), Totals::default());
    let mut table = db.prepare("SELECT slot, rho, rho_m FROM sums WHERE app = ?1").db()?;
    let mut rows = table.query([app]).db()?;
    while let Some(row) = rows.next().db()? {
        sums.add(row.get(0).db()?, Evidence { precision: row.get(1).db()?, shift: row.get(2).db()? });
    }
    let mut steps = db.prepare("SELECT n, cells FROM sum_steps WHERE app = ?1 ORDER BY n").db()?;
    let mut rows = steps.query([app]).db()?;
    while let Some(row) = rows.next().db()? {
        let bytes = row.get_ref(1).db()?.as_blob().unwrap_or_default();
        let (cells, []) = bytes.as_chunks::<CELL>() else {
            return Err(Error::new(Code::Corrupt, "a step of the sums cannot be read: the database was damaged"));
        };
        for cell in cells {
            let (slot, sum) = unpack(cell);
            sums.add(slot, sum - sums.at(slot));
            totals.behind.insert(slot);
        }
        (totals.newest, totals.steps) = (row.get(0).db()?, totals.steps + 1);
    }
    Ok((sums, totals))
}

/// Forgets what is on disk, for sums that are to be written anew.
pub(super) fn clear(db: &Connection, app: i64) -> Result<()> {
    db.execute("DELETE FROM sums WHERE app = ?1", [app]).db()?;
    db.execute("DELETE FROM sum_steps WHERE app = ?1", [app]).db().map(|_| ())
}

impl Totals {
    /// Notes that the sum at a slot was changed.
    pub(super) fn mark(&mut self, slot: u32) {
        self.unwritten.insert(slot);
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self, db: &Connection, app: i64, sums: &Sums) -> Result<()> {
        let changed = self.unwritten.take();
        if self.steps == 0 && changed.len() <= FEW {
            return take_over(db, app, sums, &changed);
        }
        if !changed.is_empty() {
            let cells: Vec<u8> = changed.iter().flat_map(|slot| pack(*slot, sums.at(*slot))).collect();
            let insert = "INSERT INTO sum_steps (app, cells) VALUES (?1, ?2)";
            db.prepare_cached(insert).db()?.execute(params![app, cells]).db()?;
            (self.newest, self.steps) = (db.last_insert_rowid(), self.steps + 1);
            self.behind.extend(changed);
        }
        if self.round.is_empty() && self.steps >= STEPS {
            (self.round, self.until) = (self.behind.take(), self.newest);
        }
        if !self.round.is_empty() {
            let piece = self.round.split_off(self.round.len().saturating_sub(PIECE));
            take_over(db, app, sums, &piece)?;
            if self.round.is_empty() {
                let delete = "DELETE FROM sum_steps WHERE app = ?1 AND n <= ?2";
                self.steps -= db.prepare_cached(delete).db()?.execute(params![app, self.until]).db()?;
            }
        }
        Ok(())
    }

    /// Brings the table up to date and drops all steps.
    pub(super) fn settle(&mut self, db: &Connection, app: i64, sums: &Sums) -> Result<()> {
        let mut all = self.unwritten.take();
        if self.steps > 0 {
            self.behind.extend(all);
            self.behind.extend(std::mem::take(&mut self.round));
            all = self.behind.take();
            db.prepare_cached("DELETE FROM sum_steps WHERE app = ?1").db()?.execute([app]).db()?;
            self.steps = 0;
        }
        take_over(db, app, sums, &all)
    }
}

fn take_over(db: &Connection, app: i64, sums: &Sums, slots: &[u32]) -> Result<()> {
    let mut upsert = db
        .prepare_cached(
            "INSERT INTO sums (app, slot, rho, rho_m) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET rho = excluded.rho, rho_m = excluded.rho_m",
        )
        .db()?;
    let mut delete = db.prepare_cached("DELETE FROM sums WHERE app = ?1 AND slot = ?2").db()?;
    for slot in slots {
        let sum = sums.at(*slot);
        if sum.is_zero() {
            delete.execute(params![app, slot]).db()?;
        } else {
            upsert.execute(params![app, slot, sum.precision, sum.shift]).db()?;
        }
    }
    Ok(())
}

fn pack(slot: u32, sum: Evidence) -> [u8; CELL] {
    let mut cell = [0; CELL];
    cell[..4].copy_from_slice(&slot.to_le_bytes());
    cell[4..12].copy_from_slice(&sum.precision.to_le_bytes());
    cell[12..].copy_from_slice(&sum.shift.to_le_bytes());
    cell
}

fn unpack(cell: &[u8; CELL]) -> (u32, Evidence) {
    let [a, b, c, d, numbers @ ..] = *cell;
    let [precision, shift] = numbers.as_chunks::<8>().0 else { return (0, Evidence::default()) };
    let sum = Evidence { precision: i64::from_le_bytes(*precision), shift: i64::from_le_bytes(*shift) };
    (u32::from_le_bytes([a, b, c, d]), sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flywheel_core::rng::Rng;

    const TABLES: &str = "CREATE TABLE sums (app INTEGER, slot INTEGER, rho INTEGER, rho_m INTEGER,
        PRIMARY KEY (app, slot)) STRICT, WITHOUT ROWID;
        CREATE TABLE sum_steps (n INTEGER PRIMARY KEY, app INTEGER, cells BLOB) STRICT;";

    fn count(db: &Connection, table: &str) -> i64 {
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("a count")
    }

    #[test]
    fn what_is_read_is_what_was_written_however_far_the_table_has_come() {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch(TABLES).expect("tables");
        let (mut rng, mut sums, mut totals) = (Rng::new(4), Sums::new(), Totals::default());
        let (mut most, mut settled) = (0, 0);
        for turn in 0..600 {
            for _ in 0..rng.below(400) {
                let slot = rng.below(5_000) as u32;
                // Now and then a sum is nothing again.
                let now = if rng.below(4) == 0 {
                    Evidence::default()
                } else {
                    Evidence { precision: rng.next_u64().cast_signed(), shift: rng.next_u64().cast_signed() }
                };
                sums.add(slot, now - sums.at(slot));
                totals.mark(slot);
            }
            if turn % 97 == 96 {
                totals.settle(&db, 1, &sums).expect("writes");
                assert_eq!((count(&db, "sum_steps"), count(&db, "sums")), (0, sums.sorted().len() as i64));
                settled += 1;
            } else {
                totals.write(&db, 1, &sums).expect("writes");
            }
            most = most.max(count(&db, "sum_steps"));
            if turn % 7 == 0 {
                let (read, again) = load(&db, 1).expect("reads");
                assert!(read == sums, "turn {turn}");
                // Whoever opens the folder goes on where the other left off.
                totals = again;
            }
        }
        assert!(most >= STEPS as i64 && most < 2 * STEPS as i64 && settled == 6, "{most}");
    }

    #[test]
    fn apps_do_not_mix_and_a_broken_step_is_noticed() {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch(TABLES).expect("tables");
        let of = |app: i64, from: u32| {
            let (mut sums, mut totals) = (Sums::new(), Totals::default());
            for slot in from..from + 100 {
                sums.add(slot, Evidence { precision: app, shift: i64::from(slot) });
                totals.mark(slot);
            }
            totals.write(&db, app, &sums).expect("writes");
            sums
        };
        let (one, two) = (of(1, 0), of(2, 50));
        assert!(read(&db, 1).expect("reads") == one && read(&db, 2).expect("reads") == two);
        db.execute("UPDATE sum_steps SET cells = x'00' WHERE app = 1", []).expect("breaks");
        assert_eq!(read(&db, 1).expect_err("broken").code, Code::Corrupt);
        clear(&db, 1).expect("clears");
        assert!(read(&db, 1).expect("reads") == Sums::new() && read(&db, 2).expect("reads") == two);
    }
}
