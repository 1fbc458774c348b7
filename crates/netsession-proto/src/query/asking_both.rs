use std::collections::VecDeque;
use std::time::Instant;

use super::steps::{Next, Steps};
use super::{Asking, AskingEvent, Query};
use crate::client::{Failure, Machine, PendingPair, PendingPairEvent, PipePair, RpcPipe, WhichPipe};

/// Two queries at the same time, each over a pipe of its own: one round trip where each takes one.
///
/// Each makes its calls, one after the other, as [`Asking`] does, and each has the limits of an answer for
/// itself. The server may answer them in any order. Where it has granted too few credits for both, the request of the
/// second one waits for the answer of the first.
///
/// It ends with one of the last two [`AskingBothEvent`]s.
pub struct AskingBoth<A: Query, B: Query> {
    stage: Stage<A, B>,
    events: VecDeque<AskingBothEvent<A, B>>,
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

/// How far the two queries have come.
enum Stage<A: Query, B: Query> {
    /// A call of each is under way.
    Both(PendingPair, Steps<A>, Steps<B>),
    /// The first one goes on alone, and the second one has ended.
    First(Asking<A>, Result<B, Failure>),
    /// The second one goes on alone, and the first one has ended.
    Second(Result<A, Failure>, Asking<B>),
    Over,
}

impl<A: Query, B: Query> AskingBoth<A, B> {
    /// Asks over these pipes, until `deadline` at the latest.
    #[must_use]
    pub fn new(pipes: PipePair, first: A, second: B, deadline: Instant, now: Instant) -> Self {
        let limits = pipes.limits();
        let (first, second) = (Steps::new(first, limits, deadline), Steps::new(second, limits, deadline));
        let calls = first.send(|first| second.send(|second| pipes.call(first, second, now)));
        let mut asking = Self { stage: Stage::Both(calls, first, second), events: VecDeque::new() };
        asking.advance(now);
        asking
    }

    /// Bytes of the answers under way that are held and not given to the driver yet, as they came from the server: those
    /// of the first and those of the second.
    #[must_use]
    pub fn held_bytes(&self) -> (usize, usize) {
        match &self.stage {
            Stage::Both(calls, first, second) => (
                calls.held_bytes(WhichPipe::First).saturating_add(first.held_bytes()),
                calls.held_bytes(WhichPipe::Second).saturating_add(second.held_bytes()),
            ),
            Stage::First(first, _) => (first.held_bytes(), 0),
            Stage::Second(_, second) => (0, second.held_bytes()),
            Stage::Over => (0, 0),
        }
    }

    /// Reads what has come while both are under way.
    fn advance(&mut self, now: Instant) {
        while let Stage::Both(calls, ..) = &mut self.stage
            && let Some(event) = calls.poll_event()
            && let Stage::Both(calls, first, second) = std::mem::replace(&mut self.stage, Stage::Over)
        {
            match self.take(event, calls, first, second, now) {
                Ok(stage) => self.stage = stage,
                Err(failure) => self.events.push_back(AskingBothEvent::Failed(failure.logged())),
            }
        }
    }

    /// Reads what has come of one answer, and makes the next call where one is due. An error is one of the answer.
    fn take(
        &mut self,
        event: PendingPairEvent,
        calls: PendingPair,
        mut first: Steps<A>,
        mut second: Steps<B>,
        now: Instant,
    ) -> Result<Stage<A, B>, Failure> {
        Ok(match event {
            PendingPairEvent::Stub(WhichPipe::First, stub) => {
                let items = first.read_ahead(stub)?;
                self.emit(items, AskingBothEvent::First);
                Stage::Both(calls, first, second)
            }
            PendingPairEvent::Stub(WhichPipe::Second, stub) => {
                let items = second.read_ahead(stub)?;
                self.emit(items, AskingBothEvent::Second);
                Stage::Both(calls, first, second)
            }
            PendingPairEvent::Answered(WhichPipe::First, pipe, answer) => {
                let (items, next) = first.answered(answer)?;
                self.emit(items, AskingBothEvent::First);
                match next {
                    Next::Ask(first) => Stage::Both(first.send(|call| pipe.call(call, now)), first, second),
                    Next::End(first) => {
                        Stage::Second(first, Asking::carry(pipe.wait_for_other(now), second, now))
                    }
                }
            }
            PendingPairEvent::Answered(WhichPipe::Second, pipe, answer) => {
                let (items, next) = second.answered(answer)?;
                self.emit(items, AskingBothEvent::Second);
                match next {
                    Next::Ask(second) => Stage::Both(second.send(|call| pipe.call(call, now)), first, second),
                    Next::End(second) => {
                        Stage::First(Asking::carry(pipe.wait_for_other(now), first, now), second)
                    }
                }
            }
            PendingPairEvent::Failed(failure) => {
                self.events.push_back(AskingBothEvent::Failed(failure));
                Stage::Over
            }
        })
    }

