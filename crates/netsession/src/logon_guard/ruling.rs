//! What the state of a secret says to one more log-on.

use std::time::{Duration, Instant};

use super::pending::after;
use super::reason::{Denial, LogOnRefusal, Peer};
use super::rules::{Process, Rules};
use super::secret_state::{Phase, Rank, SecretState, Suspicion};

/// The answer to one more log-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    Send {
        /// Whether it counts against the account as long as it is unanswered.
        counts: bool,
        after_hold: bool,
    },
    /// Until this moment at the latest; on account of this log-on.
    Wait(Instant, LogOnRefusal),
    Deny(Denial),
}

/// How often a log-on looks again that waits for an answer without a known moment.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(1);

const CANARY: Ruling = Ruling::Send { counts: true, after_hold: false };

impl SecretState {
    /// Whether a log-on may be sent to this server now.
    pub(super) fn rule(&self, peer: &Peer, now: Instant) -> Ruling {
        self.rule_for(Some(peer), now)
    }

    /// Whether a log-on may be sent now; without a peer, to a server of which nothing is known.
    fn rule_for(&self, peer: Option<&Peer>, now: Instant) -> Ruling {
        if let Phase::Blocked(refusal) = &self.phase {
            return Ruling::Deny(Denial::Blocked(refusal.clone()));
        }
        if let Some(refusal) = peer.and_then(|peer| self.blocked.get(peer)) {
            return Ruling::Deny(Denial::Blocked(refusal.clone()));
        }
        match (&self.phase, self.rules.process) {
            (Phase::Blocked(_) | Phase::Unproven, _) => self.canary(Rules::UNANSWERED, peer, now),
            (Phase::Proven, Process::OneRun) => Ruling::Send { counts: false, after_hold: false },
            (Phase::Proven, Process::Stays { at_once }) => self.place(at_once, peer, now),
            (Phase::Suspect(suspicion), Process::Stays { .. }) => self.suspect_place(suspicion, peer, now),
            (Phase::Suspect(suspicion), Process::OneRun) => self.suspect_canary(suspicion, peer, now),
        }
    }

    /// Whether no server is asked because the secret was refused.
    pub(super) fn is_blocked(&self, now: Instant) -> bool {
        !self.is_retired && self.is_denied(now)
    }

    /// Whether it, or a server for it, is blocked until it is allowed again.
    pub(super) fn has_block(&self, now: Instant) -> bool {
        !self.blocked.is_empty() || self.is_denied(now)
    }

    fn is_denied(&self, now: Instant) -> bool {
        matches!(self.rule_for(None, now), Ruling::Deny(Denial::Blocked(_)))
    }

