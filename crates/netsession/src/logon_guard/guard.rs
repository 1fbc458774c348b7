use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use super::entry::{Entry, LogOnRefusal};
use super::secret::{Fingerprint, FingerprintKey, Secret};
use crate::Account;

/// The states of all accounts.
#[derive(Default)]
pub(crate) struct Guard {
    accounts: Mutex<HashMap<Account, Entry>>,
    key: OnceLock<FingerprintKey>,
    last_id: AtomicU64,
}

impl Guard {
    /// The guard of this process, which every connection goes through by default.
    pub(crate) fn of_this_process() -> &'static Arc<Self> {
        static GUARD: LazyLock<Arc<Guard>> = LazyLock::new(Arc::default);
        &GUARD
    }

    /// Whether `account` may be tried, to fail before the first packet.
    pub(crate) fn check(&self, account: &Account) -> Result<(), LogOnRefusal> {
        let refused = self.lock().get(account).and_then(|entry| entry.refused.clone());
        refused.map_or(Ok(()), Err)
    }

    pub(crate) fn allow_again(&self, account: &Account) {
        if let Some(entry) = self.lock().get_mut(account) {
            entry.refused = None;
        }
    }

    pub(crate) fn allow_all_again(&self) {
        for entry in self.lock().values_mut() {
            entry.refused = None;
        }
    }

    /// Changes the state of `account`, and wakes the requests that the change concerns.
    pub(super) fn change(&self, account: &Account, change: impl FnOnce(&mut Entry) -> Vec<Waker>) {
        let mut accounts = self.lock();
        let entry = accounts.entry(account.clone()).or_default();
        let wakers = change(entry);
        if entry.is_blank() {
            accounts.remove(account);
        }
        // Unlocked first: a waker may poll its task at once, which takes the lock again.
        drop(accounts);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// A number for one permit, different from all others of this guard.
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

    fn lock(&self) -> MutexGuard<'_, HashMap<Account, Entry>> {
        // No code panics while the lock is held, and the map would stay consistent if it did.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
