//! The records as a Parquet file, a group of rows at a time.

use super::lines::{Lines, Written};
use super::record::Record;
use super::{Sink, unwritable};
use crate::store::{Archive, Filter};
use flywheel_core::error::{Code, Error, Result};
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// Rows, and about the bytes of them, after which a group is written.
const GROUP: usize = 10_000;
const GROUP_BYTES: usize = 8 << 20;

/// The columns, in the order of [`Column::of`].
const SCHEMA: &str = "message statement {
  REQUIRED BYTE_ARRAY id (UTF8);
  REQUIRED INT64 seq;
  REQUIRED BYTE_ARRAY decision (UTF8);
  REQUIRED BYTE_ARRAY person (UTF8);
  REQUIRED INT64 at (TIMESTAMP(MILLIS, true));
  REQUIRED INT64 received_at (TIMESTAMP(MILLIS, true));
  REQUIRED BYTE_ARRAY surface (UTF8);
  REQUIRED BYTE_ARRAY kind (UTF8);
  OPTIONAL DOUBLE value;
  OPTIONAL BYTE_ARRAY reason (UTF8);
  OPTIONAL BYTE_ARRAY prompt (UTF8);
  REQUIRED BYTE_ARRAY shown_id (UTF8);
  OPTIONAL BYTE_ARRAY shown (UTF8);
  OPTIONAL BYTE_ARRAY other_id (UTF8);
  OPTIONAL BYTE_ARRAY other (UTF8);
  OPTIONAL BYTE_ARRAY corrected (UTF8);
  REQUIRED BYTE_ARRAY made_by (UTF8);
  OPTIONAL DOUBLE propensity;
  OPTIONAL BOOLEAN explored;
  OPTIONAL DOUBLE prediction;
  OPTIONAL INT64 version;
  REQUIRED BYTE_ARRAY context (JSON);
  REQUIRED BYTE_ARRAY features (JSON);
}";

/// One value of a row; none where the column is optional and there is nothing.
enum Cell {
    Text(Option<String>),
    Whole(Option<i64>),
    Double(Option<f64>),
    Flag(Option<bool>),
}

impl Cell {
    const fn bytes(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len() + 8,
            _ => 8,
        }
    }
}

pub(super) fn write(archive: &Archive, filter: &Filter, lines: Lines) -> Result<(Written, Sink)> {
    let Lines { out, rules, mut written } = lines;
    let schema = parse_message_type(SCHEMA).map_err(|error| broken(&error))?;
    let properties = WriterProperties::builder().set_compression(Compression::GZIP(Default::default())).build();
    let mut file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(|e| broken(&e))?;
    let (mut group, mut bytes) = (Vec::new(), 0);
    archive.each(filter, |statement| {
        let Some(record) = Record::of(statement, &rules) else { return Ok(()) };
        written.rows += 1;
        let row = cells(&record)?;
        bytes += row.iter().map(Cell::bytes).sum::<usize>();
        group.push(row);
        if group.len() >= GROUP || bytes >= GROUP_BYTES {
            bytes = 0;
            write_group(&mut file, &std::mem::take(&mut group)).map_err(|error| broken(&error))?;
        }
        Ok(())
    })?;
    if !group.is_empty() {
        write_group(&mut file, &group).map_err(|error| broken(&error))?;
    }
    Ok((written, file.into_inner().map_err(|error| broken(&error))?))
}

fn broken(error: &ParquetError) -> Error {
    unwritable(&format!("cannot write Parquet: {error}"))
}

fn write_group(file: &mut SerializedFileWriter<Sink>, rows: &[Vec<Cell>]) -> std::result::Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        let cells = rows.iter().filter_map(|row| row.get(place));
        let levels: Vec<i16> = cells.clone().map(|cell| i16::from(cell.is_there())).collect();
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let values: Vec<_> = cells.filter_map(Cell::text).map(ByteArray::from).collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                let values: Vec<_> = cells.filter_map(Cell::whole).collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::DoubleColumnWriter(writer) => {
                let values: Vec<_> = cells.filter_map(Cell::double).collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            ColumnWriter::BoolColumnWriter(writer) => {
                let values: Vec<_> = cells.filter_map(Cell::flag).collect();
                writer.write_batch(&values, Some(&levels), None)?;
            }
            _ => return Err(ParquetError::General("a column of a type that no record has".into())),
        }
        column.close()?;
        place += 1;
    }
    group.close().map(|_| ())
}

impl Cell {
    const fn is_there(&self) -> bool {
        match self {
            Self::Text(value) => value.is_some(),
            Self::Whole(value) => value.is_some(),
            Self::Double(value) => value.is_some(),
            Self::Flag(value) => value.is_some(),
        }
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(value) = self { value.as_deref() } else { None }
    }

    const fn whole(&self) -> Option<i64> {
        if let Self::Whole(value) = self { *value } else { None }
    }

    const fn double(&self) -> Option<f64> {
        if let Self::Double(value) = self { *value } else { None }
    }

    const fn flag(&self) -> Option<bool> {
        if let Self::Flag(value) = self { *value } else { None }
    }
}

/// The values of a record, in the order of [`SCHEMA`].
fn cells(record: &Record<'_>) -> Result<Vec<Cell>> {
    let json = |object: &_| {
        serde_json::to_string(object).map_err(|error| Error::new(Code::Internal, format!("no JSON: {error}")))
    };
    let text = |text: &str| Cell::Text(Some(text.to_owned()));
    let maybe = |text: Option<&str>| Cell::Text(text.map(str::to_owned));
    let whole = |number: u64| Cell::Whole(Some(i64::try_from(number).unwrap_or(i64::MAX)));
    Ok(vec![
        text(&record.id),
        whole(record.seq),
        text(&record.decision),
        text(&record.person),
        whole(record.at),
        whole(record.received_at),
        text(record.surface),
        text(record.kind),
        Cell::Double(record.value),
        maybe(record.reason),
        maybe(record.prompt),
        text(record.shown_id),
        maybe(record.shown),
        maybe(record.other_id),
        maybe(record.other),
        maybe(record.corrected),
        text(record.made_by),
        Cell::Double(record.propensity),
        Cell::Flag(record.explored),
        Cell::Double(record.prediction),
        Cell::Whole(record.version.map(|version| i64::try_from(version).unwrap_or(i64::MAX))),
        text(&json(&record.context)?),
        text(&json(&record.features)?),
    ])
}
