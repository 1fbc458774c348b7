use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::WatchControl;
use crate::error::Error;
use crate::{FileListing, Listing};

/// What a server answered, or why it did not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refresh {
    /// The index of the server, in the order in which they were given to [`Watch::start`](super::Watch::start).
    pub index: usize,
    /// The server, as [`Client::server`](crate::Client::server) has it; as given, where it could not be parsed.
    pub server: String,
    /// When the answer was complete, or the failure was known, by this machine's clock.
    pub time: SystemTime,
    /// The same moment by a clock that is never set.
    pub instant: Instant,
    /// From the start of the refresh to its end, a new connection included.
    pub took: Duration,
    /// The answer, or the failure.
    pub result: Result<Snapshot, Error>,
    /// Whether the server is not asked any more: its account was refused, or its settings are wrong.
    pub is_last: bool,
}

/// Everything that a server listed in one refresh.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// Who is connected.
    pub sessions: Listing,
    /// What is open, or why it was not reported. `None` unless [`Watch::files`](super::Watch::files) asks for it.
    pub files: Option<Result<FileListing, Error>>,
}

impl Refresh {
    /// A refresh made by hand, for tests of code that uses it. Its server is the first one, and is asked again.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn by_hand(server: &str, time: SystemTime, result: Result<Snapshot, Error>) -> Self {
        let instant = Instant::now();
        Self {
            index: 0,
            server: server.to_owned(),
            time,
            instant,
            took: Duration::ZERO,
            result,
            is_last: false,
        }
    }
}

impl Snapshot {
    /// A snapshot made by hand, for tests of code that uses it.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn by_hand(sessions: Listing, files: Option<FileListing>) -> Self {
        Self { sessions, files: files.map(Ok) }
    }
}

/// The refreshes of all servers of a [`Watch`](super::Watch), in the order of their arrival: a stream, with a
/// [`next`](Self::next) of its own.
///
/// Dropping it closes every connection.
#[must_use = "dropping it ends everything"]
pub struct Refreshes {
    receiver: mpsc::Receiver<Refresh>,
    control: WatchControl,
    /// Aborted on drop.
    _tasks: JoinSet<()>,
}

impl Refreshes {
    pub(super) fn new(receiver: mpsc::Receiver<Refresh>, control: WatchControl, tasks: JoinSet<()>) -> Self {
        Self { receiver, control, _tasks: tasks }
    }

    /// The next refresh of any server; `None` when no server is asked any more. Cancel safe.
    pub async fn next(&mut self) -> Option<Refresh> {
        self.receiver.recv().await
    }

    /// What changes the interval, or pauses, while this goes on.
    #[must_use]
    pub fn control(&self) -> WatchControl {
        self.control.clone()
    }
}

impl Stream for Refreshes {
    type Item = Refresh;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Refresh>> {
        self.receiver.poll_recv(context)
    }
}

impl fmt::Debug for Refreshes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refreshes").field("control", &self.control).finish_non_exhaustive()
    }
}
