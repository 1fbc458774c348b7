//! What HTTP clients may change where the administrator allows it: reload the configuration, and lift a block.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use netsession::Account;
use tokio::sync::{mpsc, oneshot};

/// Minimum time between two unblocks of one account: longer than the 30 minutes after which domains usually forget wrong
/// log-ons, so that a client that unblocks again and again locks no account.
const BETWEEN_UNBLOCKS: Duration = Duration::from_secs(35 * 60);
/// Reloads that wait for the one that is running. They take no longer than one, and more clients are told to come back.
const WAITING: usize = 8;

/// A client waits for the end of a reload: `Err` is why it failed.
pub(crate) type ReloadRequest = oneshot::Sender<Result<(), String>>;

/// Why no reload has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReloadError {
    /// The new configuration is invalid.
    Invalid(String),
    /// Other reloads are running, or the exporter is about to end.
    Busy,
}

/// What became of a request to lift the block of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unblock {
    Lifted,
    /// The configuration has no such account.
    UnknownAccount,
    /// No server has refused it.
    NotBlocked,
    /// It was lifted before, and may be again after this time.
    TooEarly(Duration),
}

/// Takes the requests of HTTP clients. It survives a reload.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    sender: mpsc::Sender<ReloadRequest>,
    /// Taken by the loop that reloads.
    receiver: Mutex<Option<mpsc::Receiver<ReloadRequest>>>,
    unblocked: Mutex<HashMap<Account, Instant>>,
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(Some(receiver)), unblocked: Mutex::default() }
    }

    /// The requests to reload; `None` if they were taken before.
    pub(crate) fn reload_requests(&self) -> Option<mpsc::Receiver<ReloadRequest>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Asks for a reload, and waits for its end.
    pub(crate) async fn reload(&self) -> Result<(), ReloadError> {
        let (request, reloaded) = oneshot::channel();
        self.sender.try_send(request).map_err(|_| ReloadError::Busy)?;
        reloaded.await.map_err(|_| ReloadError::Busy)?.map_err(ReloadError::Invalid)
    }

    /// Lifts the block of `account` by `lift`, at most once in 35 minutes.
    pub(crate) fn unblock(&self, account: &Account, now: Instant, lift: impl FnOnce()) -> Unblock {
        let mut unblocked = self.unblocked.lock().unwrap_or_else(PoisonError::into_inner);
        let since = unblocked.get(account).map(|before| now.saturating_duration_since(*before));
        if let Some(left) =
            since.and_then(|since| BETWEEN_UNBLOCKS.checked_sub(since)).filter(|left| !left.is_zero())
        {
            return Unblock::TooEarly(left);
        }
        unblocked.insert(account.clone(), now);
        lift();
        Unblock::Lifted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_is_unblocked_once_in_35_minutes() {
        let (lifecycle, now) = (Lifecycle::new(), Instant::now());
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let mut lifted = 0;
        let mut unblock =
            |user: &str, after| lifecycle.unblock(&Account::new(user), now + after, || lifted += 1);
        assert_eq!(unblock("monitor", minutes(0)), Unblock::Lifted);
        assert_eq!(unblock("MONITOR", minutes(30)), Unblock::TooEarly(minutes(5)));
        assert_eq!(unblock("other", minutes(30)), Unblock::Lifted);
        assert_eq!(unblock("monitor", minutes(35)), Unblock::Lifted);
        assert_eq!(unblock("monitor", minutes(36)), Unblock::TooEarly(minutes(34)));
        assert_eq!(lifted, 3);
    }

    #[tokio::test]
    async fn reload_waits_for_its_end() {
        let lifecycle = Lifecycle::new();
        let mut requests = lifecycle.reload_requests().unwrap();
        assert!(lifecycle.reload_requests().is_none());
        let serve = async {
            requests.recv().await.unwrap().send(Ok(())).unwrap();
            requests.recv().await.unwrap().send(Err("line 3".into())).unwrap();
            // The exporter ends.
            drop(requests);
        };
        let ask = async {
            assert_eq!(lifecycle.reload().await, Ok(()));
            assert_eq!(lifecycle.reload().await, Err(ReloadError::Invalid("line 3".into())));
            assert_eq!(lifecycle.reload().await, Err(ReloadError::Busy));
        };
        tokio::join!(serve, ask);
    }
}
