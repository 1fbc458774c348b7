use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// A channel for one value from a thread to a task or to another thread: any [`Waker`] will do.
pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Mutex::new(Slot { state: State::Open, waker: None }));
    (Sender(Arc::clone(&slot)), Receiver(slot))
}

/// Sends the value. Dropped without one, it closes the channel.
#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Mutex<Slot<T>>>);

/// Receives the value.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Mutex<Slot<T>>>);

#[derive(Debug)]
struct Slot<T> {
    state: State<T>,
    waker: Option<Waker>,
}

#[derive(Debug)]
enum State<T> {
    Open,
    Sent(T),
    /// The sender was dropped, or the value has been received.
    Closed,
}

impl<T> Sender<T> {
    pub(crate) fn send(self, value: T) {
        self.close(|state| *state = State::Sent(value));
    }

    /// Whether the receiver has not been dropped.
    pub(crate) fn is_awaited(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn close(&self, change: impl FnOnce(&mut State<T>)) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut slot.state);
        let waker = slot.waker.take();
        // Woken without the lock: a waker may poll at once.
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.close(|state| {
            if matches!(state, State::Open) {
                *state = State::Closed;
            }
        });
    }
}

impl<T> Receiver<T> {
    /// The value; `None` when there is none and none will come. While it is pending the waker is kept, in place of
    /// the one before.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Option<T>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut slot.state, State::Closed) {
            State::Sent(value) => Poll::Ready(Some(value)),
            State::Closed => Poll::Ready(None),
            State::Open => {
                slot.state = State::Open;
                slot.waker = Some(waker.clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_received_once() {
        let (sender, mut receiver) = channel();
        assert_eq!(receiver.poll(Waker::noop()), Poll::Pending);
        sender.send(7);
        assert_eq!(receiver.poll(Waker::noop()), Poll::Ready(Some(7)));
        assert_eq!(receiver.poll(Waker::noop()), Poll::Ready(None));
    }

    #[test]
    fn sender_notices_a_dropped_receiver() {
        let (sender, receiver) = channel::<()>();
        assert!(sender.is_awaited());
        drop(receiver);
        assert!(!sender.is_awaited());
    }

    #[test]
    fn receiver_notices_a_dropped_sender() {
        let (sender, mut receiver) = channel::<()>();
        drop(sender);
        assert_eq!(receiver.poll(Waker::noop()), Poll::Ready(None));
    }
}
