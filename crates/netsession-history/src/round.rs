//! What a server answered: the input of a [`Recorder`](crate::Recorder).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// One server's answer, or its failure, in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Round {
    /// The server, as it is shown.
    pub server: String,
    /// When its answer was complete, or when it failed, by the clock of this machine.
    pub time: SystemTime,
    /// The same moment by a clock that is never set, since any fixed moment of this process: [`Uptime`](crate::Uptime),
    /// which goes on while the machine sleeps. With it, a clock that was set by a few seconds is noticed; without it,
    /// only one that was set back.
    pub uptime: Option<Duration>,
    /// What it answered.
    pub outcome: Outcome,
}

impl Round {
    /// An answer, or a failure, at this time. The uptime is not known.
    #[must_use]
    pub fn new(server: impl Into<String>, time: SystemTime, outcome: Outcome) -> Self {
        Self { server: server.into(), time, uptime: None, outcome }
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Everything that is connected, and everything that is open where that was asked.
    #[non_exhaustive]
    Answered {
        /// The sessions.
        sessions: Vec<Session>,
        /// The open files, or in words why the server did not list them; `None` where they were not asked for.
        files: Option<Result<Vec<File>, String>>,
    },
    /// No answer, and the reason in words.
    Failed(String),
}

impl Outcome {
    /// The sessions; and the open files, or in words why the server did not list them, where they were asked for.
    #[must_use]
    pub fn answered(sessions: Vec<Session>, files: Option<Result<Vec<File>, String>>) -> Self {
        Self::Answered { sessions, files }
    }
}

/// A session, as a server listed it last. What the level does not carry is `None`.
///
/// Texts are shared: a recorder has each session once, and what it writes next refers to the same texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The computer that the session comes from.
    pub client: Arc<str>,
    /// The user.
    pub user: Option<Arc<str>>,
    /// How long it is connected, by the server. It is stored as its beginning: the clock of the server does not matter.
    pub connected: Option<Duration>,
    /// How long it is idle.
    pub idle: Option<Duration>,
    /// Open files.
    pub opens: Option<u32>,
    /// The bits of its flags.
    pub flags: Option<u32>,
    /// The type of the client.
    pub client_type: Option<Arc<str>>,
    /// The transport.
    pub transport: Option<Arc<str>>,
    /// The level of the listing.
    pub level: u32,
}

impl Session {
    /// A session from this computer, of which nothing else is known.
    #[must_use]
    pub fn new(client: impl Into<Arc<str>>) -> Self {
        Self { client: client.into(), ..Self::default() }
    }
}

/// An open file, as a server listed it. What the level does not carry is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// The server's number of it, which is given again after it is closed.
    pub id: u32,
    /// The path, as the server said it.
    pub path: Option<Arc<str>>,
    /// The user who opened it.
    pub user: Option<Arc<str>>,
    /// The computer of that user, where it is known.
    pub client: Option<Arc<str>>,
    /// The share, where it is known.
    pub share: Option<Arc<str>>,
    /// The path over the network, where it is known.
    pub unc: Option<Arc<str>>,
    /// The bits of its access.
    pub access: Option<u32>,
    /// The locks on it.
    pub locks: Option<u32>,
    /// The level of the listing.
    pub level: u32,
}

impl File {
    /// A file with this number, of which nothing else is known.
    #[must_use]
    pub fn new(id: u32) -> Self {
        Self { id, ..Self::default() }
    }
}
