use anyhow::Result;
use csv::{Terminator, Writer, WriterBuilder};

use super::row::Row;
use super::selection::{LINES_PER_PIECE, Line, Selection};

/// The names of the columns, the same as the keys in JSON; nothing where no header is wanted.
pub(crate) fn header<R: Row>(selection: &Selection<R>) -> Result<Vec<u8>> {
    let mut writer = writer(128);
    if selection.has_header {
        writer.write_record(selection.data_columns().iter().map(|field| field.key()))?;
    }
    bytes(writer)
}

/// The rows (RFC 4180), in pieces. Null is empty; words are joined by `|`.
///
/// A name that a spreadsheet would take for a formula is data and stays as it is.
pub(crate) fn csv<'a, R: Row>(
    lines: &'a [Line<'a, R>],
    selection: &'a Selection<R>,
) -> impl Iterator<Item = Result<Vec<u8>>> {
    let columns = selection.data_columns();
    lines.chunks(LINES_PER_PIECE).map(move |piece| {
        let mut writer = writer(piece.len().saturating_mul(128));
        for line in piece {
            for field in &columns {
                writer.write_field(field.value(*line).for_csv().as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        bytes(writer)
    })
}

fn writer(capacity: usize) -> Writer<Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::with_capacity(capacity))
}

fn bytes(writer: Writer<Vec<u8>>) -> Result<Vec<u8>> {
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
