//! What a command shows: the columns of its rows.

use std::borrow::Cow;
use std::net::IpAddr;

use super::value::Value;

/// A row of what servers answer, the same in every format.
///
/// The column `server` is in front of [`COLUMNS`](Self::COLUMNS) in every command.
pub(crate) trait Row: Sized + Send + 'static {
    /// What the rows come to; `()` for nothing.
    type Totals: Totals<Self>;

    /// The keys of JSON and the columns of CSV, in their order.
    const COLUMNS: &'static [Column<Self>];
    /// The columns of the table, by their keys, in their order.
    const TABLE: &'static [&'static str];
    /// Whether the rows of all servers stand in one table, with the column `server` in front: for a command with one
    /// row for each server.
    const ONE_TABLE: bool = false;
    /// What `*` in front of a row means.
    const MARK: Option<&'static str> = None;

    /// Whether the row has the mark.
    fn is_marked(&self) -> bool {
        false
    }

    /// Puts the rows of a server into the order in which they are shown where no other one is asked for.
    fn sort(_rows: &mut [Self]) {}

    /// The address that `--resolve` looks up.
    fn client_address(&self) -> Option<IpAddr> {
        None
    }

    /// The name of that address.
    fn set_client_name(&mut self, _name: String) {}
}

/// What rows come to.
pub(crate) trait Totals<R>: Default + Send {
    fn add(&mut self, row: &R);

    /// `3 sessions, 2 users`.
    fn text(&self, partial: PartialSums) -> Option<String>;
}

/// How a sum is shown if some row lacks its part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartialSums {
    Omit,
    /// `at least 2 users`.
    AtLeast,
}

impl<R> Totals<R> for () {
    fn add(&mut self, _row: &R) {}

    fn text(&self, _partial: PartialSums) -> Option<String> {
        None
    }
}

/// A column of a command.
#[derive(Debug)]
pub(crate) struct Column<R> {
    /// The key in JSON, the header of CSV, and its name in `--columns` and `--sort`.
    pub(super) key: &'static str,
    /// A shorter name for the options.
    pub(super) alias: Option<&'static str>,
    pub(super) header: &'static str,
    pub(super) value: fn(&R) -> Value<'_>,
    pub(super) width: Width,
    pub(super) importance: Importance,
    pub(super) presence: Presence,
    /// The part of a text that the table shows.
    pub(super) shorten: fn(&str) -> &str,
}

/// How a column of the table is shown where it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Short, set to the right, and never cut.
    Number,
    /// Cut, down to this width.
    Text(u16),
    /// Cut in its middle, down to this width. The name of the file stays.
    Path(u16),
    /// Never cut.
    Whole,
}

/// When a column leaves a table that the terminal is too narrow for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Importance {
    /// Before any other column is cut.
    Extra,
    /// Before a column that is never cut has no room.
    Minor,
    /// Never.
    Main,
}

/// When the table has the column by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    /// Where some row knows it, be it empty.
    Known,
    /// Where some row has something in it.
    Filled,
}

impl<R> Column<R> {
    /// A text, in the table where some row has something in it.
    pub(crate) const fn new(key: &'static str, header: &'static str, value: fn(&R) -> Value<'_>) -> Self {
        Self {
            key,
            alias: None,
            header,
            value,
            width: Width::Text(8),
            importance: Importance::Main,
            presence: Presence::Filled,
            shorten: |text| text,
        }
    }

    /// With a shorter name for `--columns` and `--sort`.
    pub(crate) const fn alias(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    /// A number or a time: set to the right, and never cut.
    pub(crate) const fn number(self) -> Self {
        Self { width: Width::Number, ..self }
    }

    /// A text that is whole up to this width, if the terminal has room for it.
    pub(crate) const fn at_least(self, width: u16) -> Self {
        Self { width: Width::Text(width), ..self }
    }

    /// A path that is whole up to this width, if the terminal has room for it. The name of the file is never cut: it says
    /// the most.
    pub(crate) const fn path(self, width: u16) -> Self {
        Self { width: Width::Path(width), ..self }
    }

    /// A text that is never cut, such as an address, whose end says the most.
    pub(crate) const fn whole(self) -> Self {
        Self { width: Width::Whole, ..self }
    }

    /// Left out of the table first where the terminal is too narrow.
    pub(crate) const fn optional(self) -> Self {
        Self { importance: Importance::Extra, ..self }
    }

    /// Left out of the table next, where texts that are cut leave too little room.
    pub(crate) const fn minor(self) -> Self {
        Self { importance: Importance::Minor, ..self }
    }

    /// In every table.
    pub(crate) const fn always(self) -> Self {
        Self { presence: Presence::Always, ..self }
    }

    /// In each table in which some row knows it, be it empty.
    pub(crate) const fn if_known(self) -> Self {
        Self { presence: Presence::Known, ..self }
    }

    /// The table shows this part of the text.
    pub(crate) const fn shortened(self, shorten: fn(&str) -> &str) -> Self {
        Self { shorten, ..self }
    }

    #[cfg(test)]
    pub(crate) const fn key(&self) -> &'static str {
        self.key
    }

    #[cfg(test)]
    pub(crate) const fn header(&self) -> &'static str {
        self.header
    }

    /// As the table shows it. Not yet escaped.
    pub(super) fn for_people<'r>(&self, row: &'r R) -> Cow<'r, str> {
        match (self.value)(row).for_people() {
            Cow::Borrowed(text) => (self.shorten)(text).into(),
            Cow::Owned(text) => (self.shorten)(&text).to_owned().into(),
        }
    }
}
