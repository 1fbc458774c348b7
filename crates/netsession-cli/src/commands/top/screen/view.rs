//! The views, and the way that led to one.

use super::column::Column;
use super::cursor::Cursor;
use super::filter::Filter;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum View {
    #[default]
    Sessions,
    Files,
    Servers,
    Changes,
}

/// How rows are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    User,
    Client,
}

/// A view, and what of it is shown.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) view: View,
    pub(super) grouping: Option<Grouping>,
    pub(super) scope: Scope,
    pub(super) filter: Filter,
    pub(super) cursor: Cursor,
}

/// What Enter has led to: the rows of a server, of a user, of a computer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) server: Option<usize>,
    pub(super) user: Option<String>,
    pub(super) client: Option<String>,
}

/// What the rows of a table are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) column: Column,
    pub(super) is_reversed: bool,
}

impl View {
    pub(super) const ALL: [Self; 4] = [Self::Sessions, Self::Files, Self::Servers, Self::Changes];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Files => "Files",
            Self::Servers => "Servers",
            Self::Changes => "Changes",
        }
    }

    pub(super) const fn key(self) -> char {
        match self {
            Self::Sessions => '1',
            Self::Files => '2',
            Self::Servers => '3',
            Self::Changes => '4',
        }
    }

    /// The columns of the view, and what its rows are sorted by at first.
    pub(super) fn table(self, grouping: Option<Grouping>) -> (&'static [Column], Sort) {
        use Column::{
            Access, Ago, Bars, Client, Clients, Connected, Event, Files, Id, Idle, Locks, Object, Opens,
            Path, PerMinute, Server, Servers, Sessions, State, Took, User, Users,
        };
        let by = |column: Column| Sort { column, is_reversed: false };
        match (self, grouping) {
            (Self::Sessions, None) => (&[Server, Client, User, Opens, Connected, Idle], by(Client)),
            (Self::Sessions, Some(Grouping::User)) => {
                (&[User, Sessions, Clients, Servers, Opens, Connected, Idle], by(User))
            }
            (Self::Sessions, Some(Grouping::Client)) => {
                (&[Client, Sessions, Users, Servers, Opens, Connected, Idle], by(Client))
            }
            (Self::Files, None) => (&[Server, Id, User, Client, Access, Locks, Path], by(Path)),
            (Self::Files, Some(Grouping::User)) => (&[User, Files, Clients, Servers, Locks], by(User)),
            (Self::Files, Some(Grouping::Client)) => (&[Client, Files, Users, Servers, Locks], by(Client)),
            (Self::Servers, _) => {
                (&[Server, State, Sessions, Users, Opens, Took, PerMinute, Bars], by(Server))
            }
            (Self::Changes, _) => (&[Ago, Server, Event, User, Client, Object], by(Ago)),
        }
    }
}

impl Scope {
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn has_server(&self, index: usize) -> bool {
        self.server.is_none_or(|server| server == index)
    }

    /// `user` and `client` as the server lists them; a client that is not known may be any.
    pub(super) fn has(&self, user: Option<&str>, client: Option<&str>) -> bool {
        let is_same = |wanted: &Option<String>, name: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| name.is_some_and(|name| wanted.eq_ignore_ascii_case(name)))
        };
        is_same(&self.user, user) && (client.is_none() || is_same(&self.client, client))
    }
}
