use std::time::SystemTime;

use netsession::{Level, WatchEvent};

/// A change on a server, with what there is to know beside it.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) time: SystemTime,
    /// As it is shown.
    pub(super) server: String,
    /// Of the answers with sessions, and with files.
    pub(super) level: Option<Level>,
    pub(super) files_level: Option<u32>,
    pub(super) what: WatchEvent,
}

impl Event {
    /// The name of the event in both formats.
    pub(super) fn name(&self) -> &'static str {
        match &self.what {
            WatchEvent::Connected(_) => "connected",
            WatchEvent::Disconnected { .. } => "disconnected",
            WatchEvent::Idle(_) => "idle",
            WatchEvent::Active(_) => "active",
            WatchEvent::Opened(_) => "opened",
            WatchEvent::Closed { .. } => "closed",
            WatchEvent::Unreachable(_) => "unreachable",
            WatchEvent::Reachable => "reachable",
            // The library says what it adds.
            _ => "unknown",
        }
    }
}
