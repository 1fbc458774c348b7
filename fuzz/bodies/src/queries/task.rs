use std::fmt::Debug;
use std::time::Instant;

use netsession_proto::client::{
    Call, Failure, Limits, Machine, OpenSecondEvent, PendingCallEvent, PipePair, RpcPipe,
};
use netsession_proto::query::{Asking, AskingBoth, AskingBothEvent, AskingEvent};
use netsession_proto::rpce::FaultStatus;

use super::fuzzed_query::FuzzedQuery;

/// What a query or a call under way says. `I` is an item of any query.
#[derive(Debug)]
pub(crate) enum TaskEvent<I> {
    /// Some of the items.
    Items(Vec<I>),
    /// The query is answered: the pipe, and all that the query knows at its end.
    Done(Box<RpcPipe>, String),
    /// The server has refused the query.
    Refused(Box<RpcPipe>, Failure),
    /// Some of the items of one of two queries, or some of the stub of a call.
    Progress,
    /// Both queries are answered, or refused: the items of each, and all that it knows at its end.
    BothDone(Box<RpcPipe>, [(Vec<I>, Result<String, Failure>); 2]),
    /// A second pipe is open, or refused.
    Second(Box<RpcPipe>),
    /// The call is answered.
    Answered(Box<RpcPipe>, Result<Vec<u8>, FaultStatus>),
    /// The connection has failed.
    Failed(Failure),
}

/// A query or a call under way.
pub(super) type Task<I> = Box<dyn Machine<Event = TaskEvent<I>>>;

/// Asks a query, and checks what comes of it as far as that depends on the query.
pub(super) fn ask<Q: FuzzedQuery, I: 'static>(
    wanted: &Q::Wanted,
    item: fn(Q::Item) -> I,
    pipe: RpcPipe,
    deadline: Instant,
    now: Instant,
) -> Task<I> {
    let limits = pipe.limits();
    let query = Q::new_query(wanted, limits);
    let mut checks = Checks::<Q>::new(wanted, limits);
    Box::new(Mapped {
        machine: Asking::new(pipe, query, deadline, now),
        map: move |event: AskingEvent<Q>| match event {
            AskingEvent::Items(items) => {
                checks.take(&items);
                TaskEvent::Items(items.into_iter().map(item).collect())
            }
            AskingEvent::Done(pipe, query) => {
                query.assert_answered(&checks.wanted, &checks.items);
                TaskEvent::Done(pipe, format!("{query:?}"))
            }
            AskingEvent::Refused(pipe, failure) => TaskEvent::Refused(pipe, failure),
            AskingEvent::Failed(failure) => TaskEvent::Failed(failure),
        },
    })
}

/// What is wanted of one of two queries, and what its items are among those of all queries.
pub(super) struct OneOfTwo<'a, Q: FuzzedQuery, I> {
    pub(super) wanted: &'a Q::Wanted,
    pub(super) item: fn(Q::Item) -> I,
}

/// Asks two queries at the same time, and checks what comes of each.
pub(super) fn ask_both<A: FuzzedQuery, B: FuzzedQuery, I: 'static>(
    first: OneOfTwo<'_, A, I>,
    second: OneOfTwo<'_, B, I>,
    pipes: PipePair,
    deadline: Instant,
    now: Instant,
) -> Task<I> {
    let pipe = RpcPipe::from(pipes);
    let limits = pipe.limits();
    let pipes = pipe.into_pair().expect("it was one");
    let queries = (A::new_query(first.wanted, limits), B::new_query(second.wanted, limits));
    let (first_item, second_item) = (first.item, second.item);
    let mut first = Checks::<A>::new(first.wanted, limits);
    let mut second = Checks::<B>::new(second.wanted, limits);
    Box::new(Mapped {
        machine: AskingBoth::new(pipes, queries.0, queries.1, deadline, now),
        map: move |event: AskingBothEvent<A, B>| match event {
            AskingBothEvent::First(items) => {
                first.take(&items);
                TaskEvent::Progress
            }
            AskingBothEvent::Second(items) => {
                second.take(&items);
                TaskEvent::Progress
            }
            AskingBothEvent::Done(pipe, first_end, second_end) => TaskEvent::BothDone(
                pipe,
                [first.end(first_end, first_item), second.end(second_end, second_item)],
            ),
            AskingBothEvent::Failed(failure) => TaskEvent::Failed(failure),
        },
    })
}

