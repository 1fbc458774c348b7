//! A listing and its sessions.

#[cfg(any(test, feature = "testing"))]
mod builder;
mod fields;
mod filter_mismatch;
mod flags;
mod fold;
mod listing;
mod own;

#[cfg(feature = "testing")]
pub use builder::{ListingBuilder, SessionBuilder};
pub(crate) use fields::SessionFields;
pub use filter_mismatch::FilterMismatch;
pub use flags::SessionFlags;
pub use fold::{Folded, SessionFold};
pub use listing::Listing;
pub(crate) use own::{Caller, Machine};

use std::fmt;
use std::time::Duration;

use netsession_proto::query::bare_client;
use netsession_proto::srvs::SessionInfo;

use crate::collected::HasTexts;

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
/// // Level 10 does not report it.
/// assert_eq!(session.opens(), None);
/// # Ok(())
/// # }
/// ```
// A listing may hold a million of these: one allocation for all texts, no capacities, seconds instead of `Duration`.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Client, user, client type and transport, one after the other.
    text: Box<str>,
    /// Where the first three of them end.
    ends: [u32; 3],
    opens: u32,
    connected_seconds: u32,
    idle_seconds: u32,
    flags: u32,
    known: Known,
}

impl Session {
    /// The computer: a name or an IP address, as the server knows it, without leading `\\` and brackets.
    #[must_use]
    pub fn client(&self) -> &str {
        let [client, ..] = self.ends;
        self.text_between(0, client)
    }

    /// The user, as the server knows them: `alice` or `DOMAIN\alice`. Empty if the server sent none.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        let [client, user, _] = self.ends;
        self.known.has(Known::USER).then(|| self.text_between(client, user))
    }

    /// Open files, devices and pipes.
    #[must_use]
    pub fn opens(&self) -> Option<u32> {
        self.known.has(Known::OPENS).then_some(self.opens)
    }

    /// Time since the session was established, in whole seconds.
    ///
    /// A server whose clock was set back, or whose session is younger than its clock can measure, sends a negative
    /// time, which is read as zero.
    #[must_use]
    pub fn connected(&self) -> Option<Duration> {
        self.known.has(Known::CONNECTED).then(|| Duration::from_secs(self.connected_seconds.into()))
    }

    /// Time since the client last used the session, in whole seconds. Samba always sends zero.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.known.has(Known::IDLE).then(|| Duration::from_secs(self.idle_seconds.into()))
    }

    /// How the user was logged on.
    #[must_use]
    pub fn flags(&self) -> Option<SessionFlags> {
        self.known.has(Known::FLAGS).then(|| SessionFlags::from_bits(self.flags))
    }

    /// What the client calls itself. Empty over SMB2.
    #[must_use]
    pub fn client_type(&self) -> Option<&str> {
        let [_, user, client_type] = self.ends;
        self.known.has(Known::CLIENT_TYPE).then(|| self.text_between(user, client_type))
    }

    /// The name of the transport, such as `\Device\NetbiosSmb`.
    #[must_use]
    pub fn transport(&self) -> Option<&str> {
        let [.., client_type] = self.ends;
        self.known.has(Known::TRANSPORT).then(|| self.text_between(client_type, u32::MAX))
    }
}

impl Session {
    /// The session that a server sent.
    pub(crate) fn from_wire(info: SessionInfo) -> Self {
        Self::new(SessionFields {
            client: bare_client(&info.client),
            user: info.user.as_deref(),
            client_type: info.client_type.as_deref(),
            transport: info.transport.as_deref(),
            opens: info.opens,
            connected_seconds: info.time.map(known_seconds),
            idle_seconds: info.idle_time.map(known_seconds),
            flags: info.flags.map(SessionFlags::from_bits),
        })
    }

