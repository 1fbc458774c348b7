//! The Windows backend: the calls of `netapi32`, as the logged-on user.
//!
//! The same [`Query`] as in the SMB backend decides which call comes next and filters the answer. Each question runs in
//! a thread of its own ([`worker`]), because a call cannot be interrupted. All unsafe code is in [`netapi`].

mod netapi;
mod plan;
mod server;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use plan::WindowsPlan;

use std::task::{Poll, Waker};
use std::time::Instant;

use netsession_proto::query::Query;

use crate::error::{Cause, Error, LocalError, Step};
use crate::oneshot::Receiver;
use crate::question::Ask;
use crate::signal::wait_for;

/// Asks one question, off the runtime.
#[cfg(feature = "tokio")]
pub(super) async fn ask<Q: Ask + Clone + Send + 'static>(
    plan: &WindowsPlan,
    question: &Q,
    deadline: Instant,
) -> Result<Q::Output, Error> {
    let mut receiver = worker::start(plan, question, deadline)?;
    let answer = std::future::poll_fn(|context| match taken::<Q>(plan, &mut receiver, context.waker()) {
        Some(answer) => Poll::Ready(answer),
        None => Poll::Pending,
    });
    let answer = tokio::time::timeout_at(deadline.into(), answer).await;
    answer.unwrap_or_else(|_| Err(worker::timed_out::<Q>(plan)))
}

/// Asks one question, and keeps the caller's thread until the deadline at the latest.
pub(super) fn ask_blocking<Q: Ask + Clone + Send + 'static>(
    plan: &WindowsPlan,
    question: &Q,
    deadline: Instant,
) -> Result<Q::Output, Error> {
    let mut receiver = worker::start(plan, question, deadline)?;
    let answer = wait_for(deadline, |waker| taken::<Q>(plan, &mut receiver, waker));
    answer.unwrap_or_else(|| Err(worker::timed_out::<Q>(plan)))
}

/// The answer, once it is there.
fn taken<Q: Ask>(
    plan: &WindowsPlan,
    receiver: &mut Receiver<Result<Q::Output, Error>>,
    waker: &Waker,
) -> Option<Result<Q::Output, Error>> {
    match receiver.poll(waker) {
        Poll::Pending => None,
        Poll::Ready(Some(answer)) => Some(answer),
        Poll::Ready(None) => {
            let cause = Cause::Local(LocalError::ThreadDied("the thread that asked Windows"));
            Some(Err(
                Error::new(Step::for_call(Q::Query::OPERATION), cause).with_server(plan.server.to_string())
            ))
        }
    }
}
