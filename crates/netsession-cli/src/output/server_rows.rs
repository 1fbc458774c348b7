use netsession::{Error, FilterMismatch, Level, MemoryShare, Timings};

use super::row::{PartialSums, Row, Totals};
use super::selection::{Line, Selection};

/// A server that was asked, and its rows.
#[derive(Debug)]
pub(crate) struct ServerRows<R> {
    /// The server as it is shown.
    pub(crate) server: String,
    pub(crate) result: Result<Rows<R>, Error>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    pub(crate) rows: Vec<R>,
    /// What else there is to say about the answer: `level 502`.
    pub(crate) remark: Option<String>,
    /// Why a filter found nothing, for a hint on stderr.
    pub(crate) mismatch: Option<FilterMismatch>,
    /// The level of sessions, for their metrics.
    #[cfg_attr(not(feature = "exporter"), expect(dead_code, reason = "there are no metrics then"))]
    pub(crate) level: Option<Level>,
    /// Sessions of the caller's account from its address, for the metrics of sessions.
    #[cfg_attr(not(feature = "exporter"), expect(dead_code, reason = "there are no metrics then"))]
    pub(crate) own_sessions: usize,
    /// How long each phase of the connection took, for the metrics.
    #[cfg_attr(not(feature = "exporter"), expect(dead_code, reason = "there are no metrics then"))]
    pub(crate) timings: Timings,
    /// The memory that the rows take, of what all answers may.
    #[expect(dead_code, reason = "given back when the rows are dropped")]
    pub(crate) memory: MemoryShare,
}

/// Rows, and nothing else to say.
impl<R> From<Vec<R>> for Rows<R> {
    fn from(rows: Vec<R>) -> Self {
        Self {
            rows,
            remark: None,
            mismatch: None,
            level: None,
            own_sessions: 0,
            timings: Timings::default(),
            memory: MemoryShare::default(),
        }
    }
}

impl<R: Row> Rows<R> {
    /// Puts the rows into their default order.
    pub(crate) fn sort(&mut self) {
        R::sort(&mut self.rows);
    }

    /// The line under the table of one server.
    pub(super) fn summary(&self) -> Option<String> {
        let mut totals = R::Totals::default();
        self.rows.iter().for_each(|row| totals.add(row));
        match (totals.text(PartialSums::Omit), &self.remark) {
            (Some(totals), Some(remark)) => Some(format!("{totals} ({remark})")),
            (Some(text), None) => Some(text),
            (None, remark) => remark.clone(),
        }
    }
}

/// A row that is shown by itself.
pub(crate) fn line_of<'a, R>(server: &'a str, row: &'a R) -> Line<'a, R> {
    Line { server, row }
}

/// The rows of one server, in their order.
pub(crate) fn lines<'a, R: Row>(
    server: &'a str,
    rows: &'a Rows<R>,
    selection: &Selection<R>,
) -> Vec<Line<'a, R>> {
    let mut lines: Vec<_> = rows.rows.iter().map(|row| Line { server, row }).collect();
    selection.sort(&mut lines);
    lines
}

/// The rows of all servers that answered, in their order.
pub(crate) fn all_lines<'a, R: Row>(
    servers: &'a [ServerRows<R>],
    selection: &Selection<R>,
) -> Vec<Line<'a, R>> {
    let mut lines: Vec<_> = answered(servers)
        .flat_map(|(server, rows)| rows.rows.iter().map(move |row| Line { server, row }))
        .collect();
    selection.sort(&mut lines);
    lines
}

/// The servers that answered.
pub(super) fn answered<R>(servers: &[ServerRows<R>]) -> impl Iterator<Item = (&str, &Rows<R>)> {
    servers.iter().filter_map(|server| Some((server.server.as_str(), server.result.as_ref().ok()?)))
}
