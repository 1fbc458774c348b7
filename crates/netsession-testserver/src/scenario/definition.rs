use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use netsession_proto::srvs::{FileInfo, SessionInfo, ShareInfo};
use serde::Deserialize;

use super::enumeration::Enumeration;
use super::error::ScenarioError;
use super::fault::Fault;
use super::files::{Connections, Files, OpenFile, SessionDel, Share, Shares};
use super::ntlm::Ntlm;
use super::rpc::Rpc;
use super::session::Session;
use super::smb::Smb;
use super::user::{User, distinct};

/// A server: users, sessions, dialects, levels and faults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Scenario {
    /// The kind of server that this stands for, in words.
    pub description: String,
    /// NetBIOS names of the server and of its domain, as NTLM sends them to the client.
    pub server: ServerInfo,
    /// The SMB2 layer.
    #[serde(deserialize_with = "Smb::checked")]
    pub smb: Smb,
    /// The log-on with NTLM.
    pub ntlm: Ntlm,
    /// The RPC layer.
    pub rpc: Rpc,
    /// NetrSessionEnum.
    pub session_enum: Enumeration,
    /// NetrFileEnum, NetrFileGetInfo, NetrFileClose.
    pub files: Files,
    /// NetrShareEnum.
    pub shares: Shares,
    /// NetrConnectionEnum.
    pub connections: Connections,
    /// NetrSessionDel.
    pub session_del: SessionDel,
    /// Delay of each reply, in milliseconds.
    pub delay_ms: u64,
    #[serde(rename = "user", deserialize_with = "distinct")]
    users: Vec<User>,
    #[serde(rename = "session")]
    session_entries: Vec<Session>,
    #[serde(rename = "file")]
    file_entries: Vec<OpenFile>,
    #[serde(rename = "share")]
    share_entries: Vec<Share>,
    #[serde(rename = "fault")]
    faults: Vec<Fault>,
    #[serde(skip)]
    sessions: Arc<Vec<SessionInfo>>,
}

/// The names of the server, and its clock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ServerInfo {
    /// NetBIOS name.
    pub name: String,
    /// NetBIOS name of the domain, or of the server itself where it is in none.
    pub domain: String,
    /// How far the server's clock is ahead of the machine's, in seconds.
    pub clock_offset_seconds: i64,
    /// The server's time zone, in minutes east of UTC.
    pub timezone_minutes: i32,
}

impl Default for ServerInfo {
    fn default() -> Self {
        Self {
            name: "FS1".to_owned(),
            domain: "LAB".to_owned(),
            clock_offset_seconds: 0,
            timezone_minutes: 0,
        }
    }
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// The file cannot be read, or is not a scenario: the error names the line and the reason.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ScenarioError::Read { path: path.to_owned(), error })?;
        text.parse().map_err(|error| ScenarioError::File { path: path.to_owned(), error: Box::new(error) })
    }

    /// The sessions at the start, as level 502 shows them, in the order of the server's list.
    #[must_use]
    pub fn sessions(&self) -> &[SessionInfo] {
        &self.sessions
    }

    /// The same list, shared.
    pub(crate) fn shared_sessions(&self) -> Arc<Vec<SessionInfo>> {
        Arc::clone(&self.sessions)
    }

    /// Replaces the list of sessions.
    #[must_use]
    pub fn with_sessions(mut self, sessions: Vec<SessionInfo>) -> Self {
        self.sessions = Arc::new(sessions);
        self
    }

    /// The files that are open at the start, in the order of the server's list. Their ids begin with 16.
    #[must_use]
    pub fn open_files(&self) -> Vec<FileInfo> {
        let files = self.file_entries.iter().flat_map(OpenFile::expand);
        files.zip(16..).map(|(file, id)| FileInfo { id, ..file }).collect()
    }

    /// The shares.
    #[must_use]
    pub fn share_list(&self) -> Vec<ShareInfo> {
        self.share_entries.iter().map(ShareInfo::from).collect()
    }

    /// The users that may log on.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Does not list the caller's own session. The others do not age: where two answers are far apart, that looks like a
    /// clock that was set, and the own session, which ages, like another one.
    #[must_use]
    pub fn without_own_session(mut self) -> Self {
        self.session_enum.lists_caller = false;
        self
    }

    /// Adds a fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Delay of each reply.
    #[must_use]
    pub const fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// The user with this name, ignoring case and a realm after the name.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<&User> {
        let bare = name.split_once('@').map_or(name, |(bare, _)| bare).to_lowercase();
        self.users.iter().find(|user| user.name.to_lowercase() == bare)
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let mut scenario: Self =
            toml::from_str(text).map_err(|error| ScenarioError::Wrong(Box::new(error)))?;
        let names = scenario.session_enum.clone();
        let sessions = scenario.session_entries.iter().flat_map(|entry| entry.expand(&names)).collect();
        scenario.sessions = Arc::new(sessions);
        Ok(scenario)
    }
}
