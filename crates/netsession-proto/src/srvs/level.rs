use std::fmt;

/// How much a session entry reports: the five levels of NetrSessionEnum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The client alone.
    L0,
    /// Client, user, opens, connected time, idle time, flags.
    L1,
    /// Level 1 and the client type.
    L2,
    /// Client, user, connected time, idle time.
    L10,
    /// Level 2 and the transport.
    L502,
}

impl Level {
    /// All levels, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::L0, Self::L1, Self::L2, Self::L10, Self::L502];

    /// The number that stands on the wire.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::L0 => 0,
            Self::L1 => 1,
            Self::L2 => 2,
            Self::L10 => 10,
            Self::L502 => 502,
        }
    }

    /// The level with this number, if there is one.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// Whether the level carries user, connected time and idle time.
    #[must_use]
    pub const fn has_user(self) -> bool {
        !matches!(self, Self::L0)
    }

    /// Whether the level carries the number of opens and the flags.
    #[must_use]
    pub const fn has_opens(self) -> bool {
        matches!(self, Self::L1 | Self::L2 | Self::L502)
    }

    /// Whether the level carries the client type.
    #[must_use]
    pub const fn has_client_type(self) -> bool {
        matches!(self, Self::L2 | Self::L502)
    }

    /// Whether the level carries the transport.
    #[must_use]
    pub const fn has_transport(self) -> bool {
        matches!(self, Self::L502)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}
