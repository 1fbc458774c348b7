use std::collections::VecDeque;
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::erref::NtStatus;

use super::secret::Fingerprint;

/// The server that refused an account, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogOnRefusal {
    /// The server, as the user named it.
    pub(crate) server: String,
    pub(crate) reason: Reason,
}

/// Why an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The status that answered SESSION_SETUP.
    Status(NtStatus),
    /// The error of a domain controller (KDC).
    Kerberos(KrbErrorCode),
}

/// Maximum proven secrets of one account: accounts of the same name on several servers have different ones.
const PROVEN: usize = 16;

/// The state of one account.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) refused: Option<LogOnRefusal>,
    proven: VecDeque<Fingerprint>,
    holder: Option<Holder>,
    queue: VecDeque<Waiter>,
}

/// The log-on that runs alone.
#[derive(Debug)]
struct Holder {
    id: u64,
    /// When the next request is granted although this log-on has no answer.
    lapses: Instant,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    patience: Duration,
    waker: Waker,
}

impl Entry {
    pub(super) fn is_proven(&self, fingerprint: Fingerprint) -> bool {
        self.proven.contains(&fingerprint)
    }

    pub(super) fn is_holder(&self, id: u64) -> bool {
        self.holder.as_ref().is_some_and(|holder| holder.id == id)
    }

    pub(super) fn lapses(&self) -> Option<Instant> {
        self.holder.as_ref().map(|holder| holder.lapses)
    }

    /// Whether the entry can be dropped.
    pub(super) fn is_blank(&self) -> bool {
        self.refused.is_none() && self.proven.is_empty() && self.holder.is_none() && self.queue.is_empty()
    }

    /// Takes a place in the queue, or keeps it with this waker.
    pub(super) fn queue_up(&mut self, id: u64, patience: Duration, waker: &Waker) {
        match self.queue.iter_mut().find(|waiter| waiter.id == id) {
            Some(waiter) => waiter.waker.clone_from(waker),
            None => self.queue.push_back(Waiter { id, patience, waker: waker.clone() }),
        }
    }

    /// Grants the oldest request, if no log-on runs alone or the one that does has lapsed.
    /// The waker is to be woken without the lock.
    pub(super) fn advance(&mut self, now: Instant) -> Option<Waker> {
        if self.lapses().is_some_and(|lapses| now < lapses) {
            return None;
        }
        // RACE: a lapsed log-on may still be refused. It keeps the permit while no other request waits, and its refusal
        // counts even after the next request was granted.
        let next = self.queue.pop_front()?;
        self.holder = Some(Holder { id: next.id, lapses: after(now, next.patience) });
        Some(next.waker)
    }

    /// Removes `id` from the queue, and as holder.
    pub(super) fn leave(&mut self, id: u64) {
        self.queue.retain(|waiter| waiter.id != id);
        if self.is_holder(id) {
            self.holder = None;
        }
    }

    pub(super) fn prove(&mut self, fingerprint: Fingerprint) {
        // A refusal stands until the caller allows the account, even when a lapsed log-on succeeds after it.
        if self.refused.is_some() || self.is_proven(fingerprint) {
            return;
        }
        if self.proven.len() >= PROVEN {
            self.proven.pop_front();
        }
        self.proven.push_back(fingerprint);
    }

    /// Blocks the account. Returns the wakers of all requests that wait.
    pub(super) fn refuse(&mut self, refusal: LogOnRefusal) -> Vec<Waker> {
        // After `allow_again` the next log-on runs alone, also with a secret that was proven before.
        self.proven.clear();
        self.holder = None;
        // RACE: lapsed log-ons can be refused one after the other. The first refusal is the cause, and stays.
        self.refused.get_or_insert(refusal);
        self.queue.drain(..).map(|waiter| waiter.waker).collect()
    }

    /// The wakers of all requests that wait.
    pub(super) fn wakers(&self) -> Vec<Waker> {
        self.queue.iter().map(|waiter| waiter.waker.clone()).collect()
    }
}

fn after(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration).unwrap_or(now)
}
