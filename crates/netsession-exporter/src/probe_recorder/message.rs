//! What a probe found, on its way to the thread that writes.

use std::time::{Duration, SystemTime};

use netsession::{FileListing, Level, Session};
use netsession_history::Settings;

/// A session in memory, with its texts, about; and an open file.
pub(super) const SESSION_BYTES: usize = 128;
const FILE_BYTES: usize = 256;

/// To the thread that writes.
pub(super) enum Message {
    Result {
        server: String,
        time: SystemTime,
        uptime: Duration,
        listed: Result<Listed, String>,
        bytes: usize,
    },
    Settings(Settings),
    Close,
}

/// What a server listed.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) level: Level,
    pub(crate) sessions: Vec<Session>,
    /// Where they were requested: the files, or in words why the server did not list them.
    pub(crate) files: Option<Result<FileListing, String>>,
}

impl Listed {
    pub(super) fn bytes(&self) -> usize {
        let files = self.files.iter().flatten().map(FileListing::len).sum::<usize>();
        self.sessions.len().saturating_mul(SESSION_BYTES).saturating_add(files.saturating_mul(FILE_BYTES))
    }
}
