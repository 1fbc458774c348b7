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
    let columns = Columns::new(selection.data_columns());
    let mut before: &[u8] = b"[\n";
    let pieces = lines.chunks(LINES_PER_PIECE).map(move |piece| {
        let mut bytes = Vec::with_capacity(piece.len().saturating_mul(BYTES_PER_ROW));
        for line in piece {
            bytes.extend_from_slice(before);
            columns.write(*line, &mut bytes)?;
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
    let columns = Columns::new(selection.data_columns());
    lines.chunks(LINES_PER_PIECE).map(move |piece| {
        let mut bytes = Vec::with_capacity(piece.len().saturating_mul(BYTES_PER_ROW));
        for line in piece {
            columns.write(*line, &mut bytes)?;
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

/// As [`json_error`], with entries before it. Without an error its value is null.
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
    map.serialize_entry("error", &error.map(Error::from))?;
    map.end()?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The columns of each row, with what stands before their values: the same for every row, so it is made once.
struct Columns<R: 'static>(Vec<(String, Field<R>)>);

impl<R: Row> Columns<R> {
    fn new(fields: Vec<Field<R>>) -> Self {
        let with_key = |(n, field): (usize, Field<R>)| {
            let comma = if n == 0 { "" } else { "," };
            (format!("{comma}{}:", serde_json::Value::from(field.key())), field)
        };
        Self(fields.into_iter().enumerate().map(with_key).collect())
    }

    /// Appends `line` as an object.
    fn write(&self, line: Line<'_, R>, bytes: &mut Vec<u8>) -> Result<()> {
        bytes.push(b'{');
        for (before, field) in &self.0 {
            bytes.extend_from_slice(before.as_bytes());
            serde_json::to_writer(&mut *bytes, &field.value(line))?;
        }
        bytes.push(b'}');
        Ok(())
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
