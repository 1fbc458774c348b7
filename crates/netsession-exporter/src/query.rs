use std::time::Duration;

use netsession::logon_guard::LogonGuard;
use netsession::{Client, Error, ErrorKind, Level, Listing};
use tracing::debug;

use crate::Settings;
use crate::answer::Answer;
use crate::summary::Summary;
use crate::targets::Entry;

/// What came of a question.
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    /// The level to ask for next time.
    pub(crate) level: Option<Level>,
    /// What to tell the administrator; nothing where all is well.
    pub(crate) error: Option<String>,
}

/// Asks one server, at once for the level that it answered before.
pub(crate) async fn query(
    entry: &Entry,
    known: Option<Level>,
    guard: &LogonGuard,
    settings: &Settings,
    timeout: Duration,
) -> Asked {
    let builder = Client::builder(&entry.address)
        .credentials(entry.credentials.clone())
        .logon_guard(guard)
        .timeout(timeout);
    // Boxed: its futures are large, and there is one for each server that is asked.
    let connected = Box::pin(builder.connect()).await;
    let (result, timings) = match connected {
        Ok(client) => (Box::pin(list(&client, known)).await, client.timings()),
        Err(error) => {
            let timings = error.timings();
            (Err(error), timings)
        }
    };
    match result {
        Ok(listing) => {
            debug!(server = %entry.key, level = %listing.level(), sessions = listing.len(), "answered");
            let answer = Answer::of(Ok(Summary::of(&listing, settings)), timings);
            Asked { answer, level: Some(listing.level()), error: None }
        }
        Err(error) => {
            debug!(server = %entry.key, kind = %error.kind(), "failed: {error}");
            let level = known.filter(|_| !is_of_level(&error));
            Asked { answer: Answer::of(Err(&error), timings), level, error: Some(error.to_string()) }
        }
    }
}

/// The best that the server gives, beginning with what it gave before.
async fn list(client: &Client, known: Option<Level>) -> Result<Listing, Error> {
    client.sessions().beginning_with(known.unwrap_or(Level::Auto)).list().await
}

fn is_of_level(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::LevelNotSupported | ErrorKind::AccessDenied)
}
