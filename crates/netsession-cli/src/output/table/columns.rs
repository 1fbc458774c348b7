use super::cell::Cell;
use crate::output::row::{Column, Importance, Presence, Row, Width};
use crate::output::selection::{Field, Line, Selection};
use crate::output::value::Value;

/// The longest text of an IPv6 address, with an IPv4 address in it; one with its scope is shorter in practice. A longer
/// name may have been made up by the client, and takes no room from other columns.
const ADDRESS: usize = 45;

/// A column of the table.
#[derive(Debug)]
pub(super) struct TableColumn<R: 'static> {
    content: Content<R>,
    /// The width in the table: at first that of all that is in it, the header included.
    pub(super) width: usize,
    /// The width of the header alone.
    header: usize,
    /// The width without names that are longer than any address.
    usual: usize,
}

#[derive(Debug)]
enum Content<R: 'static> {
    /// `*` in front of a marked row.
    Mark,
    Field(Field<R>),
}

impl<R: Row> TableColumn<R> {
    fn new(content: Content<R>, lines: &[Line<'_, R>], has_header: bool) -> Self {
        let column = Self { content, width: 0, header: 0, usual: 0 };
        let longest = if column.is_whole() { ADDRESS } else { usize::MAX };
        let header = if has_header { column.header().len() } else { 0 };
        let cells = |line: &Line<'_, R>| column.cell(*line).width();
        let (natural, usual) =
            lines.iter().map(cells).chain([header]).fold((0, 0), |(natural, usual), width| {
                (width.max(natural), if width <= longest { width.max(usual) } else { usual })
            });
        Self { width: natural, header, usual, ..column }
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
        match self.content {
            Content::Field(Field::Column(Column {
                width: Width::Text(least) | Width::Path(least), ..
            })) => self.width.min(usize::from(*least).max(self.header)),
            Content::Mark | Content::Field(_) => self.width,
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
