use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::pending::{Fault, Pending, after};
use super::reason::{Denial, LogOnRefusal, LogOnResult, Peer};
use super::rules::Rules;
use super::ruling::{LOOK_AGAIN, Ruling};
use super::secret::Fingerprint;
#[cfg(feature = "tokio")]
use super::secret_state::Rank;
use super::secret_state::{Effect, SecretState, is_forgiven};
use crate::Account;

/// The rules of the guard as a state machine without a clock, locks and waiting: events go in, permissions come out.
#[derive(Debug, Default)]
pub(super) struct Machine {
    rules: Rules,
    accounts: HashMap<Account, AccountState>,
}

/// All secrets of one account.
#[derive(Debug, Default)]
struct AccountState {
    secrets: HashMap<Fingerprint, SecretState>,
    /// Log-ons of all secrets that count against the account, since its last success.
    faults: Vec<Fault>,
}

/// A log-on that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: u64,
    pub(super) account: Account,
    pub(super) secret: Fingerprint,
    pub(super) peer: Peer,
    pub(super) patience: Duration,
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Send it now, and report the end of it.
    Go,
    /// Do not send it at all.
    Denied(Denial),
    /// Ask again when woken, and at this moment at the latest. The log-on that is waited for is unanswered so far.
    Wait(Instant, LogOnRefusal),
}

impl Machine {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, accounts: HashMap::new() }
    }

    #[cfg(feature = "tokio")]
    pub(super) fn rules(&self) -> Rules {
        self.rules
    }

    /// Asks to send a log-on. Where the answer is [`Standing::Go`] it counts as sent; where it is [`Standing::Wait`] it
    /// waits until it asks again or leaves.
    pub(super) fn ask(&mut self, request: &Request, now: Instant) -> Standing {
        match self.look_and_note(request, now) {
            Ruling::Wait(until, refusal) => {
                if let Some(state) = self.secret_mut(request) {
                    state.waiting.insert(request.id, request.peer.clone());
                }
                Standing::Wait(until, refusal)
            }
            Ruling::Deny(denial) => {
                self.leave(request);
                Standing::Denied(denial)
            }
            Ruling::Send { counts, after_hold } => {
                let Request { id, account, secret, peer, patience } = request;
                let account = self.accounts.entry(account.clone()).or_default();
                let state = account.secrets.entry(*secret).or_insert_with(|| SecretState::new(self.rules));
                state.waiting.remove(id);
                state.sent(Pending::new(*id, peer, now, *patience, counts), after_hold);
                Standing::Go
            }
        }
    }

    /// What [`ask`](Self::ask) would answer.
    pub(super) fn look(&mut self, request: &Request, now: Instant) -> Standing {
        match self.look_and_note(request, now) {
            Ruling::Wait(until, refusal) => Standing::Wait(until, refusal),
            Ruling::Deny(denial) => Standing::Denied(denial),
            Ruling::Send { .. } => Standing::Go,
        }
    }

    /// Whether this log-on may be sent now, and its success would free a server that stalled. Said once for each server that
    /// is denied: the log-on is expected to follow.
    #[cfg(feature = "tokio")]
    pub(super) fn take_wish_for_proof(&mut self, request: &Request, now: Instant) -> bool {
        let Some(account) = self.accounts.get(&request.account) else { return false };
        let Some(state) = account.secrets.get(&request.secret) else { return false };
        let can_prove = state.wants_proof && state.rank(&request.peer) == Rank::Took;
        if !can_prove || !matches!(self.rule(request, now), Ruling::Send { .. }) {
            return false;
        }
        self.secret_mut(request).is_some_and(|state| std::mem::take(&mut state.wants_proof))
    }

    /// The request does not wait any more.
    pub(super) fn leave(&mut self, request: &Request) {
        if let Some(state) = self.secret_mut(request) {
            state.waiting.remove(&request.id);
        }
    }

    fn look_and_note(&mut self, request: &Request, now: Instant) -> Ruling {
        let ruling = self.rule(request, now);
        if let (Ruling::Deny(Denial::Unanswered(_)), Some(state)) = (&ruling, self.secret_mut(request)) {
            state.note_denied(&request.peer);
        }
        ruling
    }

    fn secret_mut(&mut self, request: &Request) -> Option<&mut SecretState> {
        self.accounts.get_mut(&request.account)?.secrets.get_mut(&request.secret)
    }

    fn rule(&self, request: &Request, now: Instant) -> Ruling {
        let send = Ruling::Send { counts: true, after_hold: false };
        let Some(account) = self.accounts.get(&request.account) else { return send };
        let ruling = match account.secrets.get(&request.secret) {
            Some(state) => state.rule(&request.peer, now),
            None => send,
        };
        match ruling {
            Ruling::Send { counts: true, .. } if request.account.names_a_domain() => {
                let bound = account.within_bound(self.rules, now);
                bound.or_else(|| account.last_place(self.rules, request, now)).unwrap_or(ruling)
            }
            other => other,
        }
    }

    /// Tells the end of a log-on that was sent.
    pub(super) fn end(&mut self, request: &Request, result: LogOnResult, now: Instant) {
        let Some(account) = self.accounts.get_mut(&request.account) else { return };
        let Some(state) = account.secrets.get_mut(&request.secret) else { return };
        let effect = state.end(request.id, result, now);
        if state.is_blank() {
            account.secrets.remove(&request.secret);
        }
        if request.account.names_a_domain() {
            match effect {
                Effect::None => {}
                Effect::Fault(fault) => account.faults.push(fault),
                Effect::Success(sent) => {
                    account.faults.retain(|fault| !is_forgiven(self.rules, fault, sent));
                }
            }
        }
        if account.secrets.is_empty() && account.faults.is_empty() {
            self.accounts.remove(&request.account);
        }
    }

    /// Whether this log-on is unanswered, and its answer matters.
    pub(super) fn is_awaited(&self, request: &Request) -> bool {
        let account = self.accounts.get(&request.account);
        let secret = account.and_then(|account| account.secrets.get(&request.secret));
        secret.is_some_and(|secret| secret.is_awaited(request.id))
    }

    /// Whether the account, or one of its secrets, is blocked.
    pub(super) fn is_blocked(&self, account: &Account, now: Instant) -> bool {
        self.accounts.get(account).is_some_and(|state| {
            let bound = account.names_a_domain().then(|| state.within_bound(self.rules, now)).flatten();
            matches!(bound, Some(Ruling::Deny(_)))
                || state.secrets.values().any(|secret| secret.is_blocked(now))
        })
    }

    /// Whether a secret of the account is not tried because log-ons are unanswered. It may be blocked as well.
    pub(super) fn is_held(&self, account: &Account, now: Instant) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|state| state.secrets.values().any(|secret| secret.is_held(now)))
    }

    /// Whether something about this secret is blocked: it, one server for it, or its account.
    pub(super) fn has_block(&self, account: &Account, secret: &Fingerprint, now: Instant) -> bool {
        let Some(state) = self.accounts.get(account) else { return false };
        let bound = account.names_a_domain().then(|| state.within_bound(self.rules, now)).flatten();
        matches!(bound, Some(Ruling::Deny(_)))
            || state.secrets.get(secret).is_some_and(|state| state.has_block(now))
    }

    /// The secrets of `account` in use were `before`, and are `after` now: one that was not in use may log on again.
    pub(super) fn change_secrets(
        &mut self,
        account: &Account,
        before: &HashSet<Fingerprint>,
        after: &HashSet<Fingerprint>,
    ) {
        let Some(state) = self.accounts.get_mut(account) else { return };
        let added = after.difference(before);
        for secret in added.clone() {
            state.secrets.get_mut(secret).into_iter().for_each(SecretState::allow_again);
        }
        if added.count() > 0 {
            state.faults.clear();
        }
        // RACE: a connection may still be about to log on with a secret that is in use no more. What blocks it stays.
        for (_, state) in state.secrets.iter_mut().filter(|(secret, _)| !after.contains(*secret)) {
            state.retire();
        }
    }

    /// Changes the rules for all accounts.
    pub(super) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
        let secrets = self.accounts.values_mut().flat_map(|account| account.secrets.values_mut());
        secrets.for_each(|state| state.set_rules(rules));
    }

    pub(super) fn allow_again(&mut self, account: &Account) {
        if let Some(state) = self.accounts.get_mut(account) {
            state.allow_again();
        }
    }

    pub(super) fn allow_all_again(&mut self) {
        self.accounts.values_mut().for_each(AccountState::allow_again);
    }

    #[cfg(test)]
    pub(super) fn is_blank(&self) -> bool {
        self.accounts.is_empty()
    }
}

