//! The log, to read while a server may be writing: what is in force, one statement at a time, in the order of folding.

use super::directory::Tenant;
use super::ledger::DATABASE;
use super::{Db, schema};
use crate::ingest::Person;
use crate::terminal::progress;
use flywheel_core::consent::{Consent, Outgoing, Share};
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::signal::Signal;
use rusqlite::{Connection, named_params};
use std::path::Path;

/// What is in force: the latest statement of a person about a decision, by its id. The last condition is on the
/// person's consent to `text`.
const IN_FORCE: &str = "
SELECT seq, person, received_at, body,
       EXISTS (SELECT 1 FROM consents WHERE consents.app = said.app AND consents.person = said.person AND consents.text)
FROM signals AS said
WHERE app = :app AND seq > :after AND seq <= :last AND received_at >= :since AND received_at < :until
  AND NOT EXISTS (SELECT 1 FROM signals AS later WHERE later.app = said.app AND later.person = said.person
                  AND later.decision = said.decision AND later.id > said.id)
  AND (:all OR EXISTS (SELECT 1 FROM consents WHERE consents.app = said.app AND consents.person = said.person
                       AND consents.text))
ORDER BY seq";

/// Most statements, and about the most bytes of them, that are held at once.
const PIECE: usize = 1_000;
const PIECE_BYTES: usize = 4 << 20;

/// A signal as it may leave: without words where the consent does not cover them any more, and redacted, which it was not
/// always before it was stored.
fn outgoing(signal: Signal, text: bool) -> Signal {
    Outgoing::new(signal, Consent { share: Share::Granted, text, ..Consent::default() }).signal().clone()
}

/// A data folder, open for reading.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(super) db: Connection,
}

/// Which statements are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// The app's number.
    pub(crate) app: i64,
    /// Of this task only.
    pub(crate) surface: Option<String>,
    /// Received at or after this moment: milliseconds since 1970.
    pub(crate) since_ms: u64,
    /// Received before this moment.
    pub(crate) until_ms: u64,
    /// Of people whose consent does not cover `text`, too.
    pub(crate) all_people: bool,
}

/// One statement that is in force.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Its number in the order of folding.
    pub(crate) seq: u64,
    /// Who said it.
    pub(crate) person: Person,
    /// When it came in, by the server's clock: milliseconds since 1970.
    pub(crate) received_at: u64,
    /// What was said.
    pub(crate) signal: Signal,
}

impl Archive {
    /// Opens a data folder without changing it.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if there is no database, or one that an older version of the software wrote and this one has
    /// not opened yet; [`Code::DatabaseNewer`].
    pub(crate) fn open(data: &Path) -> Result<Self> {
        schema::read(&data.join(DATABASE)).map(|db| Self { db })
    }

    /// The number of the app with this name.
    ///
    /// # Errors
    /// [`Code::NotFound`] if there is none.
    pub(crate) fn app(&self, name: &str) -> Result<i64> {
        Tenant::named(&self.db, name).map(|tenant| tenant.app)
    }

    /// Hands over what was in force when this was called and still is, one statement at a time, in the order of folding.
    ///
    /// It is read in pieces, so that memory does not grow with the log, and so that no reader keeps what is erased
    /// meanwhile alive in the write-ahead log.
    ///
    /// # Errors
    /// What `take` answers; [`Code::Unavailable`] if SQLite refuses; [`Code::Internal`] for a signal that cannot be read.
    pub(crate) fn each(&self, filter: &Filter, mut take: impl FnMut(&Statement) -> Result<()>) -> Result<()> {
        let last: i64 = self.db.query_row("SELECT coalesce(max(seq), 0) FROM signals", [], |row| row.get(0)).db()?;
        let (mut after, total) = (0, usize::try_from(last).unwrap_or(0));
        let mut shown = progress("export", total);
        while let Some(piece) = self.piece(filter, after, last)? {
            for statement in &piece {
                after = statement.seq.cast_signed();
                if filter.surface.as_ref().is_none_or(|surface| statement.signal.surface == surface.as_str()) {
                    take(statement)?;
                }
            }
            shown(usize::try_from(after).unwrap_or(total));
        }
        shown(total);
        Ok(())
    }

    /// The next statements after number `after`, none when there are no more.
    fn piece(&self, filter: &Filter, after: i64, last: i64) -> Result<Option<Vec<Statement>>> {
        let ms = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        let (mut piece, mut bytes) = (Vec::new(), 0);
        let mut statement = self.db.prepare_cached(IN_FORCE).db()?;
        let mut rows = statement
            .query(named_params! {
                ":app": filter.app, ":after": after, ":last": last, ":since": ms(filter.since_ms),
                ":until": ms(filter.until_ms), ":all": filter.all_people,
            })
            .db()?;
        while bytes < PIECE_BYTES
            && piece.len() < PIECE
            && let Some(row) = rows.next().db()?
        {
            let seq = row.get::<_, i64>(0).db()?.cast_unsigned();
            let unreadable = || Error::new(Code::Internal, format!("signal {seq} cannot be read"));
            let body = row.get_ref(3).db()?.as_str().map_err(|_| unreadable())?;
            bytes += body.len();
            let signal = serde_json::from_str(body).map_err(|_| unreadable())?;
            piece.push(Statement {
                seq,
                person: Person(row.get(1).db()?),
                received_at: row.get::<_, i64>(2).db()?.cast_unsigned(),
                signal: outgoing(signal, row.get(4).db()?),
            });
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}
