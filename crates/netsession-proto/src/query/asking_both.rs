use std::collections::VecDeque;
use std::time::Instant;

use super::Query;
use super::on_pipe::OnPipe;
use super::steps::Steps;
use crate::client::{
    Connection, Failure, Machine, PipePair, Reply, RpcPipe, Running, Step, Task, machine_of_running,
};

/// Two queries at the same time, each over a pipe of its own: one round trip where each takes one.
///
/// Each makes its calls, one after the other, as [`Asking`](super::Asking) does, and each has the limits of an answer for
/// itself. The server may answer them in any order. Where it has granted too few credits for both, the request of the
/// second one waits for the answer of the first.
///
/// It ends with one of the last two [`AskingBothEvent`]s.
pub struct AskingBoth<A: Query, B: Query> {
    running: Running<Both<A, B>>,
}

/// Events for the driver of an [`AskingBoth`].
pub enum AskingBothEvent<A: Query, B: Query> {
    /// Some of the answer to the first query; never nothing. It counts once the query is done.
    First(Vec<A::Item>),
    /// Some of the answer to the second query; never nothing. It counts once the query is done.
    Second(Vec<B::Item>),
    /// Both are answered: each query, or why the server refused its call; and the pipes for other queries.
    Done(Box<RpcPipe>, Result<A, Failure>, Result<B, Failure>),
    /// The connection has failed, with both: close it.
    Failed(Failure),
}

impl<A: Query, B: Query> From<Failure> for AskingBothEvent<A, B> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The two queries under way.
struct Both<A: Query, B: Query> {
    first: OnPipe<A>,
    second: OnPipe<B>,
    deadline: Instant,
}

impl<A: Query, B: Query> AskingBoth<A, B> {
    /// Asks over these pipes, until `deadline` at the latest.
    #[must_use]
    pub fn new(pipes: PipePair, first: A, second: B, deadline: Instant, now: Instant) -> Self {
        let PipePair { mut connection, first: first_pipe, second: second_pipe } = pipes;
        let limits = connection.limits();
        let begun = OnPipe::call(first_pipe, Steps::new(first, limits), deadline, &mut connection);
        let begun = begun.and_then(|first| {
            let second = OnPipe::call(second_pipe, Steps::new(second, limits), deadline, &mut connection)?;
            Ok(Both { first, second, deadline })
        });
        Self { running: Running::start(connection, begun, deadline, now) }
    }

    /// Bytes of the answers under way that are held and not given to the driver yet, as they came from the server: those
    /// of the first and those of the second.
    #[must_use]
    pub fn held_bytes(&self) -> (usize, usize) {
        self.running.peek().map_or((0, 0), |both| (both.first.held_bytes(), both.second.held_bytes()))
    }
}

impl<A: Query, B: Query> Task for Both<A, B> {
    type Event = AskingBothEvent<A, B>;

    /// That of the first query until it is answered.
    fn step(&self) -> Step {
        let step = self.first.step().or_else(|| self.second.step());
        step.unwrap_or(Step::Call(A::OPERATION))
    }

    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.first.take(reply, connection)?;
        self.second.take(reply, connection)
    }

    fn go_on(
        self,
        mut connection: Box<Connection>,
        events: &mut VecDeque<Self::Event>,
    ) -> Result<Option<(Box<Connection>, Self)>, Failure> {
        let Self { first, second, deadline } = self;
        let first = first.go_on(&mut connection, deadline, |items| {
            events.push_back(AskingBothEvent::First(items));
        })?;
        let second = second.go_on(&mut connection, deadline, |items| {
            events.push_back(AskingBothEvent::Second(items));
        })?;
        match (first, second) {
            (OnPipe::Ended(first_pipe, first), OnPipe::Ended(second_pipe, second)) => {
                let pipes = PipePair { connection, first: first_pipe, second: second_pipe };
                events.push_back(AskingBothEvent::Done(Box::new(pipes.into()), first, second));
                Ok(None)
            }
            (first, second) => Ok(Some((connection, Self { first, second, deadline }))),
        }
    }
}

impl<A: Query, B: Query> Machine for AskingBoth<A, B> {
    type Event = AskingBothEvent<A, B>;

    machine_of_running!();
}
