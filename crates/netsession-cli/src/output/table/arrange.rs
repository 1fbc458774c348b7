//! Which columns stand in a table, how wide they are, and in which line of a row.

use super::columns::TableColumn;
use crate::output::row::{Importance, Row};

/// On a narrower terminal rows are folded before a text is cut or a column leaves: so little is left of either. On a wider one
/// they are folded only if many columns were selected.
const FOLDED_BELOW: usize = 40;

/// What goes on in a further line is set in.
pub(super) const INDENT: usize = 2;

/// Where the columns of a table stand.
pub(super) struct Layout<R: 'static> {
    /// The columns of each line of a row: one line, unless the rows are folded.
    pub(super) lines: Vec<Vec<TableColumn<R>>>,
    /// The width of the terminal, if there is one.
    pub(super) limit: Option<usize>,
    /// Whether each row takes several lines. No text but paths is cut then.
    pub(super) is_folded: bool,
}

impl<R: Row> Layout<R> {
    /// Makes the table as wide as the terminal at most. In this order: extra columns leave; minor columns leave; texts are
    /// cut; texts that are never cut get lines of their own; rows are folded. Columns that were selected never leave.
    pub(super) fn new(mut columns: Vec<TableColumn<R>>, is_selected: bool, terminal: Option<u16>) -> Self {
        let limit = terminal.map(usize::from);
        let one_line = |columns| Self { lines: vec![columns], limit, is_folded: false };
        let Some(limit) = limit else { return one_line(columns) };
        if !is_selected {
            drop_extra(&mut columns, limit);
        }
        if total(&columns, |column| column.width) > limit {
            columns.iter_mut().for_each(TableColumn::leave_long_names_out);
        }
        if total(&columns, |column| column.width) <= limit {
            return one_line(columns);
        }
        let may_leave = |column: &TableColumn<R>| !is_selected && column.importance() == Importance::Minor;
        let main_has_room = |columns: &[TableColumn<R>], least: fn(&TableColumn<R>) -> usize| {
            total(columns.iter().filter(|column| !may_leave(column)), least) <= limit
        };
        if limit < FOLDED_BELOW || !main_has_room(&columns, TableColumn::least_beside_whole_texts) {
            return Self { lines: folded(columns, limit), limit: Some(limit), is_folded: true };
        }
        if !main_has_room(&columns, TableColumn::least) {
            columns.iter_mut().for_each(TableColumn::move_whole_texts_out);
        }
        while total(&columns, TableColumn::wanted) > limit {
            let Some(last) = columns.iter().rposition(may_leave) else { break };
            columns.remove(last);
        }
        cut(&mut columns, limit);
        // What the texts leave, for those that are never cut.
        let spare = limit.saturating_sub(total(&columns, |column| column.width));
        columns.iter_mut().fold(spare, |spare, column| column.grow(spare));
        one_line(columns)
    }

    /// Blanks in front of a line of a row.
    pub(super) fn indent(&self, line: usize) -> usize {
        let has_mark =
            self.lines.first().is_some_and(|columns| columns.first().is_some_and(TableColumn::is_mark));
        if line == 0 { 0 } else { self.limit.map_or(0, |limit| indent(limit, has_mark)) }
    }
}

/// Leaves extra columns out, the last one first, where the table is too wide with that one cut.
fn drop_extra<R: Row>(columns: &mut Vec<TableColumn<R>>, limit: usize) {
    let is_extra = |column: &TableColumn<R>| column.importance() == Importance::Extra;
    // A name that is longer than any address gets a line of its own, if it does not fit without the extra columns.
    if total(columns.iter().filter(|column| !is_extra(column)), |column| column.width) > limit {
        columns.iter_mut().for_each(TableColumn::leave_long_names_out);
    }
    while let Some(index) = columns.iter().rposition(is_extra) {
        let spare = columns.get(index).map_or(0, |last| last.width.saturating_sub(last.least()));
        if total(&*columns, |column| column.width).saturating_sub(spare) <= limit {
            break;
        }
        columns.remove(index);
    }
}

/// Cuts texts until the table fits: extra ones first, and the one first that has the most to spare.
fn cut<R: Row>(columns: &mut [TableColumn<R>], limit: usize) {
    for importance in [Importance::Extra, Importance::Minor, Importance::Main] {
        let mut excess = total(&*columns, |column| column.width).saturating_sub(limit);
        let spare = |column: &TableColumn<R>| column.width.saturating_sub(column.least());
        while excess > 0 {
            let same = columns.iter_mut().filter(|column| column.importance() == importance);
            let Some(widest) = same.filter(|column| spare(column) > 0).max_by_key(|column| spare(column))
            else {
                break;
            };
            widest.width = widest.width.saturating_sub(1);
            excess = excess.saturating_sub(1);
        }
    }
}

/// The columns in as many lines as they need, each as wide as it is, or as a line.
fn folded<R: Row>(columns: Vec<TableColumn<R>>, limit: usize) -> Vec<Vec<TableColumn<R>>> {
    let mut lines: Vec<Vec<TableColumn<R>>> = Vec::new();
    let indent = indent(limit, columns.first().is_some_and(TableColumn::is_mark));
    for mut column in columns {
        let here = lines.last().map_or(usize::MAX, |line| {
            let indent = if lines.len() > 1 { indent } else { 0 };
            let used = total(line, |column| column.width).saturating_add(indent);
            used.saturating_add(line.last().map_or(0, TableColumn::gap))
        });
        match lines.last_mut() {
            Some(line) if here.saturating_add(column.width) <= limit => line.push(column),
            // The mark stays with the first column, however wide that is.
            Some(line) if line.iter().all(TableColumn::is_mark) => {
                column.width = limit.saturating_sub(here);
                line.push(column);
            }
            _ => {
                let room = if lines.is_empty() { limit } else { limit.saturating_sub(indent) };
                column.width = column.width.min(room);
                lines.push(vec![column]);
            }
        }
    }
    lines
}

/// Blanks in front of each line of a folded row but the first. Where rows have a mark, its place is left free.
fn indent(limit: usize, has_mark: bool) -> usize {
    match (limit < 10, has_mark) {
        (true, _) => 0,
        (false, false) => INDENT,
        (false, true) => 2 * INDENT,
    }
}

/// The width of these columns side by side.
fn total<'a, R: Row>(
    columns: impl IntoIterator<Item = &'a TableColumn<R>>,
    width: impl Fn(&TableColumn<R>) -> usize,
) -> usize {
    let mut total: usize = 0;
    let mut gap = 0;
    for column in columns {
        total = total.saturating_add(gap).saturating_add(width(column));
        gap = column.gap();
    }
    total
}
