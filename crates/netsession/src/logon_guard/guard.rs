use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::machine::{Machine, Request, Standing};
use super::reason::{Denial, LogOnResult, Peer};
use super::rules::Rules;
use super::secret::{Fingerprint, FingerprintKey, Secret};
use crate::Account;

/// The states of all accounts, and the log-ons that wait.
#[derive(Default)]
pub(crate) struct Guard {
    inner: Mutex<Inner>,
    key: OnceLock<FingerprintKey>,
    last_id: AtomicU64,
}

#[derive(Default)]
struct Inner {
    machine: Machine,
    /// The wakers of the requests that wait, by account and by the number of the request.
    waiting: HashMap<Account, BTreeMap<u64, Waker>>,
}

impl Guard {
    pub(crate) fn new(rules: Rules) -> Self {
        let inner = Inner { machine: Machine::new(rules), waiting: HashMap::new() };
        Self { inner: Mutex::new(inner), ..Self::default() }
    }

    /// The guard of this process, which every connection goes through by default.
    pub(crate) fn of_this_process() -> &'static Arc<Self> {
        static GUARD: LazyLock<Arc<Guard>> = LazyLock::new(Arc::default);
        &GUARD
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn rules(&self) -> Rules {
        self.lock().machine.rules()
    }

    /// Whether a log-on may be tried, to fail before the first packet.
    pub(crate) fn check(&self, account: &Account, secret: &Secret, peer: Peer) -> Result<(), Denial> {
        // Without randomness there is no fingerprint: the log-on itself fails for it.
        let Some(request) = self.unsent_request(account, secret, peer) else { return Ok(()) };
        match self.lock().machine.look(&request, Instant::now()) {
            Standing::Denied(denial) => Err(denial),
            Standing::Go | Standing::Wait(..) => Ok(()),
        }
    }

    /// Whether a log-on at `peer`, which took the secret before, is wanted although its connection is there: another server
    /// left a log-on unanswered, and is asked again once a success shows that the secret is still right. Says so once.
    #[cfg(feature = "tokio")]
    pub(crate) fn take_wish_for_proof(&self, account: &Account, secret: &Secret, peer: Peer) -> bool {
        self.unsent_request(account, secret, peer)
            .is_some_and(|request| self.lock().machine.take_wish_for_proof(&request, Instant::now()))
    }

    /// A request that is only looked at, and neither waits nor is sent; none without randomness.
    fn unsent_request(&self, account: &Account, secret: &Secret, peer: Peer) -> Option<Request> {
        let secret = self.fingerprint(secret).ok()?;
        Some(Request { id: 0, account: account.clone(), secret, peer, patience: Duration::ZERO })
    }

    pub(crate) fn is_blocked(&self, account: &Account) -> bool {
        self.lock().machine.is_blocked(account, Instant::now())
    }

    pub(crate) fn is_held(&self, account: &Account) -> bool {
        self.lock().machine.is_held(account, Instant::now())
    }

    /// Whether something about these credentials is blocked.
    pub(crate) fn has_block(&self, account: &Account, secret: &Secret) -> bool {
        let Ok(secret) = self.fingerprint(secret) else { return false };
        self.lock().machine.has_block(account, &secret, Instant::now())
    }

    /// Takes the credentials in use from `before` to `after`: an account and secret that was not in use may log on again.
    pub(crate) fn change_credentials(
        &self,
        before: impl IntoIterator<Item = (Account, Secret)>,
        after: impl IntoIterator<Item = (Account, Secret)>,
    ) {
        let (before, after) = (self.secrets_of(before), self.secrets_of(after));
        let none = HashSet::new();
        let accounts: HashSet<&Account> = before.keys().chain(after.keys()).collect();
        for account in accounts {
            let secrets =
                |all: &HashMap<Account, HashSet<Fingerprint>>| all.get(account).unwrap_or(&none).clone();
            self.change(account, |machine| {
                machine.change_secrets(account, &secrets(&before), &secrets(&after))
            });
        }
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        let mut inner = self.lock();
        inner.machine.set_rules(rules);
        let waiting = std::mem::take(&mut inner.waiting);
        drop(inner);
        waiting.into_values().flatten().for_each(|(_, waker)| waker.wake());
    }

    fn secrets_of(
        &self,
        credentials: impl IntoIterator<Item = (Account, Secret)>,
    ) -> HashMap<Account, HashSet<Fingerprint>> {
        let mut secrets = HashMap::<_, HashSet<_>>::new();
        for (account, secret) in credentials {
            // Without randomness there is no fingerprint, and no log-on.
            secrets.entry(account).or_default().extend(self.fingerprint(&secret));
        }
        secrets
    }

    pub(crate) fn allow_again(&self, account: &Account) {
        self.change(account, |machine| machine.allow_again(account));
    }

    pub(crate) fn allow_all_again(&self) {
        let mut inner = self.lock();
        inner.machine.allow_all_again();
        let waiting = std::mem::take(&mut inner.waiting);
        drop(inner);
        waiting.into_values().flatten().for_each(|(_, waker)| waker.wake());
    }

    /// Asks to send a log-on; where it has to wait, `waker` is woken when something has changed.
    pub(super) fn ask(&self, request: &Request, waker: &Waker, now: Instant) -> Standing {
        let mut inner = self.lock();
        // RACE: asked and queued under one lock, so that no change between the two is missed.
        let standing = inner.machine.ask(request, now);
        match standing {
            Standing::Wait(..) => {
                let waiting = inner.waiting.entry(request.account.clone()).or_default();
                waiting.insert(request.id, waker.clone());
            }
            Standing::Go | Standing::Denied(_) => inner.forget_waker(request),
        }
        standing
    }

    /// Whether this log-on is unanswered, and its answer matters.
    pub(super) fn is_awaited(&self, request: &Request) -> bool {
        self.lock().machine.is_awaited(request)
    }

    /// The request does not wait any more.
    pub(super) fn leave(&self, request: &Request) {
        let mut inner = self.lock();
        inner.machine.leave(request);
        inner.forget_waker(request);
    }

    pub(super) fn end(&self, request: &Request, result: LogOnResult, now: Instant) {
        self.change(&request.account, |machine| machine.end(request, result, now));
    }

    /// Changes the state of `account`, and wakes the requests that wait for it.
    fn change(&self, account: &Account, change: impl FnOnce(&mut Machine)) {
        let mut inner = self.lock();
        change(&mut inner.machine);
        let waiting = inner.waiting.remove(account).unwrap_or_default();
        // Unlocked first: a waker may poll its task at once, which takes the lock again.
        drop(inner);
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// A number for one request, different from all others of this guard.
    pub(super) fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn fingerprint(&self, secret: &Secret) -> Result<Fingerprint, getrandom::Error> {
        let key = match self.key.get() {
            Some(key) => key,
            None => {
                let key = FingerprintKey::random()?;
                // RACE: two threads may draw a key; the first one stays, and both use it.
                self.key.get_or_init(|| key)
            }
        };
        Ok(key.fingerprint(secret))
    }

    #[cfg(test)]
    pub(super) fn is_blank(&self) -> bool {
        let inner = self.lock();
        inner.machine.is_blank() && inner.waiting.is_empty()
    }

    /// Requests that are to be woken.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.values().map(|waiting| waiting.len()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No code panics while the lock is held, and the map would stay consistent if it did.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_waker(&mut self, request: &Request) {
        if let Some(waiting) = self.waiting.get_mut(&request.account) {
            waiting.remove(&request.id);
            if waiting.is_empty() {
                self.waiting.remove(&request.account);
            }
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
