//! How answers are shown. Every renderer returns bytes; only `main` writes them to stdout.

mod columns;
mod csv;
pub(crate) mod escape;
mod human_time;
mod json;
mod jsonl;
mod record;
mod sink;
mod summary;
mod table;

use crate::outcome::Outcome;

pub(crate) use self::csv::{csv, header as csv_header};
pub(crate) use json::json;
pub(crate) use jsonl::jsonl;
pub(crate) use sink::Sink;
pub(crate) use summary::Sweep;
pub(crate) use table::tables;

/// How a terminal, or whatever is there instead of one, wants to be written to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Look {
    /// Columns of the terminal; `None` where nothing is to be cut.
    pub(crate) width: Option<u16>,
    pub(crate) colour: bool,
}

/// The servers that answered.
fn answers(outcomes: &[Outcome]) -> impl Iterator<Item = (&str, &crate::outcome::Answer)> {
    outcomes.iter().filter_map(|outcome| Some((outcome.server.as_str(), outcome.result.as_ref().ok()?)))
}
