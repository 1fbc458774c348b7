use anyhow::Result;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::row::Row;
use super::selection::{Field, LINES_PER_PIECE, Line, Selection};
use super::value::Value;

/// About as many bytes as a row has: a guess that saves copying.
const BYTES_PER_ROW: usize = 256;

/// One array of objects, each on a line of its own: in pieces, to be written one after the other.
pub(crate) fn json<'a, R: Row>(
    lines: &'a [Line<'a, R>],
    selection: &'a Selection<R>,
) -> impl Iterator<Item = Result<Vec<u8>>> {
    let columns = selection.data_columns();
    let mut before: &[u8] = b"[\n";
    let pieces = lines.chunks(LINES_PER_PIECE).map(move |piece| {
        let mut bytes = Vec::with_capacity(piece.len().saturating_mul(BYTES_PER_ROW));
        for line in piece {
            bytes.extend_from_slice(before);
            serde_json::to_writer(&mut bytes, &Object { columns: &columns, line: *line })?;
            before = b",\n";
        }
        Ok(bytes)
    });
    let end: &[u8] = if lines.is_empty() { b"[]\n" } else { b"\n]\n" };
    pieces.chain([Ok(end.to_vec())])
}

/// One object a line, in pieces.
pub(crate) fn json_lines<'a, R: Row>(
    lines: &'a [Line<'a, R>],
    selection: &'a Selection<R>,
) -> impl Iterator<Item = Result<Vec<u8>>> {
    let columns = selection.data_columns();
    lines.chunks(LINES_PER_PIECE).map(move |piece| {
        let mut bytes = Vec::with_capacity(piece.len().saturating_mul(BYTES_PER_ROW));
        for line in piece {
            serde_json::to_writer(&mut bytes, &Object { columns: &columns, line: *line })?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    })
}

/// The line of a server that failed, the same in every command.
pub(crate) fn json_error(server: &str, error: &netsession::Error) -> Result<Vec<u8>> {
    json_error_after(&[], server, Some(error))
}

/// One object on a line: entries of its own, the server and every column of a row between them.
pub(crate) fn json_around<R: Row>(
    before: &[(&str, Value<'_>)],
    server: &str,
    row: &R,
    after: &[(&str, Value<'_>)],
) -> Result<Vec<u8>> {
    let line = Line { server, row };
    let columns = Field::<R>::all().map(|field| (field.key(), field.value(line)));
    let entries = before.iter().cloned().chain(columns).chain(after.iter().cloned());
    let mut bytes = Vec::with_capacity(BYTES_PER_ROW);
    serde_json::Serializer::new(&mut bytes).collect_map(entries)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// As [`json_error`], with entries before it.
pub(crate) fn json_error_after(
    before: &[(&str, Value<'_>)],
    server: &str,
    error: Option<&netsession::Error>,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(BYTES_PER_ROW);
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    let mut map = serializer.serialize_map(None)?;
    for (key, value) in before {
        map.serialize_entry(key, value)?;
    }
    map.serialize_entry("server", server)?;
    if let Some(error) = error {
        map.serialize_entry("error", &Error::from(error))?;
    }
    map.end()?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A row with its keys in the order of the columns.
struct Object<'a, R: 'static> {
    columns: &'a [Field<R>],
    line: Line<'a, R>,
}

impl<R: Row> Serialize for Object<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for field in self.columns {
            map.serialize_entry(field.key(), &field.value(self.line))?;
        }
        map.end()
    }
}

/// Code and name are null when the server sent none.
#[derive(Serialize)]
struct Error {
    kind: &'static str,
    code: Option<u32>,
    name: Option<&'static str>,
    message: String,
}

impl From<&netsession::Error> for Error {
    fn from(error: &netsession::Error) -> Self {
        Self {
            kind: error.kind().as_str(),
            code: error.code(),
            name: error.name(),
            message: error.to_string(),
        }
    }
}
