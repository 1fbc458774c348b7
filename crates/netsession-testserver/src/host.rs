//! The state that calls work on, apart from any connection.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use netsession_proto::srvs::{FileInfo, SessionInfo};

use crate::scenario::Scenario;

/// One server: its scenario, and the sessions and open files that it has now. All of its connections share it.
///
/// Clones share the lists, too.
///
/// ```
/// use netsession_proto::srvs::{FileInfo, SessionInfo};
/// use netsession_testserver::{Host, scenario};
///
/// let host = Host::from(scenario::shipped("windows")?);
/// let before = host.sessions().snapshot().len();
/// host.sessions().add(SessionInfo { client: r"\\10.0.0.9".to_owned(), ..SessionInfo::default() });
/// assert_eq!(host.sessions().snapshot().len(), before + 1);
/// # Ok::<(), netsession_testserver::scenario::ScenarioError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Host {
    scenario: Arc<Scenario>,
    sessions: SessionList,
    files: FileList,
    traffic: Arc<Traffic>,
}

/// What came in over all connections of a [`Host`] so far.
#[derive(Debug, Default)]
pub struct Traffic {
    connections: AtomicU64,
    frames: AtomicU64,
    round_trips: AtomicU64,
    log_ons: AtomicU64,
    changes: AtomicU64,
}

impl Traffic {
    /// Connections.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Frames: with a client that waits for each answer, round trips.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Round trips: frames that came after the connection had sent something since the frame before, and the first frame of
    /// each connection. Exact where answers are delayed, so that what a client sends at once has come by then.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    /// Log-ons that succeeded.
    #[must_use]
    pub fn log_ons(&self) -> u64 {
        self.log_ons.load(Ordering::Relaxed)
    }

    /// Requests to close a file or to end sessions, whatever became of them.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    pub(crate) fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_frame(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_round_trip(&self) {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_log_on(&self) {
        self.log_ons.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a [`Host`] lists, which can change while it answers. The next call sees the change.
#[derive(Debug, Default)]
pub struct List<T> {
    /// Copied on write: a call works on the snapshot that it took, and holds no lock meanwhile.
    entries: Arc<Mutex<Arc<Vec<T>>>>,
}

/// The sessions of a [`Host`], as level 502 shows them.
pub type SessionList = List<SessionInfo>;
/// The open files of a [`Host`], as level 3 shows them.
pub type FileList = List<FileInfo>;

/// The user that makes a call, and the address that the call comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The user, without domain.
    pub name: String,
    /// Whether the user is in the Administrators or Server Operators.
    pub administrator: bool,
    /// The address of the client, for its own entry in the list of sessions.
    pub address: Option<IpAddr>,
    /// When it logged on, as a FILETIME (\[MS-DTYP\] 2.3.3) by the clock of the server; 0 if that is not known.
    pub since: u64,
}

impl Host {
    /// What the server is and how it answers.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The sessions that it has now; those of the scenario at first.
    #[must_use]
    pub const fn sessions(&self) -> &SessionList {
        &self.sessions
    }

    /// The files that are open now; those of the scenario at first.
    #[must_use]
    pub const fn files(&self) -> &FileList {
        &self.files
    }

    /// What came in so far.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }
}

impl From<Arc<Scenario>> for Host {
    fn from(scenario: Arc<Scenario>) -> Self {
        let sessions = List::from(scenario.shared_sessions());
        let files = List::from(Arc::new(scenario.open_files()));
        Self { scenario, sessions, files, traffic: Arc::default() }
    }
}

impl From<Scenario> for Host {
    fn from(scenario: Scenario) -> Self {
        Arc::new(scenario).into()
    }
}

impl<T> From<Arc<Vec<T>>> for List<T> {
    fn from(entries: Arc<Vec<T>>) -> Self {
        Self { entries: Arc::new(Mutex::new(entries)) }
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { entries: Arc::clone(&self.entries) }
    }
}

impl<T: Clone> List<T> {
    /// The entries at this moment, in the order of the server's list.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Vec<T>> {
        Arc::clone(&self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds an entry at the end of the list.
    pub fn add(&self, entry: T) {
        self.change(|entries| entries.push(entry));
    }

    /// Removes the entries for which `ends` is true, and returns how many there were.
    pub fn remove(&self, mut ends: impl FnMut(&T) -> bool) -> usize {
        self.change(|entries| {
            let before = entries.len();
            entries.retain(|entry| !ends(entry));
            before.saturating_sub(entries.len())
        })
    }

    /// Replaces the whole list.
    pub fn replace(&self, entries: Vec<T>) {
        self.change(|all| *all = entries);
    }

    fn change<R>(&self, change: impl FnOnce(&mut Vec<T>) -> R) -> R {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut entries))
    }
}
