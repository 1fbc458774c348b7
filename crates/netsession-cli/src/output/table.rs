use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width};

use super::columns::{Laid, columns, fit};
use super::escape::escaped;
use super::{Look, answers, summary};
use crate::outcome::{self, Answer, Outcome};

const HEADING: Style = Style::new().bold().underline();
const HEADER: Style = Style::new().bold();
const OWN: Style = AnsiColor::Cyan.on_default();
const TALK: Style = Style::new().dimmed();

/// A table for each server that answered, in the order given.
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
    text.into_bytes()
}

fn table(text: &mut String, answer: &Answer, look: Look) {
    let rows = answer.rows();
    let columns = columns(&rows, look.width);
    if !rows.is_empty() {
        let table = layout(&rows, &columns, look);
        let styles =
            [HEADER].into_iter().chain(rows.iter().map(|row| if row.is_own { OWN } else { Style::new() }));
        for (cells, style) in table.lines().zip(styles) {
            line(text, cells.trim_end(), style, look);
        }
        text.push('\n');
    }
    if rows.iter().any(|row| row.is_own) {
        line(text, "* your own session", TALK, look);
    }
    line(text, &summary::of_server(answer), TALK, look);
}

/// A table without borders, whose rows are one line each: what is too wide is cut, not wrapped.
fn layout(rows: &[outcome::Row<'_>], columns: &[Laid], look: Look) -> Table {
    // Escaped names cannot have it, so that no name is broken at a blank.
    const NOT_IN_A_NAME: char = '\0';
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_delimiter(NOT_IN_A_NAME)
        .set_truncation_indicator("…");
    table.set_header(one_line(columns.iter().map(|laid| Cell::new(laid.column.header()))));
    for row in rows {
        table.add_row(one_line(columns.iter().map(|laid| Cell::new(escaped(&laid.column.value(row))))));
    }
    match look.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    let last = columns.len().saturating_sub(1);
    for (index, (laid, cells)) in columns.iter().zip(table.column_iter_mut()).enumerate() {
        let gap = if index == last { 0 } else { laid.column.gap() };
        cells.set_padding((0, gap));
        if laid.column.is_number() {
            cells.set_cell_alignment(CellAlignment::Right);
            cells.set_constraint(ColumnConstraint::ContentWidth);
        } else if look.width.is_some_and(|width| fit(columns, width)) {
            // The constraint counts the padding.
            let least = laid.least().saturating_add(gap);
            cells.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    table
}

fn one_line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

fn line(text: &mut String, content: &str, style: Style, look: Look) {
    let style = if look.colour { style } else { Style::new() };
    // Writing to a string does not fail.
    let _ = writeln!(text, "{style}{content}{style:#}");
}

#[cfg(test)]
mod tests;
