//! Windows itself: `NetSessionEnum` of `netapi32`, as whoever is logged on.
//!
//! Which levels and pages to ask for, and what a filter leaves, is decided by [`Enumeration`], as on the
//! wire. Each question runs in a thread of its own ([`worker`]): the call cannot be interrupted. All that
//! is unsafe stands in [`netapi`].

mod netapi;
mod plan;
mod server;
#[cfg(test)]
mod tests;
mod worker;

pub(super) use plan::Plan;

use std::time::Instant;

use netsession_proto::client::{self, Enumeration, Failure, ListRequest};

use crate::Listing;
use crate::error::{Cause, Error, Step};
use crate::oneshot::Receiver;
use crate::signal::Signal;

type Answer = Result<Listing, Error>;

const STEP: client::Step = client::Step::Enumerate;

/// Asks one question, off the runtime.
#[cfg(feature = "tokio")]
pub(super) async fn list(plan: &Plan, request: &ListRequest, deadline: Instant) -> Answer {
    let mut taker = start(plan, request, deadline)?;
    let answer = std::future::poll_fn(|context| match taken(plan, &mut taker, context.waker()) {
        Some(answer) => std::task::Poll::Ready(answer),
        None => std::task::Poll::Pending,
    });
    tokio::time::timeout_at(deadline.into(), answer).await.unwrap_or_else(|_| Err(timed_out(plan)))
}

/// Asks one question, and keeps the caller's thread until the deadline at the latest.
pub(super) fn list_blocking(plan: &Plan, request: &ListRequest, deadline: Instant) -> Answer {
    let (signal, waker) = Signal::new();
    let mut taker = start(plan, request, deadline)?;
    loop {
        if let Some(answer) = taken(plan, &mut taker, &waker) {
            return answer;
        }
        if Instant::now() >= deadline {
            return Err(timed_out(plan));
        }
        signal.wait_until(deadline);
    }
}

fn start(plan: &Plan, request: &ListRequest, deadline: Instant) -> Result<Receiver<Answer>, Error> {
    let question = Enumeration::new(request, plan.limits).map_err(|cause| failed(plan, cause))?;
    worker::start(plan, question, deadline)
}

/// The answer, once it is there.
fn taken(plan: &Plan, taker: &mut Receiver<Answer>, waker: &std::task::Waker) -> Option<Answer> {
    match taker.poll(waker) {
        std::task::Poll::Pending => None,
        std::task::Poll::Ready(Some(answer)) => Some(answer),
        std::task::Poll::Ready(None) => {
            let cause = Cause::Local("the thread that asked Windows died".into());
            Some(Err(Error::new(Step::Conversation(STEP), cause).at(plan.server.to_string())))
        }
    }
}

fn timed_out(plan: &Plan) -> Error {
    Error::new(Step::Conversation(STEP), Cause::TimedOut(Vec::new())).at(plan.server.to_string())
}

/// The error that a question ended with.
fn failed(plan: &Plan, cause: client::Cause) -> Error {
    match cause {
        client::Cause::Refused(code) => Error::from_system(plan.server.to_string(), code),
        cause => Error::from_failure(plan.server.to_string(), None, Failure { step: STEP, cause }),
    }
}
