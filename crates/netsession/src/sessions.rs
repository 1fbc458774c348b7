use netsession_proto::query::{self, SessionQuery, WantedLevel};
use netsession_proto::srvs::SessionInfo;

use crate::collected::Collected;
use crate::error::Error;
use crate::memory_budget::MemoryShare;
use crate::question::{Ask, Circumstances, Question, Target};
use crate::server_memory::ServerMemory;
use crate::{FilterMismatch, Level, Listing, ServerName, Session};

/// The query for the sessions of a server, for [`Client::ask`](crate::blocking::Client::ask) and `Fleet`: who is
/// connected?
///
/// Its answer is a [`Listing`]. A filter without a match gives an empty listing, not an error.
///
/// ```
/// use netsession::{Level, Sessions};
///
/// let question = Sessions::new().level(Level::L1).user("alice");
/// assert!(question.check().is_ok());
/// assert!(Sessions::new().user("x".repeat(1_024)).check().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    level: Level,
    client: Option<String>,
    user: Option<String>,
}

impl Sessions {
    /// Every session, at the most detailed level that the server supports.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The level to request. Default [`Level::Auto`].
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Only the sessions from this computer: a name or an IP address, with or without `\\` and brackets,
    /// compared as an address where both are one. Without regard to case. `localhost` is every loopback address, and a
    /// name without a domain that of any domain. An empty text means no filter. At most 1,023 UTF-16 units with the `\\` in
    /// front.
    #[must_use]
    pub fn client(mut self, client: impl Into<String>) -> Self {
        self.client = Some(client.into()).filter(|client| !client.is_empty());
        self
    }

    /// Only the sessions of this user: `user`, in any domain, `DOMAIN\user`, `DOMAIN/user`, or `user@REALM`, compared
    /// with what the server shows, `user`, `DOMAIN\user` or `DOMAIN+user`. Without regard to case. The DNS name of a domain
    /// cannot be compared with its short name, and matches it. Empty is no filter. At most 1,023 UTF-16 units.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into()).filter(|user| !user.is_empty());
        self
    }

    /// Checks that the query can be sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): a name is longer than servers must accept.
    pub fn check(&self) -> Result<(), Error> {
        self.filter().map(|_| ())
    }

    fn filter(&self) -> Result<query::SessionFilter, Error> {
        query::SessionFilter::new(self.client.as_deref(), self.user.as_deref()).map_err(Error::invalid)
    }
}

impl Question for Sessions {
    type Answer = Listing;
}

impl Ask for Sessions {
    type Query = SessionQuery;
    type Output = Listing;
    type Found = Collected<Session>;

    fn query(&self, target: &Target) -> Result<SessionQuery, Error> {
        let level = match (self.level.wanted(), target.level.wanted()) {
            (WantedLevel::Auto, WantedLevel::Named(known)) => WantedLevel::AutoFrom(known),
            (wanted, _) => wanted,
        };
        Ok(SessionQuery::new(target.unc.clone(), level, self.filter()?, target.limits))
    }

    fn held_bytes(found: &Self::Found) -> usize {
        found.held_bytes()
    }

    fn charge(found: &mut Self::Found, share: MemoryShare) {
        found.charge(share);
    }

    fn collect(found: &mut Self::Found, items: Vec<SessionInfo>) {
        found.extend(items.into_iter().map(Session::from_wire));
    }

    fn answer(&self, query: &SessionQuery, found: Self::Found, circumstances: Circumstances) -> Listing {
        let Circumstances { server, caller, .. } = circumstances;
        let (found, share) = found.into_parts();
        let (level, asked) = (Level::from_wire(query.shown()), Level::from_wire(query.asked()));
        let pages = query.pages();
        tracing::debug!(%server, %level, %asked, pages, sessions = found.len(), "listed");
        let mismatch = query.filter_mismatch().map(FilterMismatch::from_wire);
        let listing = Listing::from_parts(server.to_string(), level, asked, pages, found)
            .with_filter_mismatch(mismatch)
            .with_memory(share);
        match caller {
            Some(caller) => listing.with_caller(&caller),
            None => listing,
        }
    }

    fn remember(&self, query: &SessionQuery, server: &ServerName, memory: &ServerMemory) {
        if self.level == Level::Auto && query.is_level_settled() {
            memory.remember_level(server, Level::from_wire(query.shown()));
        }
    }

    /// The server may have been upgraded, or the rights of the account changed.
    fn refused(&self, server: &ServerName, memory: &ServerMemory) {
        memory.remember_level(server, Level::Auto);
    }
}