/// Opens a second pipe.
pub(crate) fn open_second<I: 'static>(pipe: RpcPipe, deadline: Instant, now: Instant) -> Task<I> {
    Box::new(Mapped {
        machine: pipe.open_second(deadline, now),
        map: |event| match event {
            OpenSecondEvent::Opened(pipe) => {
                assert!(pipe.has_second(), "opened, and there is none");
                TaskEvent::Second(pipe)
            }
            OpenSecondEvent::Refused(pipe, _) => {
                assert!(!pipe.has_second(), "refused, and there is one");
                TaskEvent::Second(pipe)
            }
            OpenSecondEvent::Failed(failure) => TaskEvent::Failed(failure),
        },
    })
}

/// Makes one call, whatever its number and its stub are.
pub(crate) fn call<I: 'static>(pipe: RpcPipe, call: &Call<'_>, now: Instant) -> Task<I> {
    let max_answer = call.max_answer;
    let mut stub = Vec::new();
    Box::new(Mapped {
        machine: pipe.call(call, now),
        map: move |event| match event {
            PendingCallEvent::Stub(piece) => {
                assert!(!piece.is_empty(), "a piece of nothing");
                stub.extend(piece);
                assert!(
                    stub.len() <= max_answer,
                    "{} bytes of stub, and {max_answer} are the limit",
                    stub.len()
                );
                TaskEvent::Progress
            }
            PendingCallEvent::Answered(pipe, answer) => {
                let mut stub = std::mem::take(&mut stub);
                let answer = answer.map(|rest| {
                    stub.extend(rest);
                    stub
                });
                let bytes = answer.as_ref().map_or(0, Vec::len);
                assert!(bytes <= max_answer, "{bytes} bytes of stub, and {max_answer} are the limit");
                TaskEvent::Answered(pipe, answer)
            }
            PendingCallEvent::Failed(failure) => TaskEvent::Failed(failure),
        },
    })
}

/// What has come of a query so far.
struct Checks<Q: FuzzedQuery> {
    wanted: Q::Wanted,
    limits: Limits,
    items: Vec<Q::Item>,
    text_bytes: usize,
}

impl<Q: FuzzedQuery> Checks<Q> {
    fn new(wanted: &Q::Wanted, limits: Limits) -> Self {
        Self { wanted: wanted.clone(), limits, items: Vec::new(), text_bytes: 0 }
    }

    fn end<I>(
        &mut self,
        end: Result<Q, Failure>,
        item: fn(Q::Item) -> I,
    ) -> (Vec<I>, Result<String, Failure>) {
        let end = end.map(|query| {
            query.assert_answered(&self.wanted, &self.items);
            format!("{query:?}")
        });
        (std::mem::take(&mut self.items).into_iter().map(item).collect(), end)
    }

    fn take(&mut self, page: &[Q::Item]) {
        assert!(!page.is_empty(), "a page of nothing");
        self.items.extend_from_slice(page);
        self.text_bytes += page.iter().map(Q::text_bytes).sum::<usize>();
        assert!(self.items.len() <= self.limits.entries, "{} items", self.items.len());
        assert!(self.text_bytes <= self.limits.answer_bytes, "{} bytes of names", self.text_bytes);
    }
}

/// A machine whose events are mapped to those of a task.
struct Mapped<M, F> {
    machine: M,
    map: F,
}

impl<M: Machine, E, F: FnMut(M::Event) -> E> Machine for Mapped<M, F> {
    type Event = E;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.machine.handle_input(bytes, now);
    }

    fn handle_close(&mut self, now: Instant) {
        self.machine.handle_close(now);
    }

    fn handle_reset(&mut self, now: Instant) {
        self.machine.handle_reset(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.machine.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.machine.poll_timeout()
    }

    fn poll_event(&mut self) -> Option<E> {
        self.machine.poll_event().map(&mut self.map)
    }
}
