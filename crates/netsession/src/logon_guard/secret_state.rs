use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use super::pending::{Fault, Pending};
use super::reason::{LogOnRefusal, LogOnResult, Peer, Reason};
use super::rules::Rules;

/// The state of one secret of one account.
#[derive(Debug)]
pub(super) struct SecretState {
    pub(super) rules: Rules,
    pub(super) phase: Phase,
    pending: Vec<Pending>,
    /// The servers of the log-ons that wait, by the number of the request.
    pub(super) waiting: BTreeMap<u64, Peer>,
    /// Since the last success.
    pub(super) faults: Vec<Fault>,
    /// Servers that are blocked alone.
    pub(super) blocked: HashMap<Peer, LogOnRefusal>,
    /// Servers that accepted the secret.
    pub(super) took: HashSet<Peer>,
    /// Servers that left their last log-on unanswered.
    tardy: HashSet<Peer>,
    /// Refusals by servers that never accepted the secret, since it was proven last.
    strangers: usize,
    /// The log-on that was sent after the hold, until a success.
    pub(super) canary_after_hold: Option<u64>,
    /// Whether a server that left no log-on unanswered was asked for while nothing may be sent.
    pub(super) others_ask: bool,
    /// Whether a server that stalls is not asked until another one shows that the secret is still right.
    pub(super) wants_proof: bool,
    /// The caller has another secret now. Connections that were begun before may still have this one.
    pub(super) is_retired: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    Unproven,
    Proven,
    Suspect(Suspicion),
    Blocked(LogOnRefusal),
}

/// Why a secret that was proven may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suspicion {
    pub(super) since: Instant,
    pub(super) by: LogOnRefusal,
    /// Whether a server refused the secret that accepted it before.
    took_it: bool,
}

/// How much the answer of a server reports about a secret: least is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It accepted the secret before, and answered its last log-on.
    Took,
    Unknown,
    /// It left its last log-on unanswered, or has one without an answer now.
    Stalls,
}

impl SecretState {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            phase: Phase::Unproven,
            pending: Vec::new(),
            waiting: BTreeMap::new(),
            faults: Vec::new(),
            blocked: HashMap::new(),
            took: HashSet::new(),
            tardy: HashSet::new(),
            strangers: 0,
            canary_after_hold: None,
            others_ask: false,
            wants_proof: false,
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
        self.pending.iter().filter(|pending| pending.counts && !pending.is_forgiven)
    }

    /// Whether this log-on is unanswered, and its answer matters. After a later success it does as well: a refusal may
    /// be the first one of a password that was changed.
    pub(super) fn is_awaited(&self, id: u64) -> bool {
        self.pending.iter().any(|pending| pending.id == id && pending.counts)
    }

    pub(super) fn rank(&self, peer: &Peer) -> Rank {
        if self.is_tardy(peer) || self.pending.iter().any(|pending| pending.peer == *peer) {
            Rank::Stalls
        } else if self.took.contains(peer) {
            Rank::Took
        } else {
            Rank::Unknown
        }
    }

    pub(super) fn is_tardy(&self, peer: &Peer) -> bool {
        self.tardy.contains(peer)
    }

    /// Nothing may be sent to this server now because log-ons are unanswered.
    pub(super) fn note_denied(&mut self, peer: &Peer) {
        let stalls = self.rank(peer) == Rank::Stalls;
        self.others_ask |= !stalls;
        self.wants_proof |= stalls && !self.rules.is_one_run();
    }

    pub(super) fn sent(&mut self, pending: Pending, after_hold: bool) {
        if after_hold {
            self.canary_after_hold = Some(pending.id);
        }
        self.others_ask = false;
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
                // Nothing was learned of the password: the one log-on that is sent after 35 minutes is still to be sent.
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
                if !pending.counts || pending.is_forgiven {
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
            Phase::Suspect(suspicion) if pending.sent < suspicion.since => {}
            Phase::Suspect(_) | Phase::Unproven | Phase::Proven => {
                self.phase = Phase::Proven;
                self.strangers = 0;
            }
        }
        if self.took.len() < Rules::SERVERS {
            self.took.insert(pending.peer);
        }
        self.canary_after_hold = None;
        self.wants_proof = false;
        let (rules, sent) = (self.rules, pending.sent);
        self.faults.retain(|fault| !is_forgiven(rules, fault, sent));
        for one in &mut self.pending {
            // It was sent so much earlier that its password was checked before: the place is free for another one, and
            // the answer is still heard.
            one.is_forgiven |= rules.is_one_run() || one.has_lapsed(sent);
        }
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
                    self.phase = Phase::Suspect(Suspicion { since: now, by: refusal, took_it });
                } else {
                    self.refused_by_stranger(&pending, &fault, now);
                }
            }
        }
        Effect::Fault(fault)
    }

    /// A server refused the secret that never accepted it: it may have another account of the same name.
    fn refused_by_stranger(&mut self, pending: &Pending, fault: &Fault, now: Instant) {
        let was_two = self.strangers >= Rules::STRANGERS;
        match &self.phase {
            // RACE: log-ons that were sent before the secret became suspect end one by one. Each blocks its server.
            Phase::Suspect(suspicion) if pending.sent < suspicion.since => {}
            // In one run the servers that took the secret are not asked again, so that any number of others in a row may
            // be odd. Each blocks itself, one at a time; the account of a domain has its own bound.
            Phase::Suspect(suspicion) if self.rules.is_one_run() && !suspicion.took_it => {}
            // A process that stays sends no third one: the secret may have been changed, and servers that never took it
            // are no proof of the contrary.
            Phase::Suspect(_) if was_two && !self.rules.is_one_run() => {
                self.phase = Phase::Blocked(fault.refusal.clone());
            }
            Phase::Suspect(_) => {
                self.strangers = self.strangers.saturating_add(1);
                self.faults.push(fault.clone());
            }
            Phase::Unproven | Phase::Proven | Phase::Blocked(_) => {
                self.strangers = self.strangers.saturating_add(1);
                if self.strangers >= Rules::STRANGERS {
                    let by = fault.refusal.clone();
                    self.phase = Phase::Suspect(Suspicion { since: now, by, took_it: false });
                }
            }
        }
    }

    /// Forgets refusals. What is still under way does not count any more.
    pub(super) fn allow_again(&mut self) {
        // They were sent with what counted before. If they counted on, a late refusal would block what is allowed now.
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
    let refusal = LogOnRefusal { server: pending.peer.to_string(), reason };
    Fault { sent: pending.sent, ended: now, refusal }
}
