//! The bytes of published versions on disk: now and then a whole, and between them the steps that lead from one
//! version to the next.

use super::Db;
use super::published::Published;
use flywheel_core::belief::{Model, Weights, decode};
use flywheel_core::error::{Code, Error, Result};
use rusqlite::{Connection, OptionalExtension, params};

/// Rows of the table of versions that are kept.
const HISTORY: u64 = 10_000;
/// Bytes of versions that are kept on disk for each app, so that one can be gone back to; the two newest wholes and
/// what follows them are always kept.
const BYTES: i64 = 64 << 20;

/// Bytes of steps since the last whole, and of that whole: when the former exceed the latter it is time for another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    pub(super) whole: usize,
    pub(super) steps: usize,
}

impl Chain {
    /// Counts a version that was stored.
    pub(super) const fn add(&mut self, is_whole: bool, bytes: usize) {
        if is_whole {
            *self = Self { whole: bytes, steps: 0 };
        } else {
            self.steps += bytes;
        }
    }

    /// Whether the next version should be stored as a whole.
    pub(super) const fn wants_whole(self) -> bool {
        self.steps >= self.whole
    }
}

/// A version as it goes to disk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) weights: &'a Weights,
    /// The version that the bytes are a step from; 0 for a whole.
    pub(super) base: u64,
    pub(super) bytes: &'a [u8],
    /// How far it went towards the sums, 0 to 1.
    pub(super) step: f64,
    /// Signals that were folded since the version before.
    pub(super) signals: u64,
    pub(super) at: u64,
}

/// Writes a version and drops what is older than is kept.
pub(super) fn write(db: &Connection, app: i64, row: Row<'_>) -> Result<()> {
    let head = row.weights.head();
    let version = head.version.cast_signed();
    db.prepare_cached(
        "INSERT INTO versions (app, version, seq, hash, at, signals, step) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .db()?
    .execute(params![
        app,
        version,
        head.seq.cast_signed(),
        head.hash.to_le_bytes(),
        row.at.cast_signed(),
        row.signals.cast_signed(),
        row.step
    ])
    .db()?;
    db.prepare_cached("INSERT INTO weights (app, version, base, bytes) VALUES (?1, ?2, ?3, ?4)")
        .db()?
        .execute(params![app, version, row.base.cast_signed(), row.bytes])
        .db()?;
    db.prepare_cached("DELETE FROM versions WHERE app = ?1 AND version <= ?2")
        .db()?
        .execute(params![app, head.version.saturating_sub(HISTORY).cast_signed()])
        .db()?;
    if row.base == 0 { thin(db, app) } else { Ok(()) }
}

/// Drops the oldest wholes, each with the steps after it, while there is more than [`BYTES`].
fn thin(db: &Connection, app: i64) -> Result<()> {
    let mut wholes =
        db.prepare_cached("SELECT version FROM weights WHERE app = ?1 AND base = 0 ORDER BY version DESC").db()?;
    let wholes = wholes.query_map([app], |row| row.get::<_, i64>(0)).db()?;
    let kept = "SELECT coalesce(sum(length(bytes)), 0) FROM weights WHERE app = ?1 AND version >= ?2";
    for (n, whole) in wholes.enumerate() {
        let whole = whole.db()?;
        let bytes: i64 = db.prepare_cached(kept).db()?.query_row(params![app, whole], |row| row.get(0)).db()?;
        if n >= 1 && bytes > BYTES {
            let delete = "DELETE FROM weights WHERE app = ?1 AND version < ?2";
            db.prepare_cached(delete).db()?.execute(params![app, whole]).db()?;
            return Ok(());
        }
    }
    Ok(())
}

/// Drops the bytes of all versions before this one: somebody was erased who is part of them.
pub(super) fn forget_before(db: &Connection, app: i64, version: u64) -> Result<()> {
    db.execute("DELETE FROM weights WHERE app = ?1 AND version < ?2", params![app, version.cast_signed()]).db()?;
    Ok(())
}

/// Reads the newest version. Of a database without its bytes, which an earlier version of the software wrote, only the
/// number comes back: then everything is to be published anew.
///
/// # Errors
/// [`Code::Corrupt`] if the bytes are not those of the version.
pub(super) fn load(db: &Connection, app: i64, model: &Model) -> Result<(Published, Chain)> {
    let newest = "SELECT version, seq FROM versions WHERE app = ?1 ORDER BY version DESC LIMIT 1";
    let row: Option<(i64, i64)> = db.query_row(newest, [app], |row| Ok((row.get(0)?, row.get(1)?))).optional().db()?;
    let Some((version, seq)) = row else {
        return Ok((Published::new(Weights::new(model), [], 0), Chain::default()));
    };
    match read(db, app, model, version.cast_unsigned())? {
        Some((weights, changed, chain)) => {
            let since = changed.first().map_or(version.cast_unsigned(), |(_, version)| *version);
            Ok((Published::new(weights, changed, since), chain))
        }
        None => {
            let mut nothing = Weights::new(model);
            nothing.set_head(version.cast_unsigned(), seq.cast_unsigned());
            Ok((Published::new(nothing, [], u64::MAX), Chain::default()))
        }
    }
}

/// A version as it was published, if its bytes are still kept.
///
/// # Errors
/// As [`load`].
pub(super) fn at(db: &Connection, app: i64, model: &Model, version: u64) -> Result<Option<Weights>> {
    Ok(read(db, app, model, version)?.map(|(weights, ..)| weights))
}

/// The versions whose bytes are kept, in words.
pub(super) fn kept(db: &Connection, app: i64) -> Result<String> {
    let range = "SELECT min(version), max(version) FROM weights WHERE app = ?1";
    let range: (Option<i64>, Option<i64>) = db.query_row(range, [app], |row| Ok((row.get(0)?, row.get(1)?))).db()?;
    Ok(match range {
        (Some(first), Some(last)) => format!("versions {first} to {last}"),
        _ => "none yet".into(),
    })
}

type Read = (Weights, Vec<(u32, u64)>, Chain);

fn read(db: &Connection, app: i64, model: &Model, version: u64) -> Result<Option<Read>> {
    let version = version.cast_signed();
    let mut chain = db
        .prepare(
            "SELECT version, base, bytes FROM weights WHERE app = ?1 AND version <= ?2 AND version >=
             (SELECT max(version) FROM weights WHERE app = ?1 AND version <= ?2 AND base = 0) ORDER BY version",
        )
        .db()?;
    let mut rows = chain.query(params![app, version]).db()?;
    let (mut weights, mut changed, mut sizes) = (Weights::new(model), Vec::new(), Chain::default());
    while let Some(row) = rows.next().db()? {
        let (number, base, bytes): (i64, i64, Vec<u8>) = (row.get(0).db()?, row.get(1).db()?, row.get(2).db()?);
        // The step clears or sets cells; which ones shows when both sides are compared.
        let next = decode(model, &weights, &bytes).map_err(|error| {
            let detail = format!(
                "the stored weights of version {number} cannot be read ({}): the database was damaged",
                error.code
            );
            Error::new(Code::Corrupt, detail)
        })?;
        sizes.add(base == 0, bytes.len());
        let before = if base == 0 { Weights::new(model) } else { weights };
        changed.extend(next.changed_from(&before).map(|slot| (slot, number.cast_unsigned())));
        weights = next;
    }
    let is_it = weights.head().version == version.cast_unsigned() && version > 0;
    Ok(is_it.then_some((weights, changed, sizes)))
}
