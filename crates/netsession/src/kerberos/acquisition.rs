//! One request to a domain controller for all log-ons that wait for the same credential.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use netsession_proto::auth::kerberos::KerberosError;

use super::kdc_result::{Heard, KdcResult, TicketError};
use super::opened::Opened;
use super::source::{Source, SourceKey};
use super::system::{self, Acquired};
use super::workers::{Limits, Workers};
use crate::oneshot::Sender;
use crate::service_principal::ServicePrincipal;

/// Threads for all accounts of the process, and for each source of tickets.
const THREADS: Limits = Limits { per_key: 8, in_all: 64 };

/// A log-on that waits.
pub(super) struct Waiter {
    pub(super) service: ServicePrincipal,
    pub(super) heard: Option<Heard>,
    pub(super) sender: Sender<Result<Opened, TicketError>>,
}

impl Waiter {
    /// No request was sent for it. Its channel is closed.
    fn was_not_asked_for(self) {
        if let Some(heard) = self.heard {
            heard(KdcResult::NotAsked);
        }
    }
}

static WORKERS: LazyLock<Arc<Workers<SourceKey>>> = LazyLock::new(|| Arc::new(Workers::new(THREADS)));
static RUNNING: LazyLock<Running<SourceKey, Waiter>> = LazyLock::new(Running::default);

/// Gets the credential of `source`, or joins those who wait for it, then a ticket for the service of the waiter.
///
/// Without a thread no domain controller is asked: the waiters hear that, and their channels are closed.
pub(super) fn join(source: Source, waiter: Waiter) {
    let key = source.key();
    if !RUNNING.join(&key, waiter) {
        return;
    }
    // Dropped with the job, whatever becomes of it.
    let mut permit = RequestPermit { key: Some(key.clone()), is_sent: false };
    let of_job = key.clone();
    let job = move || {
        // All log-ons may have ended while the job waited for a thread.
        if let Some(waiters) = RUNNING.end_unless(&of_job, |waiter| waiter.sender.is_awaited()) {
            permit.key.take();
            waiters.into_iter().for_each(Waiter::was_not_asked_for);
            return;
        }
        permit.is_sent = true;
        let result = system::acquire(&source);
        for (index, waiter) in permit.end().into_iter().enumerate() {
            deliver(&of_job, waiter, result.clone(), index == 0);
        }
    };
    run(key, Box::new(job));
}

/// Hands the credential on: its answer has been heard, however the log-on has ended in the meantime.
///
/// One request was sent for all waiters: the first one hears the answer to it.
fn deliver(key: &SourceKey, waiter: Waiter, result: Result<Acquired, KerberosError>, is_first: bool) {
    let Waiter { service, heard, sender } = waiter;
    if let Some(heard) = heard {
        heard(match &result {
            Ok(acquired) if is_first && acquired.was_asked() => KdcResult::Accepted,
            Err(error) if is_first => KdcResult::Failed(error),
            Ok(_) | Err(_) => KdcResult::NotAsked,
        });
    }
    match result {
        Err(error) => sender.send(Err(TicketError { error, had_ticket: false })),
        Ok(acquired) => {
            let job = move || {
                // A log-on that has ended in the meantime needs no ticket.
                if sender.is_awaited() {
                    let opened = system::open(acquired, &service);
                    sender.send(opened.map_err(|error| TicketError { error, had_ticket: true }));
                }
            };
            run(key.clone(), Box::new(job));
        }
    }
}

fn run(key: SourceKey, job: Box<dyn FnOnce() + Send>) {
    if let Err(error) = WORKERS.run(key, job) {
        tracing::debug!(%error, "no thread for Kerberos");
    }
}

/// The permit to send the request for all waiters. Dropped without an end, it drops the waiters, which closes their
/// channels.
struct RequestPermit {
    key: Option<SourceKey>,
    /// Whether the request is on its way.
    is_sent: bool,
}

