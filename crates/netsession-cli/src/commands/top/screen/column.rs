//! The columns of the views.

/// A column. Its value for a row is in `item.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Server,
    Client,
    User,
    Opens,
    Connected,
    Idle,
    Id,
    Access,
    Locks,
    Path,
    State,
    Sessions,
    Users,
    Clients,
    Servers,
    Files,
    Took,
    PerMinute,
    Bars,
    Ago,
    Event,
    Object,
}

/// How a column is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Set to the left, and cut where there is no room.
    Text,
    /// Cut before its last part.
    Path,
    /// Set to the right, and never cut.
    Number,
    /// Never cut.
    Whole,
}

impl Column {
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::User => "USER",
            Self::Opens => "OPENS",
            Self::Connected => "CONNECTED",
            Self::Idle => "IDLE",
            Self::Id => "ID",
            Self::Access => "ACCESS",
            Self::Locks => "LOCKS",
            Self::Path => "PATH",
            Self::State => "STATE",
            Self::Sessions => "SESSIONS",
            Self::Users => "USERS",
            Self::Clients => "CLIENTS",
            Self::Servers => "SERVERS",
            Self::Files => "FILES",
            Self::Took => "TOOK",
            Self::PerMinute => "/MIN",
            Self::Bars => "CHANGES",
            Self::Ago => "AGO",
            Self::Event => "EVENT",
            Self::Object => "WHAT",
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Server | Self::Client | Self::User | Self::Access => Kind::Text,
            Self::Path | Self::Object => Kind::Path,
            Self::Opens
            | Self::Connected
            | Self::Idle
            | Self::Id
            | Self::Locks
            | Self::Sessions
            | Self::Users
            | Self::Clients
            | Self::Servers
            | Self::Files
            | Self::Took
            | Self::PerMinute
            | Self::Ago => Kind::Number,
            Self::State | Self::Event | Self::Bars => Kind::Whole,
        }
    }

    /// The width that a text can be cut to.
    pub(super) const fn least(self) -> usize {
        match self {
            Self::Server => 6,
            Self::Client | Self::User => 9,
            Self::Access => 6,
            Self::Path | Self::Object => 16,
            _ => 8,
        }
    }

    /// Which columns leave first where there is no room: those with the highest number. 0 never leaves.
    pub(super) const fn leaves(self) -> u8 {
        match self {
            Self::User | Self::Path | Self::State | Self::Event | Self::Ago => 0,
            Self::Client | Self::Sessions | Self::Files | Self::Object => 1,
            Self::Server | Self::Idle => 2,
            Self::Opens | Self::PerMinute | Self::Bars | Self::Clients => 3,
            Self::Locks | Self::Connected | Self::Servers => 4,
            Self::Users | Self::Access => 5,
            Self::Took | Self::Id => 6,
        }
    }

    /// Whether the first click or `s` puts the largest on top: of a number or a time that is what one looks for.
    pub(super) const fn is_largest_first(self) -> bool {
        matches!(self.kind(), Kind::Number) && !matches!(self, Self::Ago | Self::Id)
            || matches!(self, Self::Bars)
    }
}
