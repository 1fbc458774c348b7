use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use tokio::time::sleep_until;

/// Returns when this task is woken by whatever it has given its waker to, and at `until` at the latest.
pub(crate) async fn woken_or(until: Instant) {
    let mut alarm = pin!(sleep_until(until.into()));
    let mut polled = false;
    poll_fn(|context| {
        let woken = std::mem::replace(&mut polled, true);
        match alarm.as_mut().poll(context) {
            Poll::Pending if !woken => Poll::Pending,
            _ => Poll::Ready(()),
        }
    })
    .await;
}
