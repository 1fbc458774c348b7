use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::entry::LogOnRefusal;
use super::guard::Guard;
use super::secret::{Fingerprint, Secret};
use crate::Account;

/// One connection's request to log on as an account, then its permission.
///
/// Dropped without a result, it proves and refuses nothing, and the next request is granted.
#[derive(Debug)]
pub(crate) struct LogOnPermit {
    guard: Arc<Guard>,
    account: Account,
    fingerprint: Fingerprint,
    id: u64,
    patience: Duration,
}

/// The state of a [`LogOnPermit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Log on now, then call [`LogOnPermit::accepted`] or [`LogOnPermit::refused`].
    Go,
    /// Do not log on at all.
    Blocked(LogOnRefusal),
    /// Poll again when woken, and at this moment at the latest.
    Wait(Instant),
}

impl Guard {
    /// A place in the queue of log-ons as `account`. No token may be sent before [`LogOnPermit::poll`] grants it.
    pub(crate) fn queue(
        self: &Arc<Self>,
        account: Account,
        secret: &Secret,
        patience: Duration,
    ) -> Result<LogOnPermit, getrandom::Error> {
        let fingerprint = self.fingerprint(secret)?;
        Ok(LogOnPermit { guard: Arc::clone(self), account, fingerprint, id: self.next_id(), patience })
    }
}

impl LogOnPermit {
    pub(crate) fn poll(&mut self, waker: &Waker, now: Instant) -> Standing {
        let mut standing = Standing::Go;
        let Self { account, id, fingerprint, patience, .. } = &*self;
        self.guard.change(account, |entry| {
            if let Some(refusal) = &entry.refused {
                standing = Standing::Blocked(refusal.clone());
                entry.leave(*id);
                return Vec::new();
            }
            // A proven secret cannot lock the account: it needs no turn, and passes its place on.
            if entry.is_proven(*fingerprint) {
                entry.leave(*id);
                return entry.advance(now).into_iter().collect();
            }
            if entry.is_holder(*id) {
                return Vec::new();
            }
            // RACE: queue first, then advance, both under the lock. The holder may have left since the last poll, and
            // nothing would wake this request then.
            entry.queue_up(*id, *patience, waker);
            let woken = entry.advance(now);
            if entry.is_holder(*id) {
                return Vec::new();
            }
            // The deadline of the wait is the holder's lapse: a stalled server sends no event that could wake this one.
            standing = Standing::Wait(entry.lapses().unwrap_or(now));
            woken.into_iter().collect()
        });
        standing
    }

    /// The server accepted the log-on: requests with the same secret are granted.
    pub(crate) fn accepted(self) {
        self.guard.change(&self.account, |entry| {
            entry.prove(self.fingerprint);
            entry.wakers()
        });
    }

    /// The server refused the log-on: no request is granted until the caller allows the account again.
    pub(crate) fn refused(self, refusal: LogOnRefusal) {
        self.guard.change(&self.account, |entry| entry.refuse(refusal));
    }
}

impl Drop for LogOnPermit {
    fn drop(&mut self) {
        // After `accepted` and `refused`, too, which consume the permit. A connection that was cut without an answer
        // proves and refuses nothing: the next request is granted, still one at a time.
        self.guard.change(&self.account, |entry| {
            entry.leave(self.id);
            entry.advance(Instant::now()).into_iter().collect()
        });
    }
}