impl AccountState {
    /// What stands against one more log-on with any secret of the account.
    fn within_bound(&self, rules: Rules, now: Instant) -> Option<Ruling> {
        if self.outstanding() < rules.without_success() {
            return None;
        }
        let counting = || self.secrets.values().flat_map(SecretState::counting);
        // One that has lapsed is as good as unanswered.
        if let Some(pending) = counting().find(|pending| !pending.has_lapsed(now)) {
            return Some(Ruling::Wait(pending.lapses, pending.unanswered()));
        }
        let last = self.faults.last().map(|fault| fault.refusal.clone());
        let refusal = last.or_else(|| counting().next().map(Pending::unanswered))?;
        Some(Ruling::Deny(Denial::Blocked(refusal)))
    }

    /// The last log-on of the bound is for a server that took the secret before, as long as one may be asked again soon:
    /// its success shows that the refusals of others were their own affair. Log-ons at several of those overlap, so that a
    /// success between them need not forgive the first of them.
    fn last_place(&self, rules: Rules, request: &Request, now: Instant) -> Option<Ruling> {
        let state = self.secrets.get(&request.secret)?;
        let last = self.faults.last()?;
        let is_last = self.outstanding().saturating_add(1) == rules.without_success();
        let is_early = now < after(last.ended, Rules::ASKED_AGAIN);
        let waits = is_last && is_early && !rules.is_one_run() && state.has_better_than(Some(&request.peer));
        waits.then(|| Ruling::Wait(after(now, LOOK_AGAIN), last.refusal.clone()))
    }

    /// Log-ons of all secrets that may have been wrong ones, since the last success.
    fn outstanding(&self) -> usize {
        let counting = self.secrets.values().flat_map(SecretState::counting).count();
        counting.saturating_add(self.faults.len())
    }

    fn allow_again(&mut self) {
        self.faults.clear();
        self.secrets.values_mut().for_each(SecretState::allow_again);
    }
}
