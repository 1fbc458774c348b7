use super::Session;
use crate::Level;

/// What is computed from sessions as they arrive, so that none is stored: see
/// [`Sessions::fold`](crate::Sessions::fold).
pub trait SessionFold: Clone + Send + Sync + 'static {
    /// Takes the next session, in the server's order.
    fn add(&mut self, session: &Session);

    /// Bytes of memory that this holds by now, for the [`MemoryBudget`](crate::MemoryBudget).
    fn held_bytes(&self) -> usize;
}

/// What was made of the sessions of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Folded<F> {
    /// The server, as [`Client::server`](crate::blocking::Client::server) has it.
    pub server: String,
    /// The level whose fields the sessions had. Never [`Level::Auto`].
    pub level: Level,
    /// The level that the server was asked for.
    pub asked_level: Level,
    /// The number of pages of the answer.
    pub pages: usize,
    /// The sessions of the account that asked, from the address that it asked from: this connection, and others that the
    /// account has from there. None where the server shows names instead of addresses.
    pub own_sessions: usize,
    /// What was made of all sessions.
    pub value: F,
}