    /// Whether no server is asked because log-ons are unanswered.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        if self.is_retired {
            return false;
        }
        match self.rule_for(None, now) {
            Ruling::Deny(Denial::Unanswered(_)) => true,
            Ruling::Deny(Denial::Blocked(_)) | Ruling::Send { .. } => false,
            // All places are taken by log-ons that stall: an answer may come, and no moment is known.
            Ruling::Wait(..) => {
                let mut counting = self.counting().peekable();
                counting.peek().is_some() && counting.all(|pending| pending.has_lapsed(now))
            }
        }
    }

    /// One log-on alone, and the next one once it has lapsed.
    fn canary(&self, limit: usize, peer: Option<&Peer>, now: Instant) -> Ruling {
        if let Some(waited_for) = self.counting().find(|pending| !pending.has_lapsed(now)) {
            return Ruling::Wait(waited_for.lapses, waited_for.unanswered());
        }
        if self.outstanding() < limit {
            return self.send_to_the_best(peer, now);
        }
        self.hold(peer, now)
    }

    /// One of `limit` places for log-ons that are unanswered at the same time.
    ///
    /// The last place is a reserve: it is used only while all others stall, and its success shows that the secret is
    /// still right, so that those do not count any more. Otherwise two servers that begin to stall at the same time
    /// would take both places of two, and nothing could be sent until the domain has forgotten two wrong log-ons.
    fn place(&self, limit: usize, peer: Option<&Peer>, now: Instant) -> Ruling {
        let outstanding = self.outstanding();
        // A server that stalls again and again never has the second place: no other one could have it.
        let limit = if self.rank_of(peer) == Rank::Stalls { 1 } else { limit };
        if outstanding >= limit {
            return match self.counting().next() {
                Some(waited_for) => Ruling::Wait(after(now, LOOK_AGAIN), waited_for.unanswered()),
                None => self.hold(peer, now),
            };
        }
        let is_reserve = limit > 1 && outstanding.saturating_add(1) == limit;
        if !is_reserve {
            return CANARY;
        }
        if let Some(waited_for) =
            self.counting().find(|pending| !pending.has_lapsed(now) && !self.is_tardy(&pending.peer))
        {
            return Ruling::Wait(waited_for.lapses, waited_for.unanswered());
        }
        // RACE: a server that is shut down takes all of its connections with it, one after the other. It may have
        // several names, and log-ons wait on those connections.
        let last = self.faults.iter().max_by_key(|fault| fault.ended);
        if let Some((fault, until)) = last.map(|fault| (fault, after(fault.ended, LOOK_AGAIN)))
            && now < until
        {
            return Ruling::Wait(until, fault.refusal.clone());
        }
        self.send_to_the_best(peer, now)
    }

    /// The canary of a process that stays: at a server that took the secret before, if there is one, because another
    /// one may refuse it for reasons of its own. Such a server is asked again soon.
    fn suspect_place(&self, suspicion: &Suspicion, peer: Option<&Peer>, now: Instant) -> Ruling {
        let is_early = now < after(suspicion.since, Rules::ASKED_AGAIN);
        match self.canary(Rules::UNANSWERED, peer, now) {
            Ruling::Send { .. } if is_early && self.has_better_than(peer) => {
                Ruling::Wait(after(now, LOOK_AGAIN), suspicion.by.clone())
            }
            // The refusal itself is the first one, so that one more is the second wrong log-on.
            ruling => ruling,
        }
    }

    /// One log-on alone since the secret became suspect. Those that were sent before do not count.
    fn suspect_canary(&self, suspicion: &Suspicion, peer: Option<&Peer>, now: Instant) -> Ruling {
        let mut canaries = self.counting().filter(|pending| pending.sent >= suspicion.since);
        if let Some(waited_for) = canaries.clone().find(|pending| !pending.has_lapsed(now)) {
            return Ruling::Wait(waited_for.lapses, waited_for.unanswered());
        }
        // Whatever the reason: an unknown status may be how this server refuses a wrong password.
        if canaries.next().is_none() && !self.faults.iter().any(|fault| fault.sent >= suspicion.since) {
            return self.send_to_the_best(peer, now);
        }
        self.hold(peer, now)
    }

    /// Nothing for a while, then one log-on, and nothing any more where it is not answered either.
    fn hold(&self, peer: Option<&Peer>, now: Instant) -> Ruling {
        let Some((last, refusal)) = self.last_fault() else { return CANARY };
        if let Some(canary) = self.canary_after_hold {
            let under_way = self.counting().find(|one| one.id == canary && !one.has_lapsed(now));
            return match under_way {
                Some(pending) => Ruling::Wait(pending.lapses, pending.unanswered()),
                None => Ruling::Deny(Denial::Blocked(refusal)),
            };
        }
        let ends = after(last, Rules::HOLD);
        // Not the server that stalled, where another one is asked for as well: it would most likely stall again, and
        // then the secret is blocked.
        let is_early = now < after(ends, Rules::ASKED_AGAIN);
        let has_other = || self.others_ask || self.is_taken_elsewhere();
        if now < ends || (is_early && self.rank_of(peer) == Rank::Stalls && has_other()) {
            return Ruling::Deny(Denial::Unanswered(refusal));
        }
        match self.send_to_the_best(peer, now) {
            Ruling::Send { counts, .. } => Ruling::Send { counts, after_hold: true },
            other => other,
        }
    }

    /// Leaves it to a better server, where a log-on waits for one.
    fn send_to_the_best(&self, peer: Option<&Peer>, now: Instant) -> Ruling {
        let rank = self.rank_of(peer);
        let is_better = |other: &Peer| self.rank(other) < rank && !self.blocked.contains_key(other);
        // The best rank of all needs no look at those that wait.
        if rank == Rank::Took || !self.waiting.values().any(is_better) {
            return CANARY;
        }
        let refusal = match &self.phase {
            Phase::Suspect(suspicion) => Some(suspicion.by.clone()),
            Phase::Unproven | Phase::Proven | Phase::Blocked(_) => {
                self.last_fault().map(|(_, refusal)| refusal)
            }
        };
        refusal.map_or(CANARY, |refusal| Ruling::Wait(after(now, LOOK_AGAIN), refusal))
    }

    /// Log-ons that may have been wrong ones, since the last success.
    fn outstanding(&self) -> usize {
        self.counting().count().saturating_add(self.faults.len())
    }

    /// Whether another server says more about the secret than this one, because it took it before.
    pub(super) fn has_better_than(&self, peer: Option<&Peer>) -> bool {
        self.rank_of(peer) > Rank::Took && self.is_taken_elsewhere()
    }

    fn rank_of(&self, peer: Option<&Peer>) -> Rank {
        peer.map_or(Rank::Unknown, |peer| self.rank(peer))
    }

    /// Whether a server took the secret that is not blocked, and answered its last log-on.
    fn is_taken_elsewhere(&self) -> bool {
        self.took.iter().any(|peer| self.rank(peer) == Rank::Took && !self.blocked.contains_key(peer))
    }

    /// The last log-on that may have been a wrong one: when it was sent, and its answer.
    fn last_fault(&self) -> Option<(Instant, LogOnRefusal)> {
        let sent = self.counting().map(|pending| (pending.sent, pending.unanswered()));
        let ended = self.faults.iter().map(|fault| (fault.sent, fault.refusal.clone()));
        sent.chain(ended).max_by_key(|(sent, _)| *sent)
    }
}
