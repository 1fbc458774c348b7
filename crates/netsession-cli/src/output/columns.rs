use std::borrow::Cow;

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

/// The client and the user, where the level carries one, and every other column that some row has
/// something in: no session has a client type over SMB2, and few have flags.
pub(super) fn columns(rows: &[Row<'_>]) -> Vec<Column> {
    let is_shown = |column: &Column| match column {
        Column::Client => true,
        Column::User => rows.iter().any(|row| row.session.user().is_some()),
        column => rows.iter().any(|row| !column.value(row).is_empty()),
    };
    Column::ALL.into_iter().filter(is_shown).collect()
}
