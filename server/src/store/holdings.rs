//! Everything that is held about one person, whatever table it is in.

use super::directory::Tenant;
use super::{Archive, Db};
use crate::ingest::Person;
use flywheel_core::base64;
use flywheel_core::error::{Code, Error, Result};
use flywheel_core::id::Id;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};
use serde_json::{Map, Value};
use std::io::Write;

/// The tables that speak of persons. They are asked for and not listed, so that none is forgotten.
const TABLES: &str = "
SELECT name FROM sqlite_schema AS found WHERE type = 'table'
  AND EXISTS (SELECT 1 FROM pragma_table_info(found.name) WHERE name = 'person')
  AND EXISTS (SELECT 1 FROM pragma_table_info(found.name) WHERE name = 'app')
ORDER BY name";

impl Archive {
    /// The app with this name and the person behind a device secret in it.
    ///
    /// # Errors
    /// [`Code::NotFound`] if there is no such app.
    pub(crate) fn person(&self, app: &str, secret: &[u8; 16]) -> Result<(i64, Person)> {
        let tenant = Tenant::named(&self.db, app)?;
        Ok((tenant.app, tenant.person(secret)?))
    }

    /// Writes everything that is held about a person as one JSON object, a list of rows for each table.
    ///
    /// # Errors
    /// [`Code::Unavailable`] if SQLite refuses or it cannot be written.
    pub(crate) fn write_holdings(&self, app: i64, person: Person, out: &mut dyn Write) -> Result<()> {
        // One moment for all tables.
        let moment = self.db.unchecked_transaction().db()?;
        let mut tables = moment.prepare(TABLES).db()?;
        let tables =
            tables.query_map([], |row| row.get::<_, String>(0)).db()?.map(Db::db).collect::<Result<Vec<_>>>()?;
        write!(out, "{{\n\"person\": \"{}\"", Id::from_bytes(person.0)).map_err(unwritten)?;
        for table in tables {
            let mut statement =
                moment.prepare(&format!("SELECT * FROM \"{table}\" WHERE app = ?1 AND person = ?2")).db()?;
            let names: Vec<_> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query(params![app, person.0]).db()?;
            write!(out, ",\n\"{table}\": [").map_err(unwritten)?;
            let mut is_first = true;
            while let Some(row) = rows.next().db()? {
                out.write_all(if is_first { b"\n" } else { b",\n" }).map_err(unwritten)?;
                is_first = false;
                write_row(row, &names, out)?;
            }
            out.write_all(b"]").map_err(unwritten)?;
        }
        out.write_all(b"\n}\n").map_err(unwritten)
    }
}

fn write_row(row: &Row<'_>, names: &[String], out: &mut dyn Write) -> Result<()> {
    let mut object = Map::new();
    for (place, name) in names.iter().enumerate().filter(|(_, name)| *name != "app" && *name != "person") {
        object.insert(name.clone(), held(row.get_ref(place).db()?));
    }
    serde_json::to_writer(out, &object).map_err(|error| unwritten(error.into()))
}

/// A value as JSON; what is JSON already stays what it is.
fn held(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => match serde_json::from_slice(text) {
            Ok(json) if text.starts_with(b"{") => json,
            _ => String::from_utf8_lossy(text).into(),
        },
        // An id, or bytes of which docs/protocol.md says what they are.
        ValueRef::Blob(bytes) => match bytes.try_into() {
            Ok(id) => Id::from_bytes(id).text().into(),
            Err(_) => base64::encode(bytes).into(),
        },
    }
}

fn unwritten(error: std::io::Error) -> Error {
    Error::new(Code::Unavailable, format!("cannot write: {error}"))
}
