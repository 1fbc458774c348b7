use std::fmt;
use std::str::FromStr;

use netsession_proto::query::WantedLevel;
use netsession_proto::srvs;

/// How much to ask a server for, and how much a listing reports.
///
/// | level | fields |
/// |---|---|
/// | 0 | client |
/// | 1 | client, user, opens, connected time, idle time, flags |
/// | 2 | level 1 and client type |
/// | 10 | client, user, connected time, idle time |
/// | 502 | level 2 and transport |
///
/// A named level is asked for as it is. Where the server has no such level and another one carries all of
/// its fields, that one is asked and the fields beyond are left out:
/// [`Listing::asked_level`](crate::Listing::asked_level) then differs from
/// [`Listing::level`](crate::Listing::level). Specification: \[MS-SRVS\] 2.2.4.11 to 2.2.4.15.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("samba")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// # let who = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(server).credentials(who).connect()?;
/// use netsession::Level;
///
/// let level: Level = "10".parse()?;
/// assert_eq!((level, level.number()), (Level::L10, Some(10)));
/// // Samba has no level 10: it is answered from level 1.
/// let listing = client.sessions().level(level).list()?;
/// assert_eq!((listing.level(), listing.asked_level()), (Level::L10, Level::L1));
/// // The default asks for the most that there is, which is level 1 here.
/// assert_eq!(Level::default().to_string(), "auto");
/// assert_eq!(client.sessions().list()?.level(), Level::L1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// The most that the server gives to this caller: 502, then 1, 10 and 0.
    #[default]
    Auto,
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
    /// Every value, `Auto` first, then in the order of the numbers.
    pub const ALL: &'static [Self] = &[Self::Auto, Self::L0, Self::L1, Self::L2, Self::L10, Self::L502];

    /// The number of the level; `None` for [`Level::Auto`].
    #[must_use]
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Auto => None,
            Self::L0 => Some(0),
            Self::L1 => Some(1),
            Self::L2 => Some(2),
            Self::L10 => Some(10),
            Self::L502 => Some(502),
        }
    }

    pub(crate) const fn wanted(self) -> WantedLevel {
        match self {
            Self::Auto => WantedLevel::Auto,
            Self::L0 => WantedLevel::Named(srvs::Level::L0),
            Self::L1 => WantedLevel::Named(srvs::Level::L1),
            Self::L2 => WantedLevel::Named(srvs::Level::L2),
            Self::L10 => WantedLevel::Named(srvs::Level::L10),
            Self::L502 => WantedLevel::Named(srvs::Level::L502),
        }
    }
}

impl Level {
    /// The level of the wire. Not a `From`: that would be public, and the protocol crate is not.
    pub(crate) const fn from_wire(level: srvs::Level) -> Self {
        match level {
            srvs::Level::L0 => Self::L0,
            srvs::Level::L1 => Self::L1,
            srvs::Level::L2 => Self::L2,
            srvs::Level::L10 => Self::L10,
            srvs::Level::L502 => Self::L502,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::L0 => "0",
            Self::L1 => "1",
            Self::L2 => "2",
            Self::L10 => "10",
            Self::L502 => "502",
        })
    }
}

impl FromStr for Level {
    type Err = ParseLevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "0" => Ok(Self::L0),
            "1" => Ok(Self::L1),
            "2" => Ok(Self::L2),
            "10" => Ok(Self::L10),
            "502" => Ok(Self::L502),
            _ => Err(ParseLevelError(())),
        }
    }
}

/// A text that names no [`Level`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a level: expected auto, 0, 1, 2, 10 or 502")]
pub struct ParseLevelError(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_value_agree() {
        for &level in Level::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        for bad in ["", "3", "01", "Auto", " 1", "503"] {
            assert!(bad.parse::<Level>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn numbers_are_those_of_the_wire() {
        for level in srvs::Level::ALL {
            assert_eq!(Level::from_wire(level).number(), Some(level.number()));
            assert_eq!(Level::from_wire(level).wanted(), WantedLevel::Named(level));
        }
    }
}