    fn emit<I>(&mut self, items: Vec<I>, event: fn(Vec<I>) -> AskingBothEvent<A, B>) {
        if !items.is_empty() {
            self.events.push_back(event(items));
        }
    }
}

impl<A: Query, B: Query> Stage<A, B> {
    /// What the query that goes on alone says.
    fn poll_event(&mut self) -> Option<AskingBothEvent<A, B>> {
        let (event, stage) = match std::mem::replace(self, Self::Over) {
            Self::First(mut asking, second) => match asking.poll_event() {
                Some(AskingEvent::Items(items)) => {
                    (Some(AskingBothEvent::First(items)), Self::First(asking, second))
                }
                Some(AskingEvent::Done(pipe, first)) => {
                    (Some(AskingBothEvent::Done(pipe, Ok(first), second)), Self::Over)
                }
                Some(AskingEvent::Refused(pipe, failure)) => {
                    (Some(AskingBothEvent::Done(pipe, Err(failure), second)), Self::Over)
                }
                Some(AskingEvent::Failed(failure)) => (Some(AskingBothEvent::Failed(failure)), Self::Over),
                None => (None, Self::First(asking, second)),
            },
            Self::Second(first, mut asking) => match asking.poll_event() {
                Some(AskingEvent::Items(items)) => {
                    (Some(AskingBothEvent::Second(items)), Self::Second(first, asking))
                }
                Some(AskingEvent::Done(mut pipe, second)) => {
                    pipe.swap();
                    (Some(AskingBothEvent::Done(pipe, first, Ok(second))), Self::Over)
                }
                Some(AskingEvent::Refused(mut pipe, failure)) => {
                    pipe.swap();
                    (Some(AskingBothEvent::Done(pipe, first, Err(failure))), Self::Over)
                }
                Some(AskingEvent::Failed(failure)) => (Some(AskingBothEvent::Failed(failure)), Self::Over),
                None => (None, Self::Second(first, asking)),
            },
            stage => (None, stage),
        };
        *self = stage;
        event
    }
}

/// Does the same to what is under way, whichever of the machines that is.
macro_rules! under_way {
    ($stage:expr, $machine:ident => $action:expr, over => $over:expr) => {
        match $stage {
            Stage::Both($machine, ..) => $action,
            Stage::First($machine, _) => $action,
            Stage::Second(_, $machine) => $action,
            Stage::Over => $over,
        }
    };
}

impl<A: Query, B: Query> Machine for AskingBoth<A, B> {
    type Event = AskingBothEvent<A, B>;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        under_way!(&mut self.stage, machine => machine.handle_input(bytes, now), over => ());
        self.advance(now);
    }

    fn handle_close(&mut self, now: Instant) {
        under_way!(&mut self.stage, machine => machine.handle_close(now), over => ());
        self.advance(now);
    }

    fn handle_reset(&mut self, now: Instant) {
        under_way!(&mut self.stage, machine => machine.handle_reset(now), over => ());
        self.advance(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        under_way!(&mut self.stage, machine => machine.handle_timeout(now), over => ());
        self.advance(now);
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        under_way!(&mut self.stage, machine => machine.poll_transmit(), over => None)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        under_way!(&self.stage, machine => machine.poll_timeout(), over => None)
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        self.events.pop_front().or_else(|| self.stage.poll_event())
    }
}
