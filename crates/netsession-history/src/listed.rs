//! What the library `netsession` lists, as the store takes it: for the command that records and for the exporter.

use std::sync::Arc;

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
            sessions: convert_sessions(sessions, level),
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

fn convert_sessions(sessions: &[netsession::Session], level: u32) -> Vec<Session> {
    let mut converted = Vec::with_capacity(sessions.len());
    for session in sessions {
        let session = convert_session(session, level, converted.last());
        converted.push(session);
    }
    converted
}

/// `before` is the session that was listed before it: mostly of the same type and transport.
fn convert_session(session: &netsession::Session, level: u32, before: Option<&Session>) -> Session {
    let share = |text: &str, before: Option<&Arc<str>>| match before {
        Some(before) if **before == *text => Arc::clone(before),
        _ => text.into(),
    };
    Session {
        client: session.client().into(),
        user: session.user().map(Arc::from),
        connected: session.connected(),
        idle: session.idle(),
        opens: session.opens(),
        flags: session.flags().map(netsession::SessionFlags::bits),
        client_type: session
            .client_type()
            .map(|text| share(text, before.and_then(|before| before.client_type.as_ref()))),
        transport: session
            .transport()
            .map(|text| share(text, before.and_then(|before| before.transport.as_ref()))),
        level,
    }
}

fn convert_file(file: &netsession::OpenFile, level: u32) -> File {
    File {
        id: file.id(),
        path: file.path().map(Arc::from),
        user: file.user().map(Arc::from),
        client: file.client().map(Arc::from),
        share: file.share().map(Arc::from),
        unc: file.unc().map(Arc::from),
        access: file.access().map(netsession::FileAccess::bits),
        locks: file.locks(),
        level,
    }
}
