//! What a server answered, as the store takes it.

use std::time::Duration;

use netsession::{FileListing, Listing, Refresh, Snapshot};
use netsession_history::{File, Outcome, Round, Session};

/// A refresh; `uptime` by a clock that is never set.
pub(super) fn round(server: String, refresh: Refresh, uptime: Duration) -> Round {
    let outcome = match refresh.result {
        Ok(Snapshot { sessions, files, .. }) => Outcome::Answered {
            sessions: convert_sessions(&sessions),
            files: files.map(|files| match files {
                Ok(files) => Ok(convert_files(&files)),
                Err(error) => Err(error.to_string()),
            }),
        },
        Err(error) => Outcome::Failed(error.to_string()),
    };
    Round { server, time: refresh.time, uptime: Some(uptime), outcome }
}

fn convert_sessions(listing: &Listing) -> Vec<Session> {
    let level = listing.level().number().unwrap_or(0);
    let session = |session: &netsession::Session| Session {
        client: session.client().to_owned(),
        user: session.user().map(str::to_owned),
        connected: session.connected(),
        idle: session.idle(),
        opens: session.opens(),
        flags: session.flags().map(netsession::SessionFlags::bits),
        client_type: session.client_type().map(str::to_owned),
        transport: session.transport().map(str::to_owned),
        level,
    };
    listing.iter().map(session).collect()
}

fn convert_files(listing: &FileListing) -> Vec<File> {
    let file = |file: &netsession::OpenFile| File {
        id: file.id(),
        path: file.path().map(str::to_owned),
        user: file.user().map(str::to_owned),
        client: file.client().map(str::to_owned),
        share: file.share().map(str::to_owned),
        unc: file.unc().map(str::to_owned),
        access: file.access().map(netsession::FileAccess::bits),
        locks: file.locks(),
        level: listing.level(),
    };
    listing.files().iter().map(file).collect()
}
