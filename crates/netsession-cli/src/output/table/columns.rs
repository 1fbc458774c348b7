use unicode_width::UnicodeWidthStr as _;

use crate::output::row::{Column, Presence, Row, Width};
use crate::output::selection::{Field, Line, Selection};
use crate::output::value::Value;
use crate::text::escaped;

/// The width of a server's name below which it says nothing any more: an address of IPv4 is whole.
const SERVER: u16 = 15;

/// A column of the table, and the width of what is in it.
#[derive(Debug)]
pub(super) struct TableColumn<R: 'static> {
    content: Content<R>,
    width: u16,
}

#[derive(Debug)]
enum Content<R: 'static> {
    /// `*` in front of a marked row.
    Mark,
    Field(Field<R>),
}

impl<R: Row> TableColumn<R> {
    fn new(content: Content<R>, lines: &[Line<'_, R>], has_header: bool) -> Self {
        let mut column = Self { content, width: 0 };
        let header = if has_header { column.header().len() } else { 0 };
        let widest = lines.iter().map(|line| column.cell(*line).width()).max().unwrap_or_default();
        column.width = u16::try_from(widest.max(header)).unwrap_or(u16::MAX);
        column
    }

    pub(super) fn header(&self) -> &'static str {
        match self.content {
            Content::Mark => "",
            Content::Field(Field::Server) => "SERVER",
            Content::Field(Field::Column(column)) => column.header,
        }
    }

    /// A text as wide as the widest cell.
    pub(super) fn widest(&self) -> String {
        "x".repeat(self.width.into())
    }

    /// What a row has in it, escaped.
    pub(super) fn cell(&self, line: Line<'_, R>) -> String {
        match self.content {
            Content::Mark => if line.row.is_marked() { "*" } else { "" }.into(),
            Content::Field(Field::Server) => escaped(line.server).into_owned(),
            Content::Field(Field::Column(column)) => escaped(&column.for_people(line.row)).into_owned(),
        }
    }

    /// Short, set to the right and never cut.
    pub(super) fn is_number(&self) -> bool {
        match self.content {
            Content::Mark => true,
            Content::Field(Field::Server) => false,
            Content::Field(Field::Column(column)) => column.width == Width::Number,
        }
    }

    /// Gives way on a narrow terminal.
    fn is_optional(&self) -> bool {
        matches!(self.content, Content::Field(Field::Column(Column { width: Width::Optional, .. })))
    }

    /// Blanks between this column and the next one.
    pub(super) fn gap(&self) -> u16 {
        if matches!(self.content, Content::Mark) { 1 } else { 2 }
    }

    /// The width below which the column says nothing any more.
    pub(super) fn least(&self) -> u16 {
        let least = match self.content {
            Content::Mark => return self.width,
            Content::Field(Field::Server) => SERVER,
            Content::Field(Field::Column(column)) => match column.width {
                Width::Number => return self.width,
                Width::Text(least) => least,
                Width::Optional => 8,
            },
        };
        self.width.min(least)
    }
}

/// The columns that are selected; else those of the table in which some row has something. No session has a client
/// type over SMB2, and few have flags.
///
/// Where the terminal is too narrow for the latter, the last optional ones are left out.
pub(super) fn columns<R: Row>(
    lines: &[Line<'_, R>],
    selection: &Selection<R>,
    has_marks: bool,
    terminal: Option<u16>,
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
    let mut columns: Vec<_> = mark.into_iter().chain(server).chain(by_default.map(column)).collect();
    while terminal.is_some_and(|width| !fit(&columns, width))
        && columns.last().is_some_and(TableColumn::is_optional)
    {
        columns.pop();
    }
    columns
}

/// Whether a terminal is wide enough for columns that say something.
pub(super) fn fit<R: Row>(columns: &[TableColumn<R>], width: u16) -> bool {
    let gaps: u16 = columns.iter().rev().skip(1).map(TableColumn::gap).sum();
    let cells = columns.iter().fold(gaps, |sum, column| sum.saturating_add(column.least()));
    cells <= width
}

fn is_present<R>(column: &Column<R>, lines: &[Line<'_, R>]) -> bool {
    match column.presence {
        Presence::Always => true,
        Presence::Known => lines.iter().any(|line| (column.value)(line.row) != Value::Null),
        Presence::Filled => lines.iter().any(|line| !column.for_people(line.row).is_empty()),
    }
}
