//! What several tests share: made by the first one that wants it, ended after the last one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Result, anyhow};

/// An error as text, so that each of the tests sees why the value could not be made.
type Made<T> = Arc<OnceLock<Result<Arc<T>, String>>>;

/// Values by their settings.
#[derive(Debug)]
pub struct Shared<K, T>(Mutex<BTreeMap<K, Made<T>>>);

impl<K: Ord, T> Shared<K, T> {
    /// Nothing is made yet.
    pub const fn empty() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The value with these settings; tests that want the same one wait while `make` runs.
    pub fn get(&self, settings: K, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let made = Arc::clone(lock(&self.0).entry(settings).or_default());
        let value = made.get_or_init(|| make().map(Arc::new).map_err(|error| format!("{error:?}")));
        value.clone().map_err(|error| anyhow!(error))
    }

    /// Drops all values: statics are not dropped by themselves.
    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// Locks also after a panic: the thread that panicked with the lock has reported it already.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
