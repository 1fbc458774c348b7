use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Wake, Waker};
use std::time::Instant;

/// What a thread without a runtime waits on: a waker on one side, a deadline on the other.
// Not `thread::park`: an unpark meant for the caller's own code must not be swallowed here.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    /// A signal, and the waker that sets it off.
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let signal = Arc::<Self>::default();
        (Arc::clone(&signal), signal.into())
    }

    /// Returns when the waker was woken since the last call, or at `until`.
    pub(crate) fn wait_until(&self, until: Instant) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !*woken {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            woken = self.changed.wait_timeout(woken, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *woken = false;
    }
}

/// What `poll` gives, once it does; `None` where that is not before `deadline`. The waker that it gets wakes this thread.
pub(crate) fn wait_for<T>(deadline: Instant, mut poll: impl FnMut(&Waker) -> Option<T>) -> Option<T> {
    let (signal, waker) = Signal::new();
    loop {
        if let Some(found) = poll(&waker) {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        signal.wait_until(deadline);
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}
