use std::borrow::Cow;

use unicode_width::UnicodeWidthStr as _;

use super::escape::escaped;
use super::human_time::human_time;
use crate::outcome::Row;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Of the caller's own session.
    Mark,
    Client,
    ClientName,
    User,
    Opens,
    Connected,
    Idle,
    Flags,
    ClientType,
    Transport,
}

impl Column {
    const ALL: [Self; 10] = [
        Self::Mark,
        Self::Client,
        Self::ClientName,
        Self::User,
        Self::Opens,
        Self::Connected,
        Self::Idle,
        Self::Flags,
        Self::ClientType,
        Self::Transport,
    ];

    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Mark => "",
            Self::Client => "CLIENT",
            Self::ClientName => "NAME",
            Self::User => "USER",
            Self::Opens => "OPENS",
            Self::Connected => "CONNECTED",
            Self::Idle => "IDLE",
            Self::Flags => "FLAGS",
            Self::ClientType => "TYPE",
            Self::Transport => "TRANSPORT",
        }
    }

    /// Short, set to the right and never cut.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Mark | Self::Opens | Self::Connected | Self::Idle)
    }

    /// Gives way on a narrow terminal.
    fn is_extra(self) -> bool {
        matches!(self, Self::Flags | Self::ClientType | Self::Transport)
    }

    /// Blanks between this column and the next one.
    pub(super) fn gap(self) -> u16 {
        if self == Self::Mark { 1 } else { 2 }
    }

    /// What a row has in this column, not yet escaped; empty where it has nothing.
    pub(super) fn value<'a>(self, row: &Row<'a>) -> Cow<'a, str> {
        let session = row.session;
        match self {
            Self::Mark => if row.is_own { "*" } else { "" }.into(),
            Self::Client => session.client().into(),
            Self::ClientName => row.client_name.unwrap_or_default().into(),
            Self::User => session.user().unwrap_or_default().into(),
            Self::Opens => session.opens().map(|opens| opens.to_string()).unwrap_or_default().into(),
            Self::Connected => session.connected().map(human_time).unwrap_or_default().into(),
            Self::Idle => session.idle().map(human_time).unwrap_or_default().into(),
            Self::Flags => session
                .flags()
                .map(|flags| flags.names().collect::<Vec<_>>().join(","))
                .unwrap_or_default()
                .into(),
            Self::ClientType => session.client_type().unwrap_or_default().into(),
            Self::Transport => {
                let transport = session.transport().unwrap_or_default();
                transport.strip_prefix(r"\Device\").unwrap_or(transport).into()
            }
        }
    }
}

/// A column and the width of what is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Laid {
    pub(super) column: Column,
    width: u16,
}

impl Laid {
    /// The width below which the column says nothing any more: a client is whole up to an address of IPv4.
    pub(super) fn least(self) -> u16 {
        match self.column {
            Column::Client => self.width.min(15),
            Column::User => self.width.min(10),
            // It was asked for.
            Column::ClientName => self.width.min(20),
            column if column.is_number() => self.width,
            _ => self.width.min(8),
        }
    }
}

/// The columns that are shown: the client and the user, where the level carries one, and every other column
/// that some row has something in. No session has a client type over SMB2, and few have flags.
///
/// Where the terminal is too narrow for them, the last ones are left out.
pub(super) fn columns(rows: &[Row<'_>], terminal: Option<u16>) -> Vec<Laid> {
    let mut columns: Vec<_> = Column::ALL.into_iter().filter_map(|column| lay(column, rows)).collect();
    while terminal.is_some_and(|width| !fit(&columns, width))
        && columns.last().is_some_and(|laid| laid.column.is_extra())
    {
        columns.pop();
    }
    columns
}

/// Whether a terminal is wide enough for columns that say something.
pub(super) fn fit(columns: &[Laid], width: u16) -> bool {
    let gaps: u16 = columns.iter().rev().skip(1).map(|laid| laid.column.gap()).sum();
    let cells = columns.iter().fold(gaps, |sum, laid| sum.saturating_add(laid.least()));
    cells <= width
}

fn lay(column: Column, rows: &[Row<'_>]) -> Option<Laid> {
    let width = rows.iter().map(|row| escaped(&column.value(row)).width()).max().unwrap_or_default();
    let is_shown = match column {
        Column::Client => true,
        Column::User => rows.iter().any(|row| row.session.user().is_some()),
        _ => width > 0,
    };
    let width = u16::try_from(width.max(column.header().len())).unwrap_or(u16::MAX);
    is_shown.then_some(Laid { column, width })
}
