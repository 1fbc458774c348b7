use std::collections::VecDeque;
use std::time::Instant;

use super::channel::Reply;
use super::connection::Connection;
use super::pipe::Pipe;
use super::rpc_pipe::RpcPipe;
use super::task::{Running, Task, machine_of_running};
use super::under_way::CallUnderWay;
use super::{Call, Failure, Machine, Step};
use crate::rpce::FaultStatus;

impl RpcPipe {
    /// Carries one call out. Drive the [`PendingCall`] until it gives the pipe back or fails.
    #[must_use]
    pub fn call(self, call: &Call<'_>, now: Instant) -> PendingCall {
        let Self { mut connection, pipe, second } = self;
        let begun = CallUnderWay::begin(pipe, call, &mut connection).map(|call| OneCall { call, second });
        PendingCall { running: Running::start(connection, begun, call.deadline, now) }
    }
}

/// One call under way on a pipe.
///
/// Its answer comes as [`PendingCallEvent::Answered`], with the pipe, or it ends with
/// [`PendingCallEvent::Failed`], after which nothing happens any more.
#[derive(Debug)]
pub struct PendingCall {
    running: Running<OneCall>,
}

/// What a driver of a [`PendingCall`] is told.
#[derive(Debug)]
pub enum PendingCallEvent {
    /// The next piece of the stub, out of an answer that is not complete; never nothing.
    Stub(Vec<u8>),
    /// The rest of the stub, or the fault in its place; and the pipe, for the next call.
    Answered(Box<RpcPipe>, Result<Vec<u8>, FaultStatus>),
    /// The connection has failed: close it.
    Failed(Failure),
}

impl From<Failure> for PendingCallEvent {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A call on the first pipe, and the second pipe, which is idle meanwhile.
#[derive(Debug)]
struct OneCall {
    call: CallUnderWay,
    second: Option<Pipe>,
}

impl PendingCall {
    /// Goes on with a call that is under way, beside a pipe that has become idle.
    pub(super) fn beside(
        idle: Pipe,
        call: CallUnderWay,
        connection: Box<Connection>,
        deadline: Instant,
        now: Instant,
    ) -> Self {
        let call = OneCall { call, second: Some(idle) };
        Self { running: Running::start(connection, Ok(call), deadline, now) }
    }

    /// Bytes of the answer that are held here, without those of events that are not taken yet.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.running.peek().map_or(0, |task| task.call.held_bytes())
    }
}

impl Task for OneCall {
    type Event = PendingCallEvent;

    fn step(&self) -> Step {
        self.call.step()
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.call.take(reply, connection)
    }

    fn go_on(
        self,
        connection: Box<Connection>,
        events: &mut VecDeque<PendingCallEvent>,
    ) -> Option<(Box<Connection>, Self)> {
        let Self { mut call, second } = self;
        events.extend(call.take_stub(&connection).map(PendingCallEvent::Stub));
        match call.finish(&connection) {
            Ok((pipe, answer)) => {
                let pipe = RpcPipe { connection, pipe, second };
                events.push_back(PendingCallEvent::Answered(Box::new(pipe), answer));
                None
            }
            Err(call) => Some((connection, Self { call, second })),
        }
    }
}

impl Machine for PendingCall {
    type Event = PendingCallEvent;

    machine_of_running!();
}
