use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width};

use super::columns::{Column, columns};
use super::escape::escaped;
use super::{Look, answers, summary};
use crate::outcome::{Answer, Outcome};

const HEADING: Style = Style::new().bold().underline();
const HEADER: Style = Style::new().bold();
const OWN: Style = AnsiColor::Cyan.on_default();
const TALK: Style = Style::new().dimmed();

/// A table for each server that answered, in the order given, with a summary under it.
pub(crate) fn tables(outcomes: &[Outcome], look: Look) -> Vec<u8> {
    let answered: Vec<_> = answers(outcomes).collect();
    let several = outcomes.len() > 1;
    let mut text = String::new();
    for (server, answer) in &answered {
        if several {
            line(&mut text, &escaped(server), HEADING, look);
        }
        table(&mut text, answer, look);
        if several {
            text.push('\n');
        }
    }
    if several && !answered.is_empty() {
        let failed = outcomes.len().saturating_sub(answered.len());
        let answers: Vec<_> = answered.into_iter().map(|(_, answer)| answer).collect();
        line(&mut text, &summary::of_all(&answers, failed), TALK, look);
    }
    text.into_bytes()
}

fn table(text: &mut String, answer: &Answer, look: Look) {
    let rows = answer.rows();
    let columns = columns(&rows);
    if !rows.is_empty() {
        let mut table = empty_table(&columns, look);
        for row in &rows {
            let cells = columns.iter().map(|column| Cell::new(escaped(&column.value(row))));
            let mut cells = Row::from(cells);
            cells.max_height(1);
            table.add_row(cells);
        }
        let styles =
            [HEADER].into_iter().chain(rows.iter().map(|row| if row.is_own { OWN } else { Style::new() }));
        keep_addresses_whole(&mut table, &columns);
        for (cells, style) in table.lines().zip(styles) {
            line(text, cells.trim_end(), style, look);
        }
        text.push('\n');
    }
    let legend = if columns.contains(&Column::Mark) { "  * your own session" } else { "" };
    line(text, &format!("{}{legend}", summary::of_server(answer)), TALK, look);
}

/// A table without borders, whose rows are one line each: what is too wide is cut, not wrapped.
fn empty_table(columns: &[Column], look: Look) -> Table {
    // Escaped names cannot have it, so that no name is broken at a blank.
    const NOT_IN_A_NAME: char = '\0';
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_delimiter(NOT_IN_A_NAME)
        .set_truncation_indicator("…");
    table.set_header(columns.iter().map(|column| column.header()));
    match look.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    let last = columns.len().saturating_sub(1);
    for (index, (column, cells)) in columns.iter().zip(table.column_iter_mut()).enumerate() {
        cells.set_padding((0, if index == last { 0 } else { column.gap() }));
        if column.is_number() {
            cells.set_cell_alignment(CellAlignment::Right);
            cells.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// Where room is short, other columns give way to an address of IPv4.
fn keep_addresses_whole(table: &mut Table, columns: &[Column]) {
    const ADDRESS: u16 = 15;
    let widths = table.column_max_content_widths();
    for ((column, cells), width) in columns.iter().zip(table.column_iter_mut()).zip(widths) {
        if *column == Column::Client {
            cells.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width.min(ADDRESS))));
        }
    }
}

fn line(text: &mut String, content: &str, style: Style, look: Look) {
    let style = if look.colour { style } else { Style::new() };
    // Writing to a string does not fail.
    let _ = writeln!(text, "{style}{content}{style:#}");
}

#[cfg(test)]
mod tests;
