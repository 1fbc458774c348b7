use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{Mutex, Semaphore, SemaphorePermit, mpsc, watch};
use tokio::time::sleep_until;

use super::backoff::Backoff;
use super::control::Wishes;
use super::refresh::{Refresh, Snapshot};
use super::sessions_and_files::SessionsAndFiles;
use crate::client::ClientBuilder;
use crate::deadlines::later;
use crate::error::{Error, ErrorKind};
use crate::files::unless_refused;
use crate::kept_client::KeptClient;
use crate::pace::Pace;
use crate::question::Question;
use crate::{FileListing, Listing, Sessions, ShareListing, Shares};

/// How long the list of shares is taken for what it was: only the paths for users depend on it.
const SHARES_AGE: Duration = Duration::from_secs(60);

/// Asks one server again and again.
pub(super) struct Watcher {
    pub(super) index: usize,
    pub(super) connects: Arc<Connects>,
    pub(super) wishes: watch::Receiver<Wishes>,
    pub(super) sender: mpsc::Sender<Refresh>,
}

/// The limits of new connections, over all servers.
pub(super) struct Connects {
    permits: Semaphore,
    pace: Mutex<Pace>,
}

impl Connects {
    pub(super) fn new(at_once: usize, per_second: Option<NonZeroU32>) -> Self {
        Self { permits: Semaphore::new(at_once), pace: Mutex::new(Pace::new(per_second)) }
    }

    /// Waits until a connection may be made. It counts until the permit is dropped.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        let permit = self.permits.acquire().await.ok();
        let mut pace = self.pace.lock().await;
        pace.wait().await;
        pace.taken();
        permit
    }
}

/// The server of a watcher.
struct Server {
    client: KeptClient,
    timeout: Duration,
    shares: Option<(ShareListing, Instant)>,
}

impl Watcher {
    /// Until its account is refused or the receiver is gone.
    pub(super) async fn run(mut self, builder: ClientBuilder) {
        let name = builder.shown_server();
        let mut server =
            Server { timeout: builder.timeout_set(), client: KeptClient::new(builder), shares: None };
        let mut backoff = Backoff::default();
        loop {
            let begun = Instant::now();
            // Boxed: a task that waits for its next turn holds no room for a conversation.
            let result = Box::pin(self.refresh(&mut server)).await;
            let is_ok = result.is_ok();
            let is_last = result.as_ref().is_err_and(is_final);
            let refresh = Refresh {
                index: self.index,
                server: name.clone(),
                time: SystemTime::now(),
                instant: Instant::now(),
                took: begun.elapsed(),
                result,
                is_last,
            };
            if self.sender.send(refresh).await.is_err() || is_last {
                return;
            }
            if self.wait(begun, is_ok, &mut backoff).await.is_none() {
                return;
            }
        }
    }

    /// Waits for the next turn. `None` once the refreshes are dropped.
    async fn wait(&mut self, begun: Instant, is_ok: bool, backoff: &mut Backoff) -> Option<()> {
        let asked_for = self.wishes.borrow_and_update().refreshes;
        let mut interval = self.wishes.borrow().interval;
        let mut next = later(begun, backoff.after(is_ok, interval));
        loop {
            let is_paused = self.wishes.borrow().is_paused;
            tokio::select! {
                () = sleep_until(next.into()), if !is_paused => return Some(()),
                changed = self.wishes.changed() => {
                    changed.ok()?;
                    let wishes = *self.wishes.borrow_and_update();
                    if wishes.refreshes != asked_for {
                        return Some(());
                    }
                    if wishes.interval != interval {
                        interval = wishes.interval;
                        next = later(begun, backoff.after(is_ok, interval));
                    }
                }
            }
        }
    }

    async fn refresh(&self, server: &mut Server) -> Result<Snapshot, Error> {
        let is_listing_files = self.wishes.borrow().files;
        if !is_listing_files {
            return Ok(Snapshot { sessions: self.ask(server, &Sessions::new()).await?, files: None });
        }
        let (sessions, files) = self.ask(server, &SessionsAndFiles).await?;
        let files = match files {
            Ok(files) => Ok(self.located(server, files, &sessions).await?),
            // What the server refuses to tell is no failure of the refresh.
            Err(error) => Err(error),
        };
        Ok(Snapshot { sessions, files: Some(files) })
    }

    /// The open files, with what shares and sessions report about them.
    async fn located(
        &self,
        server: &mut Server,
        mut files: FileListing,
        sessions: &Listing,
    ) -> Result<FileListing, Error> {
        if !files.is_empty() {
            let is_old = server.shares.as_ref().is_none_or(|(_, asked)| asked.elapsed() >= SHARES_AGE);
            if is_old && let Some(shares) = unless_refused(self.ask(server, &Shares).await)? {
                server.shares = Some((shares, Instant::now()));
            }
            files.add(server.shares.as_ref().map(|(shares, _)| shares), Some(sessions));
        }
        Ok(files)
    }

    /// Over the kept connection, or a new one, which takes a permit. One that is made only for the guard takes none: there is
    /// one at a time.
    async fn ask<Q: Question>(&self, server: &mut Server, question: &Q) -> Result<Q::Answer, Error> {
        let deadline = later(Instant::now(), server.timeout);
        server.client.prove(deadline).await;
        if let Some(result) = server.client.ask_kept(question, deadline).await {
            return result;
        }
        let waits = Instant::now();
        let _turn = self.connects.turn().await;
        // The wait for the turn is not the server's time, and neither is the one for the log-on guard.
        let deadline = server.client.connect(later(deadline, waits.elapsed()), true).await?;
        server.client.ask_connected(question, deadline).await
    }
}

/// Whether there is no use in asking again: the account was refused, or the settings are wrong.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::LogOnRefused | ErrorKind::LogOnBlocked | ErrorKind::InvalidRequest)
}
