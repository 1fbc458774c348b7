use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::entry::Entry;
use super::fingerprint::{Fingerprint, FingerprintKey};
use super::{Refusal, Turn};
use crate::Account;

/// What is known of every account.
#[derive(Default)]
pub(crate) struct Guard {
    accounts: Mutex<HashMap<Account, Entry>>,
    key: OnceLock<FingerprintKey>,
    last_id: AtomicU64,
}

impl Guard {
    /// The one that every connection of this process goes through.
    pub(crate) fn of_this_process() -> &'static Arc<Self> {
        static GUARD: LazyLock<Arc<Guard>> = LazyLock::new(Arc::default);
        &GUARD
    }

    /// Whether `account` may be tried at all. For failing before the first packet.
    pub(crate) fn check(&self, account: &Account) -> Result<(), Refusal> {
        let refused = self.lock().get(account).and_then(|entry| entry.refused.clone());
        refused.map_or(Ok(()), Err)
    }

    /// A place in the queue of those who want to log on as `account`. Nothing is sent before
    /// [`Turn::poll`] says so.
    pub(crate) fn queue(
        self: &Arc<Self>,
        account: Account,
        secret: &str,
        patience: Duration,
    ) -> Result<Turn, getrandom::Error> {
        let fingerprint = self.fingerprint(secret)?;
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        Ok(Turn::new(Arc::clone(self), account, fingerprint, id, patience))
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

    /// Changes what is known of `account`, and wakes whom the change concerns.
    pub(super) fn change(&self, account: &Account, change: impl FnOnce(&mut Entry) -> Vec<Waker>) {
        let mut accounts = self.lock();
        let entry = accounts.entry(account.clone()).or_default();
        let wakers = change(entry);
        if entry.is_blank() {
            accounts.remove(account);
        }
        drop(accounts);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn fingerprint(&self, secret: &str) -> Result<Fingerprint, getrandom::Error> {
        let key = match self.key.get() {
            Some(key) => key,
            None => {
                let key = FingerprintKey::random()?;
                self.key.get_or_init(|| key)
            }
        };
        Ok(key.fingerprint(secret))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Account, Entry>> {
        // Nothing panics while the lock is held, and what is in there stays consistent if it did.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
