//! The seam to the library's `Watch`: its refreshes become updates of the screen.

use std::time::Duration;

use netsession::{
    Change, Refresh, Refreshes, Watch, WatchControl, WatchEvent, WatchedFile, WatchedServer, WatchedSession,
};

use super::screen::{Event, Failure, FileItem, SessionItem, Update};
use crate::shell::LiveServers;

/// What servers answer, again and again.
pub(super) struct Feed {
    refreshes: Refreshes,
    known: Vec<WatchedServer>,
    is_over: bool,
}

impl Feed {
    /// Begins to ask. Within a runtime.
    pub(super) fn start(servers: &LiveServers, interval: Duration) -> Self {
        let refreshes = servers.start(Watch::new().interval(interval));
        let known = servers.names().iter().map(|_| WatchedServer::new(None)).collect();
        Self { refreshes, known, is_over: false }
    }

    pub(super) fn control(&self) -> WatchControl {
        self.refreshes.control()
    }

    /// The next update; waits for ever once no server is asked any more. Cancel safe.
    pub(super) async fn next(&mut self) -> Update {
        loop {
            if self.is_over {
                std::future::pending::<()>().await;
            }
            match self.refreshes.next().await {
                Some(refresh) => {
                    if let Some(update) = self.apply(refresh) {
                        return update;
                    }
                }
                None => self.is_over = true,
            }
        }
    }

    fn apply(&mut self, refresh: Refresh) -> Option<Update> {
        let Refresh { index, time, took, is_last, .. } = refresh;
        let server = self.known.get_mut(index)?;
        let changes = server.apply(refresh);
        Some(Update {
            index,
            time,
            took,
            level: server.level(),
            failure: server.error().map(Failure::from),
            is_last,
            sessions: server.sessions().iter().map(session).collect(),
            files: server.files().map(|files| files.iter().map(file).collect()),
            files_failure: server.files_error().map(Failure::from),
            events: changes.into_iter().filter_map(event).collect(),
        })
    }
}

fn session(watched: &WatchedSession) -> SessionItem {
    let WatchedSession { id, session, start, is_own, .. } = watched.clone();
    SessionItem { id, session, start, is_own }
}

fn file(watched: &WatchedFile) -> FileItem {
    let WatchedFile { id, file, .. } = watched.clone();
    FileItem { id, file }
}

/// What is shown of a change. Who is idle is seen in the column of that name.
fn event(change: Change) -> Option<Event> {
    match change.event {
        WatchEvent::Connected(watched) => Some(Event::Connected(session(&watched))),
        WatchEvent::Disconnected { session: watched, .. } => Some(Event::Disconnected(session(&watched))),
        WatchEvent::Opened(watched) => Some(Event::Opened(file(&watched))),
        WatchEvent::Closed { file: watched, .. } => Some(Event::Closed(file(&watched))),
        WatchEvent::Unreachable(error) => Some(Event::Unreachable(Failure::from(&error))),
        WatchEvent::Reachable => Some(Event::Reachable),
        // The library may learn more events.
        _ => None,
    }
}
