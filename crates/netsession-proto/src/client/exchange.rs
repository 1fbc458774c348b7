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
    /// Carries one call out. Drive the [`Exchange`] until it gives the pipe back or fails.
    #[must_use]
    pub fn call(self, call: &Call<'_>, now: Instant) -> Exchange {
        let Self { mut connection, pipe, second } = self;
        let begun = CallUnderWay::begin(pipe, call, &mut connection).map(|call| OneCall { call, second });
        Exchange { running: Running::start(connection, begun, call.deadline, now) }
    }
}

/// One call under way on a pipe.
///
/// Its answer comes as [`ExchangeEvent::Answered`], with the pipe, or it ends with
/// [`ExchangeEvent::Failed`], after which nothing happens any more.
#[derive(Debug)]
pub struct Exchange {
    running: Running<OneCall>,
}

/// What a driver of an [`Exchange`] is told.
#[derive(Debug)]
pub enum ExchangeEvent {
    /// The stub of the answer without what [`Exchange::take_stub`] gave, or the fault in its place; and the pipe, for
    /// the next call.
    Answered(Box<RpcPipe>, Result<Vec<u8>, FaultStatus>),
    /// The connection has failed: close it.
    Failed(Failure),
}

impl From<Failure> for ExchangeEvent {
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

impl Exchange {
    /// Takes what has come of the stub so far, out of an answer that is not complete. It is empty until the negotiation
    /// is confirmed.
    pub fn take_stub(&mut self) -> Vec<u8> {
        self.running.task().map(|(connection, task)| task.call.take_stub(connection)).unwrap_or_default()
    }

    /// Bytes of the answer that are held here.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.running.peek().map_or(0, |task| task.call.held_bytes())
    }
}

impl Task for OneCall {
    type Event = ExchangeEvent;

    fn step(&self) -> Step {
        self.call.step()
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.call.take(reply, connection)
    }

    fn go_on(
        self,
        connection: Box<Connection>,
        events: &mut VecDeque<ExchangeEvent>,
    ) -> Result<Option<(Box<Connection>, Self)>, Failure> {
        let Self { call, second } = self;
        Ok(match call.finish(&connection) {
            Ok((pipe, answer)) => {
                let pipe = RpcPipe { connection, pipe, second };
                events.push_back(ExchangeEvent::Answered(Box::new(pipe), answer));
                None
            }
            Err(call) => Some((connection, Self { call, second })),
        })
    }
}

impl Machine for Exchange {
    type Event = ExchangeEvent;

    machine_of_running!();
}
