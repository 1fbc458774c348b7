//! What the library `netsession` lists, as the store takes it: for the command that records and for the exporter.

use netsession::{FileListing, Level, UserName};

use crate::error::Error;
use crate::recorder::Recorder;
use crate::round::{File, Outcome, Session};

impl Outcome {
    /// The sessions that a server listed at a level, and its open files where they were requested, or in words why it did
    /// not list them.
    #[must_use]
    pub fn from_listed(
        level: Level,
        sessions: &[netsession::Session],
        files: Option<Result<&FileListing, String>>,
    ) -> Self {
        let level = level.number().unwrap_or(0);
        Self::Answered {
            sessions: sessions.iter().map(|session| convert_session(session, level)).collect(),
            files: files.map(|files| {
                files
                    .map(|files| files.files().iter().map(|file| convert_file(file, files.level())).collect())
            }),
        }
    }
}

impl Recorder {
    /// Commits what was added, then maintains the store; a user is erased where [`UserName::is_shown_as`] says so.
    /// Call it once a second.
    ///
    /// # Errors
    /// As [`Recorder::commit`] and [`Recorder::maintain`].
    pub fn write(&mut self) -> Result<(), Error> {
        self.commit()?;
        self.maintain(|wanted, user| UserName::new(wanted).is_shown_as(user)).map(drop)
    }
}

fn convert_session(session: &netsession::Session, level: u32) -> Session {
    Session {
        client: session.client().to_owned(),
        user: session.user().map(str::to_owned),
        connected: session.connected(),
        idle: session.idle(),
        opens: session.opens(),
        flags: session.flags().map(netsession::SessionFlags::bits),
        client_type: session.client_type().map(str::to_owned),
        transport: session.transport().map(str::to_owned),
        level,
    }
}

fn convert_file(file: &netsession::OpenFile, level: u32) -> File {
    File {
        id: file.id(),
        path: file.path().map(str::to_owned),
        user: file.user().map(str::to_owned),
        client: file.client().map(str::to_owned),
        share: file.share().map(str::to_owned),
        unc: file.unc().map(str::to_owned),
        access: file.access().map(netsession::FileAccess::bits),
        locks: file.locks(),
        level,
    }
}
