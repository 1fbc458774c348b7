use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::fingerprint::Fingerprint;
use super::{Guard, Refusal};
use crate::Account;

/// One connection's place among those who want to log on as an account.
///
/// Dropped without a verdict, it says neither yes nor no, and the next one goes.
#[derive(Debug)]
pub(crate) struct Turn {
    guard: Arc<Guard>,
    account: Account,
    fingerprint: Fingerprint,
    id: u64,
    patience: Duration,
}

/// How a [`Turn`] stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Log on now, then tell [`Turn::accepted`] or [`Turn::refused`].
    Go,
    /// Do not log on at all.
    Blocked(Refusal),
    /// Poll again when woken, and at this moment at the latest.
    Wait(Instant),
}

impl Turn {
    pub(super) fn new(
        guard: Arc<Guard>,
        account: Account,
        fingerprint: Fingerprint,
        id: u64,
        patience: Duration,
    ) -> Self {
        Self { guard, account, fingerprint, id, patience }
    }

    pub(crate) fn poll(&mut self, waker: &Waker, now: Instant) -> Standing {
        let mut standing = Standing::Go;
        let Self { account, id, fingerprint, patience, .. } = &*self;
        self.guard.change(account, |entry| {
            if let Some(refusal) = &entry.refused {
                standing = Standing::Blocked(refusal.clone());
                entry.leave(*id);
                return Vec::new();
            }
            if entry.is_proven(*fingerprint) {
                entry.leave(*id);
                return entry.advance(now).into_iter().collect();
            }
            if entry.is_holder(*id) {
                return Vec::new();
            }
            entry.queue_up(*id, *patience, waker);
            let woken = entry.advance(now);
            if entry.is_holder(*id) {
                return Vec::new();
            }
            standing = Standing::Wait(entry.lapses().unwrap_or(now));
            woken.into_iter().collect()
        });
        standing
    }

    /// The server took the log-on: whoever waits with the same secret may go.
    pub(crate) fn accepted(self) {
        self.guard.change(&self.account, |entry| {
            entry.prove(self.fingerprint);
            entry.wakers()
        });
    }

    /// The server refused: nobody tries again until the caller says so.
    pub(crate) fn refused(self, refusal: Refusal) {
        self.guard.change(&self.account, |entry| entry.refuse(refusal));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard.change(&self.account, |entry| {
            entry.leave(self.id);
            entry.advance(Instant::now()).into_iter().collect()
        });
    }
}
