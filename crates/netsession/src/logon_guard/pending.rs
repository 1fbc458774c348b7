use std::time::{Duration, Instant};

use super::reason::{LogOnRefusal, Peer, Reason};

/// A log-on that was sent and has no answer yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: u64,
    pub(super) peer: Peer,
    pub(super) sent: Instant,
    /// When the next log-on need not wait for its answer any more.
    pub(super) lapses: Instant,
    /// Whether it counts against the account as long as it is unanswered: its secret may be wrong.
    pub(super) counts: bool,
    /// Whether a later success has shown that its secret was right.
    pub(super) is_forgiven: bool,
}

impl Pending {
    pub(super) fn new(id: u64, peer: &Peer, now: Instant, patience: Duration, counts: bool) -> Self {
        Self { id, peer: peer.clone(), sent: now, lapses: after(now, patience), counts, is_forgiven: false }
    }

    pub(super) fn has_lapsed(&self, now: Instant) -> bool {
        self.lapses <= now
    }

    pub(super) fn unanswered(&self) -> LogOnRefusal {
        LogOnRefusal { server: self.peer.to_string(), reason: Reason::NoAnswer }
    }
}

/// A log-on that counts against the account: it was refused, or ended without an answer.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) sent: Instant,
    pub(super) ended: Instant,
    pub(super) refusal: LogOnRefusal,
}

pub(super) fn after(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration).unwrap_or(now)
}
