//! The lines of a row.

use super::arrange::{INDENT, Layout};
use super::cell::Cell;
use super::columns::TableColumn;
use crate::output::row::Row;
use crate::text::fit;

/// The lines of a row with these cells: one, unless rows are folded, or a text that is never cut or the name of a file does not
/// fit.
pub(super) fn lines<R: Row>(layout: &Layout<R>, cell: impl Fn(&TableColumn<R>) -> Cell) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, columns) in layout.lines.iter().enumerate() {
        let mut line = blanks(layout.indent(index));
        let mut gap = 0;
        for column in columns {
            line.push_str(&blanks(gap));
            gap = column.gap();
            let cell = cell(column);
            let width = cell.width();
            if width <= column.width {
                let padding = blanks(column.width.saturating_sub(width));
                let (first, second) =
                    if column.is_number() { (&*padding, cell.text()) } else { (cell.text(), &*padding) };
                line.push_str(first);
                line.push_str(second);
                continue;
            }
            let may_be_cut = !layout.is_folded && !column.is_whole();
            let Some(text) = may_be_cut.then(|| cell.cut(column.width)).flatten() else {
                line = below(line, cell.text(), column.width, layout, &mut lines);
                continue;
            };
            line.push_str(&text);
            // A wide character may leave one column empty.
            line.push_str(&blanks(column.width.saturating_sub(fit::width(&text))));
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
    text: &str,
    width: usize,
    layout: &Layout<R>,
    lines: &mut Vec<String>,
) -> String {
    let start = fit::width(&line);
    let room = layout.limit.map_or(usize::MAX, |limit| limit.saturating_sub(start));
    let indent = if room > 2 * INDENT { INDENT } else { 0 };
    for piece in fit::pieces(text, room, room.saturating_sub(indent)) {
        line.push_str(piece);
        line.truncate(line.trim_end().len());
        lines.push(std::mem::replace(&mut line, blanks(start.saturating_add(indent))));
    }
    blanks(start.saturating_add(width))
}

fn blanks(number: usize) -> String {
    " ".repeat(number)
}
