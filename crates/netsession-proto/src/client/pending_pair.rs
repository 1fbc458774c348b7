use std::collections::VecDeque;
use std::time::Instant;

use super::channel::Reply;
use super::connection::Connection;
use super::pending_call::PendingCall;
use super::pipe::Pipe;
use super::rpc_pipe::PipePair;
use super::task::{Running, Task, machine_of_running};
use super::under_way::CallUnderWay;
use super::{Call, Failure, Machine, Step};
use crate::rpce::FaultStatus;

impl PipePair {
    /// Carries a call out on each pipe, at the same time, until the first of the two deadlines. Drive the
    /// [`PendingPair`] until one of them is answered.
    #[must_use]
    pub fn call(self, first: &Call<'_>, second: &Call<'_>, now: Instant) -> PendingPair {
        let Self { mut connection, first: first_pipe, second: second_pipe } = self;
        let deadline = first.deadline.min(second.deadline);
        let begun = CallUnderWay::begin(first_pipe, first, &mut connection).and_then(|first| {
            let second = CallUnderWay::begin(second_pipe, second, &mut connection)?;
            Ok(TwoCalls { first, second, deadline })
        });
        PendingPair { running: Running::start(connection, begun, deadline, now) }
    }
}

/// Two calls under way, each on a pipe of its own, until the server has answered one of them.
///
/// That answer comes as [`PendingPairEvent::Answered`], with a [`FreePipe`], or it ends with
/// [`PendingPairEvent::Failed`], after which nothing happens any more.
#[derive(Debug)]
pub struct PendingPair {
    running: Running<TwoCalls>,
}

/// One of the pipes of a [`PipePair`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichPipe {
    /// The one that the handshake opened.
    First,
    /// The one that was opened beside it.
    Second,
}

/// What a driver of a [`PendingPair`] is told.
#[derive(Debug)]
pub enum PendingPairEvent {
    /// The next piece of the stub of one answer, which is not complete; never nothing.
    Stub(WhichPipe, Vec<u8>),
    /// The rest of the stub of one answer, or the fault in its place; and the pipe, for the next call.
    Answered(WhichPipe, Box<FreePipe>, Result<Vec<u8>, FaultStatus>),
    /// The connection has failed: close it.
    Failed(Failure),
}

impl From<Failure> for PendingPairEvent {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The pipe of a [`PipePair`] whose call is answered, while the call on the other one is under way.
#[derive(Debug)]
pub struct FreePipe {
    connection: Box<Connection>,
    which: WhichPipe,
    pipe: Pipe,
    other: CallUnderWay,
    deadline: Instant,
}

impl FreePipe {
    /// Carries the next call out on this pipe. The deadline of the other call holds as well.
    #[must_use]
    pub fn call(self, call: &Call<'_>, now: Instant) -> PendingPair {
        let Self { mut connection, which, pipe, other, deadline } = self;
        let deadline = deadline.min(call.deadline);
        let begun = CallUnderWay::begin(pipe, call, &mut connection).map(|call| match which {
            WhichPipe::First => TwoCalls { first: call, second: other, deadline },
            WhichPipe::Second => TwoCalls { first: other, second: call, deadline },
        });
        PendingPair { running: Running::start(connection, begun, deadline, now) }
    }

    /// Leaves this pipe idle and goes on with the call on the other one. That other one is the first pipe of the
    /// [`RpcPipe`](super::RpcPipe) that this ends in: the one for the next call.
    #[must_use]
    pub fn wait_for_other(self, now: Instant) -> PendingCall {
        let Self { connection, which: _, pipe, other, deadline } = self;
        PendingCall::beside(pipe, other, connection, deadline, now)
    }
}

/// A call on each of the pipes.
#[derive(Debug)]
struct TwoCalls {
    first: CallUnderWay,
    second: CallUnderWay,
    deadline: Instant,
}

impl PendingPair {
    /// Bytes of the answer to one of the calls that are held here, without those of events that are not taken yet.
    #[must_use]
    pub fn held_bytes(&self, which: WhichPipe) -> usize {
        self.running.peek().map_or(0, |calls| match which {
            WhichPipe::First => calls.first.held_bytes(),
            WhichPipe::Second => calls.second.held_bytes(),
        })
    }
}

impl Task for TwoCalls {
    type Event = PendingPairEvent;

    /// That of the first call, for what concerns both.
    fn step(&self) -> Step {
        self.first.step()
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.first.take(reply, connection)?;
        self.second.take(reply, connection)
    }

    fn go_on(
        self,
        connection: Box<Connection>,
        events: &mut VecDeque<PendingPairEvent>,
    ) -> Option<(Box<Connection>, Self)> {
        let Self { mut first, mut second, deadline } = self;
        let stub = |which| move |stub| PendingPairEvent::Stub(which, stub);
        events.extend(first.take_stub(&connection).map(stub(WhichPipe::First)));
        let (which, pipe, answer, other) = match first.finish(&connection) {
            Ok((pipe, answer)) => (WhichPipe::First, pipe, answer, second),
            Err(first) => {
                events.extend(second.take_stub(&connection).map(stub(WhichPipe::Second)));
                match second.finish(&connection) {
                    Ok((pipe, answer)) => (WhichPipe::Second, pipe, answer, first),
                    Err(second) => return Some((connection, Self { first, second, deadline })),
                }
            }
        };
        let free = FreePipe { connection, which, pipe, other, deadline };
        events.push_back(PendingPairEvent::Answered(which, Box::new(free), answer));
        None
    }
}

impl Machine for PendingPair {
    type Event = PendingPairEvent;

    machine_of_running!();
}