impl RequestPermit {
    fn end(mut self) -> Vec<Waiter> {
        // RACE: taken, so that the drop does not end the request of those who come after it.
        self.key.take().map(|key| RUNNING.end(&key)).unwrap_or_default()
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let waiters = self.key.take().map(|key| RUNNING.end(&key)).unwrap_or_default();
        for (index, waiter) in waiters.into_iter().enumerate() {
            // One request is sent for all: where it is on its way, the first one has no answer.
            if index > 0 || !self.is_sent {
                waiter.was_not_asked_for();
            }
        }
    }
}

/// What is being asked for, each with those who wait for it.
struct Running<K, W>(Mutex<HashMap<K, Vec<W>>>);

impl<K, W> Default for Running<K, W> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Clone + Eq + Hash, W> Running<K, W> {
    /// Whether this is the first one, which has to ask.
    fn join(&self, key: &K, waiter: W) -> bool {
        let mut running = self.lock();
        let waiters = running.entry(key.clone()).or_default();
        waiters.push(waiter);
        waiters.len() == 1
    }

    /// Ends it, unless one of the waiters is so.
    ///
    /// RACE: under one lock, so that a waiter that joins now is either looked at or the first one of a new request.
    fn end_unless(&self, key: &K, is_so: impl Fn(&W) -> bool) -> Option<Vec<W>> {
        let mut running = self.lock();
        match running.get(key) {
            Some(waiters) if waiters.iter().any(is_so) => None,
            _ => Some(running.remove(key).unwrap_or_default()),
        }
    }

    fn end(&self, key: &K) -> Vec<W> {
        self.lock().remove(key).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Vec<W>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Account;
    use crate::oneshot;

    /// Waiters of `account`, a sum for each result that they hear, and the permit to send the request for them.
    fn waiters(account: &str, number: usize) -> (RequestPermit, Arc<AtomicUsize>) {
        let key = SourceKey::Cache(Account::new(account), false);
        let not_asked = Arc::<AtomicUsize>::default();
        for _ in 0..number {
            let heard = Arc::clone(&not_asked);
            let heard: Heard = Box::new(move |result| {
                assert!(matches!(result, KdcResult::NotAsked), "{result:?}");
                heard.fetch_add(1, Ordering::Relaxed);
            });
            let service = ServicePrincipal::for_host("fs1");
            let (sender, _) = oneshot::channel();
            RUNNING.join(&key, Waiter { service, heard: Some(heard), sender });
        }
        (RequestPermit { key: Some(key), is_sent: false }, not_asked)
    }

    /// The job is dropped where no thread can be started: then the log-ons were not sent.
    #[test]
    fn without_a_thread_no_log_on_was_sent() {
        let (permit, not_asked) = waiters("without a thread", 3);
        drop(move || permit.end());
        assert_eq!(not_asked.load(Ordering::Relaxed), 3);
    }

    /// It panicked, for example.
    #[test]
    fn of_a_request_without_an_answer_the_first_log_on_is_unanswered() {
        let (mut permit, not_asked) = waiters("without an answer", 3);
        permit.is_sent = true;
        drop(permit);
        assert_eq!(not_asked.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn request_that_is_not_awaited_any_more_ends() {
        let running = Running::default();
        assert!(running.join(&"a", false));
        assert!(!running.join(&"a", true));
        assert_eq!(running.end_unless(&"a", |&is_awaited| is_awaited), None);
        assert_eq!(running.end(&"a"), [false, true]);
        assert!(running.join(&"a", false));
        assert_eq!(running.end_unless(&"a", |&is_awaited| is_awaited), Some(vec![false]));
        assert!(running.join(&"a", true), "those who come later ask again");
    }

    #[test]
    fn only_the_first_one_asks() {
        let running = Running::default();
        assert!(running.join(&"a", 1));
        assert!(!running.join(&"a", 2));
        assert!(running.join(&"b", 3));
        assert_eq!(running.end(&"a"), [1, 2]);
        assert!(running.join(&"a", 4), "those who come later ask again");
    }
}
