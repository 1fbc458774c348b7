use std::time::Duration;

use netsession_proto::query::{WantedLevel, bare_client};

use super::{FilterMismatch, Listing, Session, SessionFields, SessionFlags, seconds};
use crate::Level;

/// Makes a [`Session`] for tests of code that reads sessions (feature `testing`).
///
/// ```
/// use netsession::{Level, Session};
/// use std::time::Duration;
///
/// let session = Session::builder(r"\\10.0.0.5").user("alice").opens(3).idle(Duration::from_secs(12)).build();
/// assert_eq!((session.client(), session.user(), session.opens()), ("10.0.0.5", Some("alice"), Some(3)));
/// assert_eq!(session.transport(), None);
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `build`"]
pub struct SessionBuilder(Fields);

/// The fields as they are set so far.
#[derive(Debug, Clone, Default)]
struct Fields {
    client: String,
    user: Option<String>,
    opens: Option<u32>,
    connected_seconds: Option<u32>,
    idle_seconds: Option<u32>,
    flags: Option<SessionFlags>,
    client_type: Option<String>,
    transport: Option<String>,
}

impl Session {
    /// A session of this client, as a server sends it: `\\` before it and brackets around it are removed. Every
    /// other field is `None` until it is set.
    pub fn builder(client: impl Into<String>) -> SessionBuilder {
        let client = client.into();
        SessionBuilder(Fields { client: bare_client(&client).to_owned(), ..Fields::default() })
    }
}

impl SessionBuilder {
    /// The user.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.0.user = Some(user.into());
        self
    }

    /// Open files, devices and pipes.
    pub fn opens(mut self, opens: u32) -> Self {
        self.0.opens = Some(opens);
        self
    }

    /// Time since the session was established; fractions of a second are cut, as no server sends them.
    pub fn connected(mut self, time: Duration) -> Self {
        self.0.connected_seconds = Some(seconds(time));
        self
    }

    /// Time since the client last used the session; fractions of a second are cut.
    pub fn idle(mut self, time: Duration) -> Self {
        self.0.idle_seconds = Some(seconds(time));
        self
    }

    /// How the user was logged on.
    pub fn flags(mut self, flags: SessionFlags) -> Self {
        self.0.flags = Some(flags);
        self
    }

    /// What the client calls itself.
    pub fn client_type(mut self, client_type: impl Into<String>) -> Self {
        self.0.client_type = Some(client_type.into());
        self
    }

    /// The name of the transport.
    pub fn transport(mut self, transport: impl Into<String>) -> Self {
        self.0.transport = Some(transport.into());
        self
    }

    /// Drops the fields that this level does not carry. [`Level::Auto`] drops none.
    pub fn reduced_to(mut self, level: Level) -> Self {
        let WantedLevel::Named(level) = level.wanted() else { return self };
        let Self(session) = &mut self;
        if !level.has_user() {
            session.user = None;
            session.connected_seconds = None;
            session.idle_seconds = None;
        }
        if !level.has_opens() {
            session.opens = None;
            session.flags = None;
        }
        if !level.has_client_type() {
            session.client_type = None;
        }
        if !level.has_transport() {
            session.transport = None;
        }
        self
    }

    /// The session.
    #[must_use]
    pub fn build(self) -> Session {
        let Self(fields) = &self;
        Session::new(SessionFields {
            client: &fields.client,
            user: fields.user.as_deref(),
            opens: fields.opens,
            connected_seconds: fields.connected_seconds,
            idle_seconds: fields.idle_seconds,
            flags: fields.flags,
            client_type: fields.client_type.as_deref(),
            transport: fields.transport.as_deref(),
        })
    }
}

/// Makes a [`Listing`] for tests of code that reads listings (feature `testing`).
///
/// ```
/// use netsession::{Level, Listing, Session};
///
/// let sessions = [Session::builder("10.0.0.5").user("alice").build()];
/// let listing = Listing::builder("fs1", Level::L10).sessions(sessions).own(Some(0)).own_sessions(1).build();
/// assert_eq!((listing.server(), listing.len()), ("fs1", 1));
/// assert_eq!((listing.own(), listing.own_sessions()), (Some(0), 1));
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `build`"]
pub struct ListingBuilder(Listing);

impl Listing {
    /// An empty listing of this server: one page, and asked for at this level.
    pub fn builder(server: impl Into<String>, level: Level) -> ListingBuilder {
        ListingBuilder(Self::from_parts(server, level, level, 1, Vec::new()))
    }
}

impl ListingBuilder {
    /// The level that the server was asked for.
    pub fn asked_level(mut self, level: Level) -> Self {
        self.0.asked_level = level;
        self
    }

    /// The number of pages.
    pub fn pages(mut self, pages: usize) -> Self {
        self.0.pages = pages;
        self
    }

    /// The index of the caller's own session.
    pub fn own(mut self, own: Option<usize>) -> Self {
        self.0.own = own;
        self
    }

    /// The number of sessions of the caller's account from its address.
    pub fn own_sessions(mut self, own_sessions: usize) -> Self {
        self.0.own_sessions = own_sessions;
        self
    }

    /// Why the filter found no session.
    pub fn filter_mismatch(mut self, mismatch: FilterMismatch) -> Self {
        self.0.filter_mismatch = Some(mismatch);
        self
    }

    /// Adds sessions.
    pub fn sessions(mut self, sessions: impl IntoIterator<Item = Session>) -> Self {
        self.0.sessions.extend(sessions);
        self
    }

    /// The listing.
    #[must_use]
    pub fn build(self) -> Listing {
        self.0
    }
}
