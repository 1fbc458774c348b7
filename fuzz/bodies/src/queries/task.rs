use std::fmt::Debug;
use std::time::Instant;

use netsession_proto::client::{Call, ExchangeEvent, Failure, Limits, Machine, RpcPipe};
use netsession_proto::query::{Asking, AskingEvent};
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
    let mut checks = Checks::<Q> { wanted: wanted.clone(), limits, items: Vec::new(), text_bytes: 0 };
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

/// Makes one call, whatever its number and its stub are.
pub(crate) fn call<I: 'static>(pipe: RpcPipe, call: &Call<'_>, now: Instant) -> Task<I> {
    let max_answer = call.max_answer;
    Box::new(Mapped {
        machine: pipe.call(call, now),
        map: move |event| match event {
            ExchangeEvent::Answered(pipe, answer) => {
                let bytes = answer.as_ref().map_or(0, Vec::len);
                assert!(bytes <= max_answer, "{bytes} bytes of stub, and {max_answer} are the limit");
                TaskEvent::Answered(pipe, answer)
            }
            ExchangeEvent::Failed(failure) => TaskEvent::Failed(failure),
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
    fn take(&mut self, page: &[Q::Item]) {
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
