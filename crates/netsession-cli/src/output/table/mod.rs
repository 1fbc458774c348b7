//! The table for people.

mod columns;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use super::row::Row;
use super::selection::{LINES_PER_PIECE, Line, Selection};
use super::server_rows::{ServerRows, all_lines, answered, lines};
use crate::process::Terminal;
use crate::text::escaped;
use columns::{TableColumn, columns, fit};

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
            text.line(&escaped(server), HEADING);
        }
        let lines = lines(server, rows, selection);
        text.table(&lines, selection);
        if !lines.is_empty() {
            text.text.push('\n');
        }
        if let Some(mark) = R::MARK.filter(|_| has_marks(&lines, selection)) {
            text.line(&format!("* {mark}"), REMARK);
        }
        if let Some(summary) = rows.summary() {
            text.line(&summary, REMARK);
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
        let columns = columns(lines, selection, has_marks(lines, selection), self.terminal.width);
        let mut header = selection.has_header.then_some(HEADER);
        for piece in lines.chunks(LINES_PER_PIECE) {
            let table = layout(piece, lines.len(), &columns, selection.has_header, self.terminal);
            let rows = piece.iter().map(|line| if line.row.is_marked() { MARKED } else { Style::new() });
            // Only the first piece shows the header; each has one, so that all are of the same width.
            let skipped = usize::from(selection.has_header && header.is_none());
            for (cells, style) in table.lines().skip(skipped).zip(header.take().into_iter().chain(rows)) {
                self.line(cells.trim_end(), style);
            }
        }
    }

    fn line(&mut self, content: &str, style: Style) {
        let style = if self.terminal.colour { style } else { Style::new() };
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{style}{content}{style:#}");
    }
}

/// A table without borders, whose rows are one line each: what is too wide is cut, not wrapped.
///
/// These are some `lines` of `all`: a row with the widest cells stands below them if others are wider, so that every
/// piece has the same layout. It is not shown.
fn layout<R: Row>(
    lines: &[Line<'_, R>],
    all: usize,
    columns: &[TableColumn<R>],
    has_header: bool,
    terminal: Terminal,
) -> Table {
    // Escaped names cannot have it, so that no name is broken at a blank.
    const NOT_IN_A_NAME: char = '\0';
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_delimiter(NOT_IN_A_NAME)
        .set_truncation_indicator("…");
    if has_header {
        table.set_header(one_line(columns.iter().map(|column| Cell::new(column.header()))));
    }
    for line in lines {
        table.add_row(one_line(columns.iter().map(|column| Cell::new(column.cell(*line)))));
    }
    if lines.len() < all {
        table.add_row(one_line(columns.iter().map(|column| Cell::new(column.widest()))));
    }
    match terminal.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    let last = columns.len().saturating_sub(1);
    for (index, (column, cells)) in columns.iter().zip(table.column_iter_mut()).enumerate() {
        let gap = if index == last { 0 } else { column.gap() };
        cells.set_padding((0, gap));
        if column.is_number() {
            cells.set_cell_alignment(CellAlignment::Right);
            cells.set_constraint(ColumnConstraint::ContentWidth);
        } else if terminal.width.is_some_and(|width| fit(columns, width)) {
            // The constraint counts the padding.
            let least = column.least().saturating_add(gap);
            cells.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    table
}

fn one_line(cells: impl Iterator<Item = Cell>) -> comfy_table::Row {
    let mut row = comfy_table::Row::from(cells);
    row.max_height(1);
    row
}
