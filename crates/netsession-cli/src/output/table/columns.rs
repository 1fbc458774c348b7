use std::collections::BTreeSet;

use super::cell::Cell;
use crate::output::row::{Column, Importance, Presence, Row, Width};
use crate::output::selection::{Field, Line, Selection};
use crate::output::value::Value;

/// The longest text of an IPv6 address, with an IPv4 address in it; one with its scope is shorter in practice. A longer
/// name may have been made up by the client, and takes no room from other columns.
const ADDRESS: usize = 45;

/// What is left of a text at least, where there is no room for more even beside addresses in lines of their own.
const LEAST: usize = 8;

/// A column of the table.
#[derive(Debug)]
pub(super) struct TableColumn<R: 'static> {
    content: Content<R>,
    /// The width in the table: at first that of all that is in it, the header included.
    pub(super) width: usize,
    /// The width of the header alone.
    header: usize,
    /// The width that texts in it can be cut to; all that there is where they are never cut.
    least: usize,
    /// The width without names that are longer than any address.
    usual: usize,
    /// Of a column that is never cut: each width that it has to be for a text in it.
    steps: BTreeSet<usize>,
}

#[derive(Debug)]
enum Content<R: 'static> {
    /// `*` in front of a marked row.
    Mark,
    Field(Field<R>),
}

impl<R: Row> TableColumn<R> {
    fn new(content: Content<R>, lines: &[Line<'_, R>], has_header: bool) -> Self {
        let mut column =
            Self { content, width: 0, header: 0, least: usize::MAX, usual: 0, steps: BTreeSet::new() };
        let longest = if column.is_whole() { ADDRESS } else { usize::MAX };
        column.header = if has_header { column.header().len() } else { 0 };
        (column.width, column.usual) = (column.header, column.header);
        if let Some(least) = column.may_be_cut_to() {
            column.least = least.max(column.header);
        }
        for line in lines {
            let width = column.cell(*line).width();
            column.width = column.width.max(width);
            if width <= longest {
                column.usual = column.usual.max(width);
            }
            if column.is_whole() {
                column.steps.insert(width);
            }
        }
        column
    }

    pub(super) fn header(&self) -> &'static str {
        match self.content {
            Content::Mark => "",
            Content::Field(Field::Server) => "SERVER",
            Content::Field(Field::Column(column)) => column.header,
        }
    }

    /// What a row has in it.
    pub(super) fn cell(&self, line: Line<'_, R>) -> Cell {
        match self.content {
            Content::Mark => Cell::new(if line.row.is_marked() { "*" } else { "" }),
            Content::Field(Field::Server) => Cell::new(line.server),
            Content::Field(Field::Column(column @ Column { width: Width::Path(_), .. })) => {
                Cell::path(&column.for_people(line.row))
            }
            Content::Field(Field::Column(column)) => Cell::new(&column.for_people(line.row)),
        }
    }

    /// Set to the right.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.content, Content::Field(Field::Column(Column { width: Width::Number, .. })))
    }

    /// A text that is never cut.
    pub(super) fn is_whole(&self) -> bool {
        match self.content {
            Content::Mark => false,
            Content::Field(Field::Server) => true,
            Content::Field(Field::Column(column)) => column.width == Width::Whole,
        }
    }

    pub(super) fn importance(&self) -> Importance {
        match self.content {
            Content::Mark | Content::Field(Field::Server) => Importance::Main,
            Content::Field(Field::Column(column)) => column.importance,
        }
    }

    /// Blanks between this column and the next one.
    pub(super) fn gap(&self) -> usize {
        if self.is_mark() { 1 } else { 2 }
    }

    /// The width that it can be cut to.
    pub(super) fn least(&self) -> usize {
        self.width.min(self.least)
    }

    fn may_be_cut_to(&self) -> Option<usize> {
        match self.content {
            Content::Field(Field::Column(Column {
                width: Width::Text(least) | Width::Path(least), ..
            })) => Some(usize::from(*least)),
            Content::Mark | Content::Field(_) => None,
        }
    }

    /// The width for which columns that say less leave. A path loses its middle before: the name of the file says the most.
    pub(super) fn wanted(&self) -> usize {
        match (self.importance(), &self.content) {
            (Importance::Extra, _)
            | (_, Content::Field(Field::Column(Column { width: Width::Path(_), .. }))) => self.least(),
            (_, Content::Field(Field::Column(Column { width: Width::Text(_), .. }))) => {
                self.width.min(ADDRESS)
            }
            _ => self.width,
        }
    }

    /// `*` stays in front of the first column.
    pub(super) fn is_mark(&self) -> bool {
        matches!(self.content, Content::Mark)
    }

    /// Makes the column no wider for names that are longer than any address: these get a line of their own.
    pub(super) fn leave_long_names_out(&mut self) {
        self.width = self.usual;
    }

    /// The width that it can have where texts that are never cut get lines of their own.
    pub(super) fn least_beside_whole_texts(&self) -> usize {
        let least = match self.may_be_cut_to() {
            Some(least) => least.min(LEAST).max(self.header),
            None if self.is_whole() => self.header.max(1),
            None => self.width,
        };
        self.width.min(least)
    }

    /// Takes as little room as it can: a text that is never cut gets a line of its own where it is wider.
    pub(super) fn move_whole_texts_out(&mut self) {
        self.least = self.least_beside_whole_texts();
        if self.is_whole() {
            self.width = self.least;
        }
    }

    /// Takes up to `spare` columns more, if one more text that is never cut then fits. Returns what is left.
    pub(super) fn grow(&mut self, spare: usize) -> usize {
        let most = self.width.saturating_add(spare);
        let next = self.steps.range(..=most).next_back().copied();
        let wider = next.map_or(0, |next| next.saturating_sub(self.width));
        self.width = self.width.saturating_add(wider);
        spare.saturating_sub(wider)
    }
}

/// The columns that are selected; else those of the table in which some row has something. No session has a client
/// type over SMB2, and few have flags.
pub(super) fn columns<R: Row>(
    lines: &[Line<'_, R>],
    selection: &Selection<R>,
    has_marks: bool,
) -> Vec<TableColumn<R>> {
    let column = |content| TableColumn::new(content, lines, selection.has_header);
    if let Some(selected) = &selection.columns {
        return selected.iter().map(|field| column(Content::Field(*field))).collect();
    }
    let mark = has_marks.then(|| column(Content::Mark));
    let server = (R::ONE_TABLE && selection.has_header).then(|| column(Content::Field(Field::Server)));
    let by_default = R::TABLE.iter().filter_map(|key| {
        let column = R::COLUMNS.iter().find(|column| column.key == *key)?;
        is_present(column, lines).then_some(Content::Field(Field::Column(column)))
    });
    mark.into_iter().chain(server).chain(by_default.map(column)).collect()
}

fn is_present<R>(column: &Column<R>, lines: &[Line<'_, R>]) -> bool {
    match column.presence {
        Presence::Always => true,
        Presence::Known => lines.iter().any(|line| (column.value)(line.row) != Value::Null),
        Presence::Filled => lines.iter().any(|line| !column.for_people(line.row).is_empty()),
    }
}