    pub(crate) fn new(fields: SessionFields<'_>) -> Self {
        let texts = [
            fields.client,
            fields.user.unwrap_or_default(),
            fields.client_type.unwrap_or_default(),
            fields.transport.unwrap_or_default(),
        ];
        let mut end = 0_usize;
        let mut next_end = |text: &str| {
            end = end.saturating_add(text.len());
            // What came from a server is shorter than the limits of an answer.
            u32::try_from(end).unwrap_or(u32::MAX)
        };
        let [client, user, client_type, _] = texts;
        let known = [
            (Known::USER, fields.user.is_some()),
            (Known::CLIENT_TYPE, fields.client_type.is_some()),
            (Known::TRANSPORT, fields.transport.is_some()),
            (Known::OPENS, fields.opens.is_some()),
            (Known::CONNECTED, fields.connected_seconds.is_some()),
            (Known::IDLE, fields.idle_seconds.is_some()),
            (Known::FLAGS, fields.flags.is_some()),
        ];
        Self {
            ends: [next_end(client), next_end(user), next_end(client_type)],
            text: texts.concat().into_boxed_str(),
            opens: fields.opens.unwrap_or_default(),
            connected_seconds: fields.connected_seconds.unwrap_or_default(),
            idle_seconds: fields.idle_seconds.unwrap_or_default(),
            flags: fields.flags.unwrap_or_default().bits(),
            known: Known(known.iter().filter(|(_, known)| *known).map(|(bit, _)| bit).sum()),
        }
    }

    pub(crate) fn fields(&self) -> SessionFields<'_> {
        SessionFields {
            client: self.client(),
            user: self.user(),
            opens: self.opens(),
            connected_seconds: self.known.has(Known::CONNECTED).then_some(self.connected_seconds),
            idle_seconds: self.known.has(Known::IDLE).then_some(self.idle_seconds),
            flags: self.flags(),
            client_type: self.client_type(),
            transport: self.transport(),
        }
    }

    fn text_between(&self, start: u32, end: u32) -> &str {
        let index = |at: u32| usize::try_from(at).map_or(self.text.len(), |at| at.min(self.text.len()));
        self.text.get(index(start)..index(end)).unwrap_or_default()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields().fmt_as("Session", f)
    }
}

/// Which fields are not `None`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Known(u8);

impl Known {
    const USER: u8 = 0x01;
    const CLIENT_TYPE: u8 = 0x02;
    const TRANSPORT: u8 = 0x04;
    const OPENS: u8 = 0x08;
    const CONNECTED: u8 = 0x10;
    const IDLE: u8 = 0x20;
    const FLAGS: u8 = 0x40;

    const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

impl HasTexts for Session {
    /// The texts, and what their allocation costs.
    fn text_bytes(&self) -> usize {
        const ALLOCATION: usize = 16;
        self.text.len().saturating_add(ALLOCATION)
    }
}

/// From 2³¹ on, 68 years, a time is negative. Samba subtracts two times as unsigned: it sends 0xFFFFFFFF for a session
/// younger than its clock can measure, and 4294967211 after its clock was set back by 90 s.
pub(crate) fn known_seconds(seconds: u32) -> u32 {
    if i32::try_from(seconds).is_ok() { seconds } else { 0 }
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
    fn negative_times_are_zero() {
        for (sent, shown) in [
            (0, 0),
            (0x7fff_ffff, 0x7fff_ffff),
            (0x8000_0000, 0),
            (4_294_967_211, 0), // a clock set back by 90 s
            (u32::MAX - 1, 0),
            (u32::MAX, 0),
        ] {
            let shown = Some(Duration::from_secs(shown));
            let info = SessionInfo { time: Some(sent), idle_time: Some(sent), ..SessionInfo::default() };
            let session = Session::from_wire(info);
            assert_eq!((session.connected(), session.idle()), (shown, shown), "{sent}");
        }
    }

    #[test]
    fn session_is_small() {
        assert!(std::mem::size_of::<Session>() <= 48);
    }
}
