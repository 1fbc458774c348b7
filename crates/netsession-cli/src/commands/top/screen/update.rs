//! What comes in from servers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use netsession::{Error, ErrorKind, Level, OpenFile, Session};

/// One refresh of a server, and what it changed.
#[derive(Debug)]
pub(crate) struct Update {
    /// Of the server.
    pub(crate) index: usize,
    /// When the answer was complete.
    pub(crate) time: SystemTime,
    /// From the start of the refresh to its end.
    pub(crate) took: Duration,
    pub(crate) level: Option<Level>,
    /// Why the server did not answer; sessions and files are then those that were known last.
    pub(crate) failure: Option<Failure>,
    /// Whether the server is not asked any more: its account was refused.
    pub(crate) is_last: bool,
    pub(crate) sessions: Vec<SessionItem>,
    /// None where they were not asked for.
    pub(crate) files: Option<Vec<FileItem>>,
    /// Why the server lists no files although it answers.
    pub(crate) files_failure: Option<Failure>,
    pub(crate) events: Vec<Event>,
}

/// A session.
#[derive(Debug, Clone)]
pub(crate) struct SessionItem {
    /// The same in every refresh of its server.
    pub(crate) id: u64,
    pub(crate) session: Arc<Session>,
    /// When it was established, by this machine's clock.
    pub(crate) start: Option<SystemTime>,
    /// Whether it is the session of this program.
    pub(crate) is_own: bool,
}

/// An open file.
#[derive(Debug, Clone)]
pub(crate) struct FileItem {
    /// The same in every refresh of its server.
    pub(crate) id: u64,
    pub(crate) file: Arc<OpenFile>,
}

/// Something that has changed on a server.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Connected(SessionItem),
    Disconnected(SessionItem),
    Opened(FileItem),
    Closed(FileItem),
    Unreachable(Failure),
    Reachable,
}

/// Why a server did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) text: String,
    pub(crate) advice: Option<String>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind(), text: error.to_string(), advice: error.advice() }
    }
}

impl Failure {
    /// Everything that is known of it, most important first.
    pub(super) fn paragraphs(&self) -> Vec<String> {
        let mut paragraphs = vec![format!("{}: {}", self.kind, self.text)];
        paragraphs.extend(self.advice.clone());
        paragraphs
    }
}

impl Event {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Connected(_) => "connected",
            Self::Disconnected(_) => "disconnected",
            Self::Opened(_) => "opened",
            Self::Closed(_) => "closed",
            Self::Unreachable(_) => "unreachable",
            Self::Reachable => "reachable",
        }
    }
}
