//! The table for people.

mod arrange;
mod cell;
mod columns;
mod rows;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::row::Row;
use super::selection::{Line, Selection};
use super::server_rows::{ServerRows, all_lines, answered, lines};
use crate::process::Terminal;
use crate::text::{escaped, fit};
use arrange::Layout;
use cell::Cell;
use columns::{TableColumn, columns};

const HEADING: Style = Style::new().bold().underline();
const HEADER: Style = Style::new().bold();
const MARKED: Style = AnsiColor::Cyan.on_default();
const REMARK: Style = Style::new().dimmed();

/// A table for each server that answered, in the order given, with its name above if there are several `servers`; or
/// one table for all, where that is selected.
pub(crate) fn tables<R: Row>(
    servers: &[ServerRows<R>],
    selection: &Selection<R>,
    terminal: Terminal,
) -> Vec<u8> {
    let is_several = servers.len() > 1;
    let mut text = Text { text: String::new(), terminal };
    if !selection.is_by_server() && (is_several || R::ONE_TABLE || !selection.has_header) {
        text.table(&all_lines(servers, selection), selection);
        return text.text.into_bytes();
    }
    for (server, rows) in answered(servers) {
        if is_several {
            text.paragraph(&escaped(server), HEADING);
        }
        let lines = lines(server, rows, selection);
        text.table(&lines, selection);
        if !lines.is_empty() {
            text.text.push('\n');
        }
        if let Some(mark) = R::MARK.filter(|_| has_marks(&lines, selection)) {
            text.paragraph(&format!("* {mark}"), REMARK);
        }
        if let Some(summary) = rows.summary() {
            text.paragraph(&summary, REMARK);
        }
        if is_several {
            text.text.push('\n');
        }
    }
    text.text.into_bytes()
}

/// Whether `*` stands in front of some row. Where columns are selected there are these and no others.
fn has_marks<R: Row>(lines: &[Line<'_, R>], selection: &Selection<R>) -> bool {
    let is_default = selection.columns.is_none() && selection.has_header;
    is_default && lines.iter().any(|line| line.row.is_marked())
}

struct Text {
    text: String,
    terminal: Terminal,
}

impl Text {
    fn table<R: Row>(&mut self, lines: &[Line<'_, R>], selection: &Selection<R>) {
        if lines.is_empty() {
            return;
        }
        let columns = columns(lines, selection, has_marks(lines, selection));
        let layout = Layout::new(columns, selection.columns.is_some(), self.terminal.width);
        if selection.has_header {
            self.row(&layout, |column| Cell::new(column.header().into()), HEADER);
        }
        for line in lines {
            let style = if line.row.is_marked() { MARKED } else { Style::new() };
            self.row(&layout, |column| column.cell(*line), style);
        }
    }

    fn row<'a, R: Row>(
        &mut self,
        layout: &Layout<R>,
        cell: impl Fn(&TableColumn<R>) -> Cell<'a>,
        style: Style,
    ) {
        for line in rows::lines(layout, cell) {
            self.line(&line, style);
        }
    }

    /// A text that goes on in the next line where the terminal is too narrow.
    fn paragraph(&mut self, content: &str, style: Style) {
        let limit = self.terminal.width.map_or(usize::MAX, usize::from);
        for line in fit::wrapped(content, limit) {
            self.line(&line, style);
        }
    }

    fn line(&mut self, content: &str, style: Style) {
        let style = if self.terminal.colour { style } else { Style::new() };
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{style}{content}{style:#}");
    }
}
