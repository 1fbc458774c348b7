use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

/// One value from a thread to whoever waits for it, with a runtime or without.
pub(crate) fn handover<T>() -> (Giver<T>, Taker<T>) {
    let place = Arc::new(Mutex::new(Place { state: State::Open, waker: None }));
    (Giver(Arc::clone(&place)), Taker(place))
}

/// Gives the value; dropped without one, the taker is told.
#[derive(Debug)]
pub(crate) struct Giver<T>(Arc<Mutex<Place<T>>>);

/// Takes the value.
#[derive(Debug)]
pub(crate) struct Taker<T>(Arc<Mutex<Place<T>>>);

#[derive(Debug)]
struct Place<T> {
    state: State<T>,
    waker: Option<Waker>,
}

#[derive(Debug)]
enum State<T> {
    Open,
    Given(T),
    /// The giver died, or the value is taken.
    Over,
}

/// What a [`Taker`] finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<T> {
    Value(T),
    /// There will be no value.
    Nothing,
    /// The waker will be woken.
    NotYet,
}

impl<T> Giver<T> {
    pub(crate) fn give(self, value: T) {
        self.close(|state| *state = State::Given(value));
    }

    /// Whether there is still somebody who can take it.
    #[cfg(any(windows, test))]
    pub(crate) fn is_awaited(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn close(&self, change: impl FnOnce(&mut State<T>)) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut place.state);
        let waker = place.waker.take();
        drop(place);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.close(|state| {
            if matches!(state, State::Open) {
                *state = State::Over;
            }
        });
    }
}

impl<T> Taker<T> {
    pub(crate) fn poll(&mut self, waker: &Waker) -> Taken<T> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut place.state, State::Over) {
            State::Given(value) => Taken::Value(value),
            State::Over => Taken::Nothing,
            State::Open => {
                place.state = State::Open;
                place.waker = Some(waker.clone());
                Taken::NotYet
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_once() {
        let (giver, mut taker) = handover();
        assert_eq!(taker.poll(Waker::noop()), Taken::NotYet);
        giver.give(7);
        assert_eq!(taker.poll(Waker::noop()), Taken::Value(7));
        assert_eq!(taker.poll(Waker::noop()), Taken::Nothing);
    }

    #[test]
    fn a_taker_that_has_gone_is_noticed() {
        let (giver, taker) = handover::<()>();
        assert!(giver.is_awaited());
        drop(taker);
        assert!(!giver.is_awaited());
    }

    #[test]
    fn a_giver_that_dies_is_noticed() {
        let (giver, mut taker) = handover::<()>();
        drop(giver);
        assert_eq!(taker.poll(Waker::noop()), Taken::Nothing);
    }
}
