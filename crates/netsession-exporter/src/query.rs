use std::time::{Duration, Instant, SystemTime};

use netsession::logon_guard::LogonGuard;
use netsession::{
    Client, Error, ErrorKind, Folded, KeptClient, MemoryBudget, ServerMemory, Sessions, Timings,
};
use tracing::debug;

use crate::advice::advice;
use crate::allowlist::AllowedTarget;
use crate::file_stats::{self, FileStats};
use crate::probe_recorder::Listed;
use crate::settings::Settings;
use crate::stats::ListingStats;
use crate::sums::SessionSums;

/// The result of a probe of one server, for the metrics and the start page.
#[derive(Debug, Clone)]
pub(crate) struct ProbeResult {
    pub(crate) stats: Result<ListingStats, ErrorKind>,
    pub(crate) timings: Timings,
    pub(crate) finished: SystemTime,
    /// What the log and the start page say of a failure.
    pub(crate) failure: Option<Failure>,
}

/// Texts of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) text: String,
    /// The same without the server.
    pub(crate) without_server: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

impl ProbeResult {
    pub(crate) fn new(stats: Result<ListingStats, ErrorKind>, timings: Timings) -> Self {
        Self { stats, timings, finished: SystemTime::now(), failure: None }
    }

    /// A failure for which no connection was tried.
    pub(crate) fn without_query(kind: ErrorKind) -> Self {
        Self::new(Err(kind), Timings::default())
    }

    fn failed(error: &Error, timings: Timings, settings: &Settings) -> Self {
        let failure = Failure {
            text: error.to_string(),
            without_server: error.without_server(),
            advice: advice(error, settings),
        };
        Self { failure: Some(failure), ..Self::new(Err(error.kind()), timings) }
    }

    /// Whether it is up as `other` is, or fails for the same reason.
    pub(crate) fn is_same_state(&self, other: &Self) -> bool {
        self.stats.as_ref().err() == other.stats.as_ref().err()
    }

    pub(crate) fn is_timed_out(&self) -> bool {
        self.stats == Err(ErrorKind::TimedOut)
    }
}

/// A client of a target, not yet connected. It asks first at the level that the server answered before.
pub(crate) fn client(
    target: &AllowedTarget,
    memory: &ServerMemory,
    guard: &LogonGuard,
    settings: &Settings,
    budget: &MemoryBudget,
) -> KeptClient {
    let builder = Client::builder(&target.address)
        .credentials(target.credentials.clone())
        .connection_settings(target.connection.clone())
        .logon_guard(guard)
        .memory(memory)
        .memory_budget(budget)
        .max_entries(settings.max_sessions);
    KeptClient::new(builder)
}

/// Lists the sessions of one server. The list itself is there where it is recorded.
pub(crate) async fn query(
    target: &AllowedTarget,
    client: &mut KeptClient,
    settings: &Settings,
    timeout: Duration,
) -> (ProbeResult, Option<Listed>) {
    let begun = Instant::now();
    let question = Sessions::new().fold(SessionSums::new(settings));
    // Boxed: these futures are large, and there is one for each server that is queried.
    let listed = Box::pin(client.ask(&question, timeout)).await;
    let timings = client.timings();
    let mut files: Option<Result<_, String>> = None;
    if settings.files && listed.is_ok() {
        let left = timeout.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        // The sessions are listed whatever becomes of the files: a server may refuse these alone.
        match Box::pin(file_stats::list(client, settings, left)).await {
            Ok(listing) => files = Some(Ok(listing)),
            Err(error) => {
                debug!(server = %target.name, kind = %error.kind(), "no open files: {error}");
                files = Some(Err(error.to_string()));
            }
        }
    }
    match listed {
        Ok(Folded { level, own_sessions, mut value, .. }) => {
            let sessions = value.take_sessions();
            let of_files = files
                .as_ref()
                .and_then(|files| files.as_ref().ok())
                .map(|files| FileStats::new(files, &settings.shares));
            let stats = ListingStats { files: of_files, ..value.into_stats(level, own_sessions, settings) };
            let listed = sessions.map(|sessions| {
                if let Some(Ok(files)) = &mut files {
                    files.add_clients(&sessions);
                }
                Listed { level, sessions, files }
            });
            debug!(server = %target.name, %level, sessions = stats.sessions, "answered");
            (ProbeResult::new(Ok(stats), timings), listed)
        }
        Err(error) => {
            debug!(server = %target.name, kind = %error.kind(), "failed: {error}");
            (ProbeResult::failed(&error, timings, settings), None)
        }
    }
}
