use super::{Caller, FilterMismatch, Session};
use crate::{Level, MemoryShare};

/// The sessions of one server, in the server's order.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(address.to_string()).credentials(credentials).connect()?;
/// use netsession::Level;
///
/// let listing = client.sessions().level(Level::L10).list()?;
/// for session in &listing {
///     println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
/// }
/// println!("{} sessions, level {}", listing.len(), listing.level());
/// assert!(listing.iter().any(|session| session.user() == Some("alice")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    server: String,
    level: Level,
    pub(super) asked_level: Level,
    pub(super) pages: usize,
    pub(super) own: Option<usize>,
    pub(super) own_sessions: usize,
    pub(super) filter_mismatch: Option<FilterMismatch>,
    pub(super) sessions: Vec<Session>,
    memory: MemoryShare,
}

impl Listing {
    pub(crate) fn from_parts(
        server: impl Into<String>,
        level: Level,
        asked_level: Level,
        pages: usize,
        sessions: Vec<Session>,
    ) -> Self {
        Self {
            server: server.into(),
            level,
            asked_level,
            pages,
            own: None,
            own_sessions: 0,
            filter_mismatch: None,
            sessions,
            memory: MemoryShare::default(),
        }
    }

    /// The same listing with the sessions of the caller among its own.
    pub(crate) fn with_caller(self, caller: &Caller) -> Self {
        let (own, own_sessions) = caller.own_sessions(&self.sessions);
        Self { own, own_sessions, ..self }
    }

    /// The same listing with the reason why its filter found no session.
    pub(crate) fn with_filter_mismatch(self, filter_mismatch: Option<FilterMismatch>) -> Self {
        Self { filter_mismatch, ..self }
    }

    /// The same listing with the memory that it uses.
    pub(crate) fn with_memory(self, memory: MemoryShare) -> Self {
        Self { memory, ..self }
    }

    /// The part of the [`MemoryBudget`](crate::MemoryBudget) that the sessions use. To be kept as long as they are,
    /// where they are taken out of the listing.
    #[must_use]
    pub fn memory(&self) -> MemoryShare {
        self.memory.clone()
    }

    /// The server, as [`Client::server`](crate::blocking::Client::server) has it.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The level whose fields the sessions have. Never [`Level::Auto`].
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The level that the server was asked for. It differs from [`level`](Self::level) where a named level
    /// was answered from a richer one.
    #[must_use]
    pub fn asked_level(&self) -> Level {
        self.asked_level
    }

    /// The number of pages of the answer.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// The index of the caller's own session, if it can be identified: the youngest one of the same user from
    /// the address that this machine has towards the server.
    #[must_use]
    pub fn own(&self) -> Option<usize> {
        self.own
    }

    /// The number of sessions of the account that asked, from the address that it asked from: this connection, and
    /// others that the account has from there. 0 where the server shows names instead of addresses. As
    /// [`Folded::own_sessions`](crate::Folded::own_sessions).
    #[must_use]
    pub fn own_sessions(&self) -> usize {
        self.own_sessions
    }

    /// For a listing that a filter left empty: why the filter cannot have found what the server lists, such as a name
    /// where the server lists addresses. `None` if there is no sign of that: then there most likely is no such session.
    #[must_use]
    pub fn filter_mismatch(&self) -> Option<&FilterMismatch> {
        self.filter_mismatch.as_ref()
    }

    /// All sessions.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The number of sessions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Each session in turn.
    pub fn iter(&self) -> std::slice::Iter<'_, Session> {
        self.sessions.iter()
    }
}

impl IntoIterator for Listing {
    type Item = Session;
    type IntoIter = std::vec::IntoIter<Session>;

    fn into_iter(self) -> Self::IntoIter {
        self.sessions.into_iter()
    }
}

impl<'a> IntoIterator for &'a Listing {
    type Item = &'a Session;
    type IntoIter = std::slice::Iter<'a, Session>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
