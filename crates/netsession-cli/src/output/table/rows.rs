//! The lines of a row.

use std::borrow::Cow;

use super::arrange::{INDENT, Layout};
use super::cell::Cell;
use super::columns::TableColumn;
use crate::output::row::Row;
use crate::text::fit;

/// The lines of a row with these cells: one, unless rows are folded, or a text that is never cut does not fit. Of a path that
/// is its name.
pub(super) fn lines<'a, R: Row>(
    layout: &Layout<R>,
    cell: impl Fn(&TableColumn<R>) -> Cell<'a>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, columns) in layout.lines.iter().enumerate() {
        let mut line = blanks(layout.indent(index));
        let mut gap = 0;
        for column in columns {
            push_blanks(&mut line, gap);
            gap = column.gap();
            let cell = cell(column);
            let width = cell.width();
            if width <= column.width {
                let padding = column.width.saturating_sub(width);
                let (before, after) = if column.is_number() { (padding, 0) } else { (0, padding) };
                push_blanks(&mut line, before);
                line.push_str(cell.text());
                push_blanks(&mut line, after);
                continue;
            }
            // In narrow terminals, too: a path of a thousand characters would fill the screen.
            let may_be_cut = cell.is_path() || (!layout.is_folded && !column.is_whole());
            let Some(text) = may_be_cut.then(|| cell.cut(column.width)).flatten() else {
                line = below(line, &cell, column.width, layout, &mut lines);
                continue;
            };
            line.push_str(&text);
            // A wide character may leave one column empty.
            push_blanks(&mut line, column.width.saturating_sub(fit::width(&text)));
        }
        line.truncate(line.trim_end().len());
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Writes a text that is wider than its column from there to the end of the line, and goes on in further lines, set in.
/// What follows in the row stands below it, in the line that is returned.
fn below<R: Row>(
    mut line: String,
    cell: &Cell<'_>,
    width: usize,
    layout: &Layout<R>,
    lines: &mut Vec<String>,
) -> String {
    let start = fit::width(&line);
    let room = layout.limit.map_or(usize::MAX, |limit| limit.saturating_sub(start));
    let indent = if room > 2 * INDENT { INDENT } else { 0 };
    let others = room.saturating_sub(indent);
    for piece in fit::pieces(&in_few_lines(cell, room, others), room, others) {
        line.push_str(piece);
        line.truncate(line.trim_end().len());
        lines.push(std::mem::replace(&mut line, blanks(start.saturating_add(indent))));
    }
    blanks(start.saturating_add(width))
}

/// As much of a text as has room in the lines that it takes at least.
fn in_few_lines<'a>(cell: &'a Cell<'_>, first: usize, others: usize) -> Cow<'a, str> {
    let least = cell.least();
    let number = fit::pieces(&least, first, others).len();
    let room = first.saturating_add(others.saturating_mul(number.saturating_sub(1)));
    // A wide character may leave a column of each line empty.
    cell.cut(room).filter(|text| fit::pieces(text, first, others).len() <= number).unwrap_or(least)
}

fn blanks(number: usize) -> String {
    let mut blanks = String::new();
    push_blanks(&mut blanks, number);
    blanks
}

fn push_blanks(line: &mut String, mut number: usize) {
    const BLANKS: &str = "                                ";
    while number > 0 {
        let some = BLANKS.get(..number).unwrap_or(BLANKS);
        line.push_str(some);
        number = number.saturating_sub(some.len());
    }
}
