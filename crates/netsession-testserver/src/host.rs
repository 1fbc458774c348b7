//! The state that calls work on, apart from any connection.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use netsession_proto::srvs::SessionInfo;

use crate::scenario::Scenario;

/// One server: its scenario, and the sessions that it has now. All of its connections share it.
///
/// Clones share the list of sessions, too.
///
/// ```
/// use netsession_proto::srvs::SessionInfo;
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
}

/// The sessions of a [`Host`], which can change while it answers. The next call sees the change.
#[derive(Debug, Clone, Default)]
pub struct SessionList {
    /// Copied on write: a call works on the snapshot that it took, and holds no lock meanwhile.
    sessions: Arc<Mutex<Arc<Vec<SessionInfo>>>>,
}

/// The user that makes a call, and the address that the call comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The user, without domain.
    pub name: String,
    /// Whether the user is in the Administrators or Server Operators.
    pub administrator: bool,
    /// The address of the client, for its own entry in the list of sessions.
    pub address: Option<IpAddr>,
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
}

impl From<Arc<Scenario>> for Host {
    fn from(scenario: Arc<Scenario>) -> Self {
        let sessions = SessionList { sessions: Arc::new(Mutex::new(scenario.shared_sessions())) };
        Self { scenario, sessions }
    }
}

impl From<Scenario> for Host {
    fn from(scenario: Scenario) -> Self {
        Arc::new(scenario).into()
    }
}

impl SessionList {
    /// The sessions at this moment, as level 502 shows them, in the order of the server's list.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Vec<SessionInfo>> {
        Arc::clone(&self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds a session at the end of the list.
    pub fn add(&self, session: SessionInfo) {
        self.change(|sessions| sessions.push(session));
    }

    /// Removes the sessions for which `ends` is true, and returns how many there were.
    pub fn remove(&self, mut ends: impl FnMut(&SessionInfo) -> bool) -> usize {
        self.change(|sessions| {
            let before = sessions.len();
            sessions.retain(|session| !ends(session));
            before.saturating_sub(sessions.len())
        })
    }

    /// Replaces the whole list.
    pub fn replace(&self, sessions: Vec<SessionInfo>) {
        self.change(|all| *all = sessions);
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<SessionInfo>) -> T) -> T {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut sessions))
    }
}
