use std::sync::{Mutex, PoisonError};
use std::time::Instant;

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
