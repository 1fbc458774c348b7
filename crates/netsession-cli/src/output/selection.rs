//! `--columns`, `--sort` and `--no-header`.

use std::cmp::Ordering;
use std::collections::HashSet;

use anyhow::{Result, bail};

use super::row::{Column, Row};
use super::value::{SortKey, Value};
use crate::args::{ColumnArgs, Format};
use crate::text::escaped;

/// A column of any command: the server, or one of its own.
#[derive(Debug)]
pub(super) enum Field<R: 'static> {
    Server,
    Column(&'static Column<R>),
}

impl<R> Clone for Field<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Field<R> {}

/// How many lines are rendered at a time: a million of them as text would take more memory than their rows.
pub(super) const LINES_PER_PIECE: usize = 1024;

/// A row and its server.
#[derive(Debug)]
pub(crate) struct Line<'a, R> {
    pub(super) server: &'a str,
    pub(super) row: &'a R,
}

impl<R> Clone for Line<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Line<'_, R> {}

impl<R: Row> Field<R> {
    /// Every column, in the order of JSON and CSV.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Server).chain(R::COLUMNS.iter().map(Self::Column))
    }

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Column(column) => column.key,
        }
    }

    pub(super) fn value(self, line: Line<'_, R>) -> Value<'_> {
        match self {
            Self::Server => line.server.into(),
            Self::Column(column) => (column.value)(line.row),
        }
    }

    fn alias(self) -> Option<&'static str> {
        match self {
            Self::Server => None,
            Self::Column(column) => column.alias,
        }
    }

    /// Finds the columns that an option names, each once.
    fn finder(option: &str) -> impl FnMut(&str) -> Result<Self> {
        let mut seen = HashSet::new();
        move |name| {
            let name = name.trim();
            let mut all = Self::all();
            let Some(field) = all.find(|field| field.key() == name || field.alias() == Some(name)) else {
                let known: Vec<_> = Self::all().map(Self::key).collect();
                bail!(
                    "{option}: there is no column \"{}\": the columns are {}",
                    escaped(name),
                    known.join(", ")
                );
            };
            if !seen.insert(field.key()) {
                bail!("{option}: {} is named twice", field.key());
            }
            Ok(field)
        }
    }
}

/// What is shown of the rows, and in which order.
#[derive(Debug)]
pub(crate) struct Selection<R: 'static> {
    /// The columns that are asked for; `None` for those that each format has by default.
    pub(super) columns: Option<Vec<Field<R>>>,
    /// What the rows are sorted by; by nothing, the order is the default one.
    order: Vec<(Field<R>, Direction)>,
    /// Whether there are headers, names of servers and sums around the rows.
    pub(super) has_header: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl<R> Default for Selection<R> {
    fn default() -> Self {
        Self { columns: None, order: Vec::new(), has_header: true }
    }
}

impl<R: Row> Selection<R> {
    /// What the options ask for.
    pub(crate) fn new(args: &ColumnArgs) -> Result<Self> {
        // Twice the same key is not an object of JSON that every reader takes (RFC 8259, 4).
        let mut find_column = Field::finder("--columns");
        let columns = args.columns.as_ref().map(|names| names.iter().map(|name| find_column(name)).collect());
        let mut find_key = Field::finder("--sort");
        let order = args.sort.iter().flatten().map(|name| {
            let name = name.trim();
            let (name, direction) = match name.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (name, Direction::Ascending),
            };
            Ok((find_key(name)?, direction))
        });
        let order = order.collect::<Result<_>>()?;
        Ok(Self { columns: columns.transpose()?, order, has_header: !args.no_header })
    }

    /// The keys of JSON and the columns of CSV.
    pub(super) fn data_columns(&self) -> Vec<Field<R>> {
        self.columns.clone().unwrap_or_else(|| Field::all().collect())
    }

    /// Whether one of these columns is shown in this format, or the rows are sorted by it: what is not shown does not
    /// have to be requested.
    pub(crate) fn uses(&self, format: Format, keys: &[&str]) -> bool {
        let mut sorted = self.order.iter().map(|(field, _)| field.key());
        let is_shown = match &self.columns {
            Some(columns) => columns.iter().any(|field| keys.contains(&field.key())),
            None if format == Format::Table => R::TABLE.iter().any(|key| keys.contains(key)),
            None => true,
        };
        is_shown || sorted.any(|key| keys.contains(&key))
    }

    /// Whether rows of different servers stand among each other, so that each waits for all.
    pub(crate) fn sorts(&self) -> bool {
        !self.order.is_empty()
    }

    /// Whether the table has a part for each server, with its name above. Where the name is a column, or where it
    /// is not to be shown, all rows are one table.
    pub(super) fn is_by_server(&self) -> bool {
        if R::ONE_TABLE {
            return false;
        }
        let has_server = self.columns.iter().flatten().any(|field| matches!(field, Field::Server));
        self.has_header && !has_server
    }

    /// Sorts as asked for; what is equal stays as it is.
    pub(super) fn sort(&self, lines: &mut [Line<'_, R>]) {
        if self.sorts() {
            lines.sort_by_cached_key(|line| Keys {
                keys: self
                    .order
                    .iter()
                    .map(|(field, direction)| (field.value(*line).sort_key(), *direction))
                    .collect(),
            });
        }
    }
}

/// What a row is sorted by.
struct Keys {
    keys: Vec<(Option<SortKey>, Direction)>,
}

impl Ord for Keys {
    fn cmp(&self, other: &Self) -> Ordering {
        let orders = self.keys.iter().zip(&other.keys).map(|((a, direction), (b, _))| match (a, b) {
            // What is not known comes last, whichever the direction.
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) if *direction == Direction::Descending => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
        });
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Keys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Keys {}

/// The section of the long help that lists the columns.
pub(crate) fn columns_help<R: Row>() -> String {
    let names = Field::<R>::all().map(|field| match field.alias() {
        Some(alias) => format!("{} ({alias})", field.key()),
        None => field.key().to_owned(),
    });
    let mut lines = vec![String::from(" ")];
    let mut names = names.peekable();
    while let Some(name) = names.next() {
        let separator = if names.peek().is_some() { "," } else { "" };
        let word = format!(" {name}{separator}");
        match lines.last_mut() {
            Some(line) if line.len().saturating_add(word.len()) <= 78 => line.push_str(&word),
            _ => lines.push(format!(" {word}")),
        }
    }
    format!("Columns:\n{}", lines.join("\n"))
}
