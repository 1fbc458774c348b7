use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The deadline of the next question: the one that began with `connect()` for the first, a fresh one for
/// each later.
#[derive(Debug)]
pub(crate) struct Deadlines(Mutex<Option<Instant>>);

impl Deadlines {
    pub(crate) fn begun_with(connect: Instant) -> Self {
        Self(Mutex::new(Some(connect)))
    }

    pub(crate) fn next(&self, renewed: impl FnOnce() -> Instant) -> Instant {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(renewed)
    }
}

/// A timeout too long for the clock is as good as thirty years.
pub(crate) fn later(now: Instant, timeout: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(30 * 365 * 86_400);
    now.checked_add(timeout).or_else(|| now.checked_add(LONG)).unwrap_or(now)
}
