//! The wire: two drivers, async and blocking, over the one state machine of `netsession-proto`.
//!
//! A driver carries bytes and waits. What to do next, in which order and until when, it is told by the
//! conversation, which both share.

mod authenticator;
mod buffer;
mod conversation;
#[cfg(feature = "tokio")]
mod driver_async;
mod driver_blocking;
mod entropy;
mod log_on;
mod plan;
#[cfg(test)]
mod tests;
#[cfg(feature = "tokio")]
mod wait;
mod ways;

use conversation::Outcome;
#[cfg(feature = "tokio")]
pub(crate) use driver_async::{Driver as AsyncDriver, connect, log_on, open, resolve};
pub(crate) use driver_blocking::{Driver as BlockingDriver, connect as connect_blocking};
pub(crate) use plan::Plan;
#[cfg(all(test, feature = "tokio"))]
pub(crate) use wait::woken_or;

use std::io;
use std::net::{IpAddr, SocketAddr};

use netsession_proto::client;

use crate::error::{Cause, Error, Step};
use crate::{Listing, Timings};

impl Outcome {
    /// The same; an error tells how far it came.
    fn after(self, timings: Timings) -> Self {
        match self {
            Self::Refused(error) => Self::Refused(error.after(timings)),
            Self::Failed(error) => Self::Failed(error.after(timings)),
            Self::Ready(_) | Self::Listed(_) => self,
        }
    }

    /// Whether another question can be asked, and the answer to this one.
    fn settle(self, plan: &Plan) -> (bool, Result<Listing, Error>) {
        match self {
            Self::Listed(listing) => (true, Ok(listing)),
            Self::Refused(error) => (true, Err(error)),
            Self::Failed(error) => (false, Err(error)),
            Self::Ready(_) => {
                let cause = client::Cause::Misbehaved("no answer to the question");
                let step = Step::Conversation(client::Step::Enumerate);
                (false, Err(plan.named(Error::new(step, Cause::Conversation(cause)))))
            }
        }
    }
}

/// Both ends of a new connection.
fn local_address(
    local: io::Result<SocketAddr>,
    peer: io::Result<SocketAddr>,
) -> Result<(IpAddr, SocketAddr), Error> {
    match (local, peer) {
        (Ok(local), Ok(peer)) => Ok((local.ip(), peer)),
        // It was connected a moment ago: it has been reset since.
        (Err(_), _) | (_, Err(_)) => {
            Err(Error::new(Step::Connect, Cause::Conversation(client::Cause::Closed)))
        }
    }
}

fn resolve_timed_out() -> Error {
    Error::new(Step::Resolve, Cause::TimedOut(Vec::new()))
}

/// Why a connection did not become ready.
fn no_answer(outcome: Outcome, plan: &Plan) -> Error {
    match outcome {
        Outcome::Failed(error) | Outcome::Refused(error) => error,
        Outcome::Ready(_) | Outcome::Listed(_) => {
            let cause = client::Cause::Misbehaved("an answer before the question");
            plan.named(Error::new(Step::Conversation(client::Step::Bind), Cause::Conversation(cause)))
        }
    }
}
