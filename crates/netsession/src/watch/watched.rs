use std::sync::Arc;
use std::time::SystemTime;

use crate::{OpenFile, Session};

/// A session of a [`WatchedServer`](super::WatchedServer). Clones are cheap.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WatchedSession {
    /// A number of this session on this server: the same in every refresh, never given again.
    pub id: u64,
    /// The session as it was listed last.
    pub session: Arc<Session>,
    /// When it was established, by this machine's clock: the time of the answer that it was first in, less
    /// [`Session::connected`]. `None` where the level does not report it.
    pub start: Option<SystemTime>,
    /// When it was listed first.
    pub seen_since: SystemTime,
    /// Whether it is the connection that asks: see [`Listing::own`](crate::Listing::own).
    pub is_own: bool,
    /// Whether it counts as idle.
    pub is_idle: bool,
    /// Its start as the last answer reports it, in milliseconds since 1970: later than [`start`](Self::start) where a clock
    /// was set back.
    pub(super) server_start: Option<i64>,
}

/// An open file of a [`WatchedServer`](super::WatchedServer). Clones are cheap.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WatchedFile {
    /// A number of this file on this server: the same in every refresh, never given again.
    pub id: u64,
    /// The file as it was listed last.
    pub file: Arc<OpenFile>,
    /// When it was listed first.
    pub seen_since: SystemTime,
}
