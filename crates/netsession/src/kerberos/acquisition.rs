//! One request to a domain controller for all log-ons that wait for the same credential.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use netsession_proto::auth::kerberos::KerberosError;

use super::opened::Opened;
use super::outcome::{Answer, Heard, TicketError};
use super::service::ServicePrincipal;
use super::source::{Source, SourceKey};
use super::system::{self, Acquired};
use super::workers::{Limits, Workers};
use crate::oneshot::Sender;

/// Threads for all accounts of the process, and for each source of tickets.
const THREADS: Limits = Limits { per_key: 8, in_all: 64 };

/// A log-on that waits.
pub(super) struct Waiter {
    pub(super) service: ServicePrincipal,
    pub(super) heard: Option<Heard>,
    pub(super) sender: Sender<Result<Opened, TicketError>>,
}

static WORKERS: LazyLock<Arc<Workers<SourceKey>>> = LazyLock::new(|| Arc::new(Workers::new(THREADS)));
static RUNNING: LazyLock<Running<SourceKey, Waiter>> = LazyLock::new(Running::default);

/// Gets the credential of `source`, or joins those who wait for it, then a ticket for the service of the waiter.
///
/// Without a thread the waiter is dropped, which closes its channel.
pub(super) fn join(source: Source, waiter: Waiter) {
    let key = source.key();
    if !RUNNING.join(&key, waiter) {
        return;
    }
    // Dropped with the job, whatever becomes of it.
    let turn = Turn(Some(key.clone()));
    let of_job = key.clone();
    let job = move || {
        let result = system::acquire(&source);
        for (index, waiter) in turn.end().into_iter().enumerate() {
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
            Ok(acquired) if is_first && acquired.was_asked() => Answer::Accepted,
            Err(error) if is_first => Answer::Failed(error),
            Ok(_) | Err(_) => Answer::NotAsked,
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

/// The right to ask for all who wait. Dropped without an end, it drops those who wait, which closes their channels.
struct Turn(Option<SourceKey>);

impl Turn {
    fn end(mut self) -> Vec<Waiter> {
        // RACE: taken, so that the drop does not end the request of those who come after it.
        self.0.take().map(|key| RUNNING.end(&key)).unwrap_or_default()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(key) = self.0.take() {
            RUNNING.end(&key);
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

    fn end(&self, key: &K) -> Vec<W> {
        self.lock().remove(key).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Vec<W>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
