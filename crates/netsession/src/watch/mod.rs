//! Servers that are asked again and again, and what changes on them.

mod backoff;
mod change;
mod control;
mod matching;
mod refresh;
mod server;
mod sessions_and_files;
mod task;
#[cfg(test)]
mod tests;
mod watched;

pub use change::{Change, Ended, WatchEvent};
pub use control::WatchControl;
pub use refresh::{Refresh, Refreshes, Snapshot};
pub use server::WatchedServer;
pub use watched::{WatchedFile, WatchedSession};

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::client::ClientBuilder;
use crate::logon_guard::{Guard, LogonGuard};
use crate::server_memory::ServerMemory;
use control::Wishes;
use task::{Connects, Watcher};

/// Asks any number of servers again and again, over connections that are kept.
///
/// - A refresh is one round trip, and no log-on. The level of each server is remembered. Where [`files`](Self::files) are
///   wanted, they are asked for in the same round trip as the sessions, over a second pipe of the connection. A server that
///   refuses that pipe is asked for one after the other.
/// - A server that does not answer is asked again after longer and longer pauses, of at most 30 s, over a new connection.
///   The timeout of its [`ClientBuilder`] is for each refresh.
/// - The [log-on guard](crate::logon_guard) is one for a process that stays: at most two log-ons of an account are
///   unanswered at a time. After a refusal no server of the account is asked any more: [`Refresh::is_last`].
/// - [`WatchedServer`] makes changes of the refreshes of a server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let servers = [address.to_string()];
/// use netsession::{Client, Credentials, Password, Watch, WatchedServer};
/// use std::time::Duration;
///
/// // `servers` are names such as "fs1.example.com".
/// let who = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let mut known: Vec<WatchedServer> = servers.iter().map(|_| WatchedServer::new(None)).collect();
/// let builders = servers.map(|server| Client::builder(server).credentials(who.clone()));
/// let mut refreshes = Watch::new().interval(Duration::from_secs(5)).start(builders);
/// while let Some(refresh) = refreshes.next().await {
///     let server = &mut known[refresh.index];
///     for change in server.apply(refresh) {
///         println!("{change:?}");
///     }
///     println!("{} sessions", server.sessions().len());
///     # break;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `start`"]
pub struct Watch {
    interval: Duration,
    files: bool,
    at_once: usize,
    per_second: Option<NonZeroU32>,
    memory: ServerMemory,
    guard: LogonGuard,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(5),
            files: false,
            at_once: 16,
            per_second: None,
            memory: ServerMemory::default(),
            guard: LogonGuard::long_running(),
        }
    }
}

impl Watch {
    /// Every 5 s, sessions alone, 16 connections being made at a time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Time from the start of one refresh of a server to the start of the next. Default 5 s; at least 100 ms.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = control::clamped(interval);
        self
    }

    /// Whether to list the open files as well. Default no.
    pub fn files(mut self, files: bool) -> Self {
        self.files = files;
        self
    }

    /// Maximum connections that are being made at the same time. Default 16; 0 counts as 1. Those that are made stay.
    pub fn at_once(mut self, servers: usize) -> Self {
        self.at_once = servers.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Maximum connections to make per second, evenly spaced. Default `None`: no limit.
    pub fn per_second(mut self, connections: Option<NonZeroU32>) -> Self {
        self.per_second = connections;
        self
    }

    /// The guard of servers whose builder has the guard of the process. Default: one of this watch, for a process that
    /// stays.
    pub fn logon_guard(mut self, guard: &LogonGuard) -> Self {
        self.guard = guard.clone();
        self
    }

    /// Begins to ask `servers`. The first refreshes begin at once; a slow reader holds up the next ones.
    ///
    /// Dropping the refreshes closes every connection.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(self, servers: impl IntoIterator<Item = ClientBuilder>) -> Refreshes {
        let (sender, receiver) = mpsc::channel(self.at_once);
        let (control, wishes) = WatchControl::new(Wishes::new(self.interval, self.files));
        let connects = Arc::new(Connects::new(self.at_once, self.per_second));
        let mut tasks = JoinSet::new();
        for (index, builder) in servers.into_iter().enumerate() {
            let watcher = Watcher {
                index,
                connects: Arc::clone(&connects),
                wishes: wishes.clone(),
                sender: sender.clone(),
            };
            tasks.spawn(watcher.run(self.builder(builder)));
        }
        Refreshes::new(receiver, control, tasks)
    }

    fn builder(&self, builder: ClientBuilder) -> ClientBuilder {
        let builder = builder.memory(&self.memory);
        if builder.has_guard(Guard::of_this_process()) { builder.logon_guard(&self.guard) } else { builder }
    }
}
