use std::time::Instant;

use super::Query;
use super::steps::{Next, Steps};
use crate::client::{CallUnderWay, Connection, Failure, Pipe, Reply, Step};

/// A [`Query`] on one pipe of a connection: makes its calls, one after the other, until it is answered.
pub(super) enum OnPipe<Q: Query> {
    Calling(CallUnderWay, Steps<Q>),
    /// The query, or why the server refused its call.
    Ended(Pipe, Result<Q, Failure>),
}

impl<Q: Query> OnPipe<Q> {
    /// Makes the call that is due.
    pub(super) fn call(
        pipe: Pipe,
        steps: Steps<Q>,
        deadline: Instant,
        connection: &mut Connection,
    ) -> Result<Self, Failure> {
        let call = steps.send(deadline, |call| CallUnderWay::begin(pipe, call, connection))?;
        Ok(Self::Calling(call, steps))
    }

    /// The step of a call that is under way.
    pub(super) fn step(&self) -> Option<Step> {
        match self {
            Self::Calling(call, _) => Some(call.step()),
            Self::Ended(..) => None,
        }
    }

    /// Takes a reply; one that is not its own changes nothing.
    pub(super) fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        match self {
            Self::Calling(call, _) => call.take(reply, connection),
            Self::Ended(..) => Ok(()),
        }
    }

    /// Reads what has come, and makes the next call where one is due.
    pub(super) fn go_on(
        self,
        connection: &mut Connection,
        deadline: Instant,
        mut emit: impl FnMut(Vec<Q::Item>),
    ) -> Result<Self, Failure> {
        let (mut call, mut steps) = match self {
            Self::Calling(call, steps) => (call, steps),
            ended @ Self::Ended(..) => return Ok(ended),
        };
        let mut emit = |items: Vec<Q::Item>| {
            if !items.is_empty() {
                emit(items);
            }
        };
        emit(steps.read_ahead(call.take_stub(connection))?);
        let (pipe, answer) = match call.finish(connection) {
            Ok(finished) => finished,
            Err(call) => return Ok(Self::Calling(call, steps)),
        };
        match steps.answered(answer)? {
            Next::Ask(items, steps) => {
                emit(items);
                Self::call(pipe, steps, deadline, connection)
            }
            Next::Done(items, query) => {
                emit(items);
                Ok(Self::Ended(pipe, Ok(query)))
            }
            Next::Refused(failure) => Ok(Self::Ended(pipe, Err(failure))),
        }
    }

    /// Bytes of the answer under way that are held and not emitted yet, as they came from the server.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Calling(call, steps) => call.held_bytes().saturating_add(steps.held_bytes()),
            Self::Ended(..) => 0,
        }
    }
}
