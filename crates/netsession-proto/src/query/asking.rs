use std::collections::VecDeque;
use std::time::Instant;

use super::Query;
use super::on_pipe::OnPipe;
use super::steps::Steps;
use crate::client::{
    Connection, Failure, Machine, Pipe, Reply, RpcPipe, Running, Step, Task, machine_of_running,
};

/// A [`Query`] over a pipe: makes its calls, one after the other, until it is answered.
///
/// It ends with one of the last three [`AskingEvent`]s.
pub struct Asking<Q: Query> {
    running: Running<One<Q>>,
}

/// Events for the driver of an [`Asking`].
pub enum AskingEvent<Q: Query> {
    /// Some of the answer, a page or part of one; never nothing. It counts once the query is [done](Self::Done).
    Items(Vec<Q::Item>),
    /// The answer is complete: the query, and the pipe for another one.
    Done(Box<RpcPipe>, Q),
    /// The server refused the call; the pipe can be used for another query.
    Refused(Box<RpcPipe>, Failure),
    /// The connection has failed: close it.
    Failed(Failure),
}

impl<Q: Query> From<Failure> for AskingEvent<Q> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The query under way, and the pipe beside it, which is idle.
struct One<Q: Query> {
    query: OnPipe<Q>,
    second: Option<Pipe>,
    deadline: Instant,
}

impl<Q: Query> Asking<Q> {
    /// Asks over this pipe, until `deadline` at the latest.
    #[must_use]
    pub fn new(pipe: RpcPipe, query: Q, deadline: Instant, now: Instant) -> Self {
        let RpcPipe { mut connection, pipe, second } = pipe;
        let steps = Steps::new(query, connection.limits());
        let begun = OnPipe::call(pipe, steps, deadline, &mut connection);
        let begun = begun.map(|query| One { query, second, deadline });
        Self { running: Running::start(connection, begun, deadline, now) }
    }

    /// Bytes of the answer under way that are held and not given to the driver yet, as they came from the server.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.running.peek().map_or(0, |one| one.query.held_bytes())
    }
}

impl<Q: Query> Task for One<Q> {
    type Event = AskingEvent<Q>;

    fn step(&self) -> Step {
        self.query.step().unwrap_or(Step::Call(Q::OPERATION))
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.query.take(reply, connection)
    }

    fn go_on(
        self,
        mut connection: Box<Connection>,
        events: &mut VecDeque<Self::Event>,
    ) -> Result<Option<(Box<Connection>, Self)>, Failure> {
        let Self { query, second, deadline } = self;
        let query = query.go_on(&mut connection, deadline, |items| {
            events.push_back(AskingEvent::Items(items));
        })?;
        match query {
            OnPipe::Ended(pipe, answer) => {
                let pipe = Box::new(RpcPipe { connection, pipe, second });
                events.push_back(match answer {
                    Ok(query) => AskingEvent::Done(pipe, query),
                    Err(failure) => AskingEvent::Refused(pipe, failure),
                });
                Ok(None)
            }
            query @ OnPipe::Calling(..) => Ok(Some((connection, Self { query, second, deadline }))),
        }
    }
}

impl<Q: Query> Machine for Asking<Q> {
    type Event = AskingEvent<Q>;

    machine_of_running!();
}
