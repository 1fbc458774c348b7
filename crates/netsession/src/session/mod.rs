//! A listing and its sessions.

#[cfg(any(test, feature = "testing"))]
mod builder;
mod flags;
mod listing;
mod own;

#[cfg(feature = "testing")]
pub use builder::{ListingBuilder, SessionBuilder};
pub use flags::SessionFlags;
pub use listing::Listing;
pub(crate) use own::Caller;

use std::time::Duration;

use netsession_proto::srvs::SessionInfo;

/// One session of a server: who is connected, from where, since when.
///
/// Fields that the level of the listing does not carry are `None`. Specification: \[MS-SRVS\] 2.2.4.11 to
/// 2.2.4.15.
///
/// The texts come from the clients, unchecked: escape control characters before they reach a terminal.
///
/// With the feature `serde` it has the keys and values of a session in the command's JSON. With the feature
/// `testing` a test can make one.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// # let who = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(server).credentials(who).connect()?;
/// use netsession::Level;
/// use std::time::Duration;
///
/// let listing = client.sessions().level(Level::L10).user("alice").list()?;
/// let session = &listing.sessions()[0];
/// assert_eq!(session.client(), "10.0.0.5");
/// assert_eq!(session.user(), Some("alice"));
/// assert_eq!(session.connected(), Some(Duration::from_secs(3600)));
/// assert_eq!(session.idle(), Some(Duration::from_secs(12)));
/// // Level 10 does not tell.
/// assert_eq!(session.opens(), None);
/// # Ok(())
/// # }
/// ```
// A listing may hold a million of these: no capacities, and seconds instead of `Duration`. The names and the order of
// the fields are those of the command's JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Session {
    client: Box<str>,
    user: Option<Box<str>>,
    opens: Option<u32>,
    connected_seconds: Option<u32>,
    idle_seconds: Option<u32>,
    flags: Option<SessionFlags>,
    client_type: Option<Box<str>>,
    transport: Option<Box<str>>,
}

impl Session {
    /// The computer: a name or an IP address, as the server knows it, without leading `\\` and brackets.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The user, as the server knows them: `alice` or `DOMAIN\alice`. Empty if the server sent none.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Open files, devices and pipes.
    #[must_use]
    pub fn opens(&self) -> Option<u32> {
        self.opens
    }

    /// Time since the session was established, in whole seconds.
    ///
    /// A server that sends 0xFFFFFFFF for a session younger than its clock can measure is read as zero.
    #[must_use]
    pub fn connected(&self) -> Option<Duration> {
        self.connected_seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Time since the client last used the session, in whole seconds. Samba always sends zero.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.idle_seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// How the user was logged on.
    #[must_use]
    pub fn flags(&self) -> Option<SessionFlags> {
        self.flags
    }

    /// What the client calls itself. Empty over SMB2.
    #[must_use]
    pub fn client_type(&self) -> Option<&str> {
        self.client_type.as_deref()
    }

    /// The name of the transport, such as `\Device\NetbiosSmb`.
    #[must_use]
    pub fn transport(&self) -> Option<&str> {
        self.transport.as_deref()
    }
}

impl Session {
    /// The session that a server sent.
    pub(crate) fn from_wire(info: SessionInfo) -> Self {
        Self {
            client: bare_client(info.client),
            user: info.user.map(String::into_boxed_str),
            client_type: info.client_type.map(String::into_boxed_str),
            transport: info.transport.map(String::into_boxed_str),
            opens: info.opens,
            connected_seconds: info.time.map(known_seconds),
            idle_seconds: info.idle_time.map(known_seconds),
            flags: info.flags.map(SessionFlags::from_bits),
        }
    }
}

/// The client without leading `\\`, and without the brackets around an IPv6 address.
fn bare_client(client: String) -> Box<str> {
    let bare = client.strip_prefix(r"\\").unwrap_or(&client);
    let bare = bare.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(bare);
    if bare.len() == client.len() { client.into_boxed_str() } else { bare.into() }
}

/// 0xFFFFFFFF is -1: the session is younger than the server's clock can measure.
fn known_seconds(seconds: u32) -> u32 {
    if seconds == u32::MAX { 0 } else { seconds }
}

/// Whole seconds, at most what the wire can carry.
#[cfg(any(test, feature = "testing"))]
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_without_notation() {
        for (sent, shown) in [
            (r"\\10.0.0.5", "10.0.0.5"),
            (r"\\[fe80::1]", "fe80::1"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "::1"),
            (r"\\WS-01", "WS-01"),
            (r"\\", ""),
            ("", ""),
            ("[", "["),
            (r"\\[half", "[half"),
            (r"\one", r"\one"),
        ] {
            assert_eq!(&*bare_client(sent.to_owned()), shown, "{sent:?}");
        }
    }

    #[test]
    fn time_of_minus_one_is_zero() {
        let info =
            SessionInfo { time: Some(u32::MAX), idle_time: Some(u32::MAX - 1), ..SessionInfo::default() };
        let session = Session::from_wire(info);
        assert_eq!(session.connected(), Some(Duration::ZERO));
        assert_eq!(session.idle(), Some(Duration::from_secs(4_294_967_294)));
    }

    #[test]
    fn session_is_small() {
        assert!(std::mem::size_of::<Session>() <= 96);
    }
}
