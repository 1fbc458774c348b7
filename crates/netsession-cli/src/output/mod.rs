//! How answers are shown. Every renderer returns bytes; only `main` writes them to stdout.

mod csv;
mod errors;
mod hints;
mod json;
mod row;
mod run_summary;
mod selection;
mod server_rows;
mod sink;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod value;
mod whole_file;

pub(crate) use self::csv::{csv, header as csv_header};
pub(crate) use errors::{ErrorTexts, LISTS_FILES_AGAIN, Trouble, line as error_line};
pub(crate) use hints::Hints;
pub(crate) use json::{json, json_around, json_error, json_error_after, json_lines};
pub(crate) use row::{Column, PartialSums, Row, Totals};
pub(crate) use run_summary::RunSummary;
pub(crate) use selection::{Selection, columns_help};
pub(crate) use server_rows::{Rows, ServerRows, all_lines, line_of, lines};
pub(crate) use sink::Sink;
pub(crate) use table::tables;
pub(crate) use value::Value;
pub(crate) use whole_file::{Readers, WholeFile};
