//! Where things were drawn last, for the mouse and for pages.

use super::column::Column;
use super::view::{Grouping, View};

#[derive(Debug, Default)]
pub(super) struct Geometry {
    /// The line of the names of views.
    pub(super) tabs_y: Option<u16>,
    /// From and to which column of the screen each is.
    pub(super) tabs: Vec<(u16, u16, View)>,
    pub(super) header_y: Option<u16>,
    pub(super) first_row_y: u16,
    /// Lines for rows.
    pub(super) rows: u16,
    /// Where each column begins, and its width.
    pub(super) placed: Vec<(u16, u16, Column)>,
    /// The widths that columns want; within a view they never shrink, so that the table stands still.
    naturals: Vec<(Column, usize)>,
    naturals_of: Option<(View, Option<Grouping>, u16)>,
}

impl Geometry {
    pub(super) fn height(&self) -> usize {
        self.rows.into()
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        self.placed.iter().map(|(.., column)| *column).collect()
    }

    /// The view whose name is here.
    pub(super) fn tab(&self, x: u16, y: u16) -> Option<View> {
        let tabs = self.tabs.iter().filter(|_| self.tabs_y == Some(y));
        tabs.filter(|(from, to, _)| (*from..*to).contains(&x)).map(|(.., view)| *view).next()
    }

    /// The column whose header is here, with the gap behind it.
    pub(super) fn header(&self, x: u16, y: u16) -> Option<(usize, Column)> {
        let mut columns = self.placed.iter().enumerate().filter(|_| self.header_y == Some(y));
        let found = columns.rfind(|(_, (from, ..))| *from <= x)?;
        Some((found.0, found.1.2))
    }

    /// The number of the row's line that is here.
    pub(super) fn line(&self, y: u16) -> Option<usize> {
        let line = y.checked_sub(self.first_row_y)?;
        (line < self.rows).then_some(line.into())
    }

    /// Takes the widths that the rows seen now want, and gives those of the columns back.
    pub(super) fn widths(
        &mut self,
        of: (View, Option<Grouping>, u16),
        wanted: Vec<(Column, usize)>,
    ) -> Vec<(Column, usize)> {
        if self.naturals_of != Some(of) {
            self.naturals_of = Some(of);
            self.naturals.clear();
        }
        let before = std::mem::take(&mut self.naturals);
        let widest = |(column, width): (Column, usize)| {
            let before = before.iter().find(|(other, _)| *other == column);
            (column, before.map_or(width, |(_, before)| width.max(*before)))
        };
        self.naturals = wanted.into_iter().map(widest).collect();
        self.naturals.clone()
    }
}
