use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::pending::{Fault, Pending, after};
use super::reason::{Denial, LogOnRefusal, LogOnResult, Peer, Reason};
use super::rules::{Process, Rules};

/// The state of one secret of one account.
#[derive(Debug)]
pub(super) struct SecretState {
    rules: Rules,
    phase: Phase,
    pending: Vec<Pending>,
    /// Since the last success.
    faults: Vec<Fault>,
    /// Servers that are blocked alone.
    blocked: HashMap<Peer, LogOnRefusal>,
    /// Servers that accepted the secret.
    took: HashSet<Peer>,
    /// Servers that left their last log-on unanswered.
    tardy: HashSet<Peer>,
    /// Refusals by servers that never accepted the secret, since it was proven last.
    strangers: usize,
    /// The log-on that was sent after the hold, until a success.
    canary_after_hold: Option<u64>,
    /// The caller has another secret now. Connections that were begun before may still have this one.
    is_retired: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Unproven,
    Proven,
    /// Refused at this moment, after it was proven.
    Suspect(Instant),
    Blocked(LogOnRefusal),
}

/// What the state of a secret says to one more log-on.
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
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl SecretState {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            phase: Phase::Unproven,
            pending: Vec::new(),
            faults: Vec::new(),
            blocked: HashMap::new(),
            took: HashSet::new(),
            tardy: HashSet::new(),
            strangers: 0,
            canary_after_hold: None,
            is_retired: false,
        }
    }

    /// Whether nothing is known and nothing is under way.
    pub(super) fn is_blank(&self) -> bool {
        self.phase == Phase::Unproven
            && self.pending.is_empty()
            && self.faults.is_empty()
            && self.blocked.is_empty()
    }

    /// Whether the secret is blocked, and still in use.
    pub(super) fn is_blocked(&self) -> bool {
        !self.is_retired && self.blocked_by().is_some()
    }

    fn blocked_by(&self) -> Option<&LogOnRefusal> {
        match &self.phase {
            Phase::Blocked(refusal) => Some(refusal),
            Phase::Unproven | Phase::Proven | Phase::Suspect(_) => None,
        }
    }

    /// Whether it, or a server for it, is blocked until it is allowed again.
    pub(super) fn has_block(&self, now: Instant) -> bool {
        // As a server that was never asked.
        let anywhere = self.rule(&Peer::Server(String::new()), now);
        !self.blocked.is_empty() || matches!(anywhere, Ruling::Deny(Denial::Blocked(_)))
    }

    /// The secret is in use no more: what servers did is forgotten, so that it takes no memory.
    pub(super) fn retire(&mut self) {
        self.is_retired = true;
        self.took = HashSet::new();
        self.tardy = HashSet::new();
        self.blocked = HashMap::new();
    }

    pub(super) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// The log-ons that count against the account while they have no answer.
    pub(super) fn counting(&self) -> impl Iterator<Item = &Pending> + Clone {
        self.pending.iter().filter(|pending| pending.counts)
    }

    /// Whether this log-on is unanswered, and its answer matters.
    pub(super) fn is_counting(&self, id: u64) -> bool {
        self.counting().any(|pending| pending.id == id)
    }

    /// Whether a log-on to `peer` may be sent now.
    pub(super) fn rule(&self, peer: &Peer, now: Instant) -> Ruling {
        if let Phase::Blocked(refusal) = &self.phase {
            return Ruling::Deny(Denial::Blocked(refusal.clone()));
        }
        if let Some(refusal) = self.blocked.get(peer) {
            return Ruling::Deny(Denial::Blocked(refusal.clone()));
        }
        match (&self.phase, self.rules.process) {
            (Phase::Blocked(_), _) | (Phase::Unproven, _) => self.canary(Rules::UNANSWERED, now),
            (Phase::Proven, Process::OneRun) => Ruling::Send { counts: false, after_hold: false },
            (Phase::Proven, Process::Stays { at_once }) => {
                // A server that stalls again and again would take both places, and no other one could prove that the
                // secret is still right.
                let is_tardy = self.tardy.contains(peer) || self.pending.iter().any(|one| one.peer == *peer);
                self.place(if is_tardy { 1 } else { at_once }, now)
            }
            // The refusal itself is the first one, so that one more is the second wrong log-on.
            (Phase::Suspect(_), Process::Stays { .. }) => self.canary(Rules::UNANSWERED, now),
            (Phase::Suspect(since), Process::OneRun) => self.suspect_canary(*since, now),
        }
    }

    /// One log-on alone, and the next one once it has lapsed.
    fn canary(&self, limit: usize, now: Instant) -> Ruling {
        if let Some(waited_for) = self.counting().find(|pending| !pending.has_lapsed(now)) {
            return Ruling::Wait(waited_for.lapses, waited_for.unanswered());
        }
        if self.counting().count().saturating_add(self.faults.len()) < limit {
            return Ruling::Send { counts: true, after_hold: false };
        }
        self.hold(now)
    }

    /// One of `limit` places for log-ons that are unanswered at the same time.
    fn place(&self, limit: usize, now: Instant) -> Ruling {
        if self.counting().count().saturating_add(self.faults.len()) < limit {
            return Ruling::Send { counts: true, after_hold: false };
        }
        match self.counting().next() {
            Some(waited_for) => Ruling::Wait(after(now, LOOK_AGAIN), waited_for.unanswered()),
            None => self.hold(now),
        }
    }

    /// One log-on alone since the secret became suspect. Those that were sent before do not count.
    fn suspect_canary(&self, since: Instant, now: Instant) -> Ruling {
        let mut canaries = self.counting().filter(|pending| pending.sent >= since);
        if let Some(waited_for) = canaries.clone().find(|pending| !pending.has_lapsed(now)) {
            return Ruling::Wait(waited_for.lapses, waited_for.unanswered());
        }
        // Whatever the reason: an unknown status may be how this server refuses a wrong password.
        if canaries.next().is_none() && !self.faults.iter().any(|fault| fault.sent >= since) {
            return Ruling::Send { counts: true, after_hold: false };
        }
        self.hold(now)
    }

    /// Nothing for a while, then one log-on, and nothing any more where it is not answered either.
    fn hold(&self, now: Instant) -> Ruling {
        let sent = self.counting().map(|pending| (pending.sent, pending.unanswered()));
        let ended = self.faults.iter().map(|fault| (fault.sent, fault.refusal.clone()));
        let Some((last, refusal)) = sent.chain(ended).max_by_key(|(sent, _)| *sent) else {
            return Ruling::Send { counts: true, after_hold: false };
        };
        if let Some(canary) = self.canary_after_hold {
            let under_way = self.counting().find(|one| one.id == canary && !one.has_lapsed(now));
            return match under_way {
                Some(pending) => Ruling::Wait(pending.lapses, pending.unanswered()),
                None => Ruling::Deny(Denial::Blocked(refusal)),
            };
        }
        if after(last, Rules::HOLD) <= now {
            return Ruling::Send { counts: true, after_hold: true };
        }
        Ruling::Deny(Denial::Unanswered(refusal))
    }

    pub(super) fn sent(&mut self, pending: Pending, after_hold: bool) {
        if after_hold {
            self.canary_after_hold = Some(pending.id);
        }
        self.pending.push(pending);
    }

    /// Takes the end of a log-on. Returns what it adds to the account: a fault, or the moment when a log-on was sent
    /// that succeeded.
    pub(super) fn end(&mut self, id: u64, result: LogOnResult, now: Instant) -> Effect {
        let Some(index) = self.pending.iter().position(|pending| pending.id == id) else {
            return Effect::None;
        };
        let pending = self.pending.swap_remove(index);
        match result {
            LogOnResult::Accepted => self.accepted(pending),
            LogOnResult::Refused(reason) => self.refused(pending, reason, now),
            LogOnResult::ServerFailed => {
                if self.canary_after_hold == Some(pending.id) {
                    self.canary_after_hold = None;
                }
                Effect::None
            }
            LogOnResult::Unknown(reason) => {
                if self.tardy.len() < Rules::SERVERS {
                    self.tardy.insert(pending.peer.clone());
                }
                // Nothing in one run counts against a secret that is proven, unless it is refused.
                if !pending.counts {
                    return Effect::None;
                }
                let fault = fault(&pending, reason, now);
                self.faults.push(fault.clone());
                Effect::Fault(fault)
            }
        }
    }

    fn accepted(&mut self, pending: Pending) -> Effect {
        self.tardy.remove(&pending.peer);
        match &self.phase {
            // A refusal stands until the caller allows the account.
            Phase::Blocked(_) => return Effect::None,
            // A success of a log-on that was sent before the refusal says nothing about the time after it.
            Phase::Suspect(since) if pending.sent < *since => {}
            Phase::Suspect(_) | Phase::Unproven | Phase::Proven => {
                self.phase = Phase::Proven;
                self.strangers = 0;
            }
        }
        if self.took.len() < Rules::SERVERS {
            self.took.insert(pending.peer);
        }
        self.canary_after_hold = None;
        let sent = pending.sent;
        self.faults.retain(|fault| !is_forgiven(self.rules, fault, sent));
        Effect::Success(sent)
    }

    fn refused(&mut self, pending: Pending, reason: Reason, now: Instant) -> Effect {
        let fault = fault(&pending, reason, now);
        let refusal = fault.refusal.clone();
        let took_it = self.took.contains(&pending.peer);
        let is_server = matches!(pending.peer, Peer::Server(_));
        // RACE: of several log-ons at one server, sent before its first refusal. They say no more than the first one.
        if self.blocked.contains_key(&pending.peer) && self.rules.is_one_run() {
            return Effect::None;
        }
        match self.phase {
            Phase::Blocked(_) => {}
            Phase::Unproven => self.phase = Phase::Blocked(refusal),
            Phase::Suspect(_) if took_it => self.phase = Phase::Blocked(refusal),
            Phase::Proven | Phase::Suspect(_) => {
                // There is one domain controller for all servers: blocked alone, it would block them all.
                if is_server && self.blocked.len() < Rules::SERVERS {
                    self.blocked.insert(pending.peer.clone(), refusal.clone());
                }
                if took_it {
                    self.faults.push(fault.clone());
                    self.phase = Phase::Suspect(now);
                } else {
                    let was_suspect = matches!(self.phase, Phase::Suspect(since) if pending.sent >= since);
                    self.stranger(&pending, refusal, now);
                    // A process that stays sends no third one: the secret may have been changed, and servers that never
                    // took it are no proof of the contrary.
                    if was_suspect && !self.rules.is_one_run() {
                        self.faults.push(fault.clone());
                    }
                }
            }
        }
        Effect::Fault(fault)
    }

    /// A server refused the secret that never accepted it.
    fn stranger(&mut self, pending: &Pending, refusal: LogOnRefusal, now: Instant) {
        match self.phase {
            // RACE: log-ons that were sent before the secret became suspect end one by one. Each blocks its server.
            Phase::Suspect(since) if pending.sent < since => {}
            // Two made it suspect, and the third is refused as well: no server takes it any more.
            Phase::Suspect(_) if self.strangers >= Rules::STRANGERS => self.phase = Phase::Blocked(refusal),
            _ => {
                self.strangers = self.strangers.saturating_add(1);
                if self.strangers >= Rules::STRANGERS && self.phase == Phase::Proven {
                    self.phase = Phase::Suspect(now);
                }
            }
        }
    }

    /// Forgets refusals. What is still under way does not count any more.
    pub(super) fn allow_again(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        for one in &mut pending {
            one.counts = false;
        }
        *self = Self { pending, ..Self::new(self.rules) };
    }
}

/// What the end of a log-on adds to its account.
#[derive(Debug)]
pub(super) enum Effect {
    None,
    Fault(Fault),
    /// A log-on that was sent at this moment succeeded.
    Success(Instant),
}

/// Whether the success of a log-on that was sent at `sent` shows that `fault` was no wrong secret, or that the domain
/// has forgotten it.
///
/// In a process that stays the password may change at any moment: only a log-on that was sent after the fault tells.
pub(super) fn is_forgiven(rules: Rules, fault: &Fault, sent: Instant) -> bool {
    rules.is_one_run() || fault.ended <= sent
}

fn fault(pending: &Pending, reason: Reason, now: Instant) -> Fault {
    let refusal = LogOnRefusal { server: pending.peer.name().to_owned(), reason };
    Fault { sent: pending.sent, ended: now, refusal }
}
