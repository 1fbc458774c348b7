use std::time::SystemTime;

use super::{WatchedFile, WatchedSession};
use crate::error::Error;

/// Something that has changed on a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// When the answer that shows it was complete, by this machine's clock.
    pub time: SystemTime,
    /// What has changed.
    pub event: WatchEvent,
}

/// What has changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum WatchEvent {
    /// A session that was not there before.
    Connected(WatchedSession),
    /// A session that is not there any more, as it was listed last.
    Disconnected {
        /// The session.
        session: WatchedSession,
        /// When it ended.
        ended: Ended,
    },
    /// A session counts as idle from now on.
    Idle(WatchedSession),
    /// A session that was idle is used again.
    Active(WatchedSession),
    /// A file that was not open before.
    Opened(WatchedFile),
    /// A file that is not open any more.
    Closed {
        /// The file.
        file: WatchedFile,
        /// When it was closed.
        ended: Ended,
    },
    /// The server does not answer. Its sessions are not known from now on; they have not ended.
    Unreachable(Error),
    /// The server answers again.
    Reachable,
}

/// When something ended: between two answers of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The last answer that it is in.
    pub after: SystemTime,
    /// The first answer that it is not in.
    pub before: SystemTime,
    /// Whether these are two answers in a row. False if the server was unreachable in between.
    pub is_exact: bool,
}
