use std::collections::VecDeque;
use std::time::Instant;

use super::{Paging, Progress, Query};
use crate::client::{Call, Cause, Exchange, ExchangeEvent, Failure, Limit, Limits, Machine, RpcPipe, Step};
use crate::rpce::FaultStatus;
use crate::srvs::{ResponseError, RpcCall};

/// A [`Query`] over a pipe: makes its calls, one after the other, until it is answered.
///
/// It ends with one of the last three [`AskingEvent`]s.
pub struct Asking<Q: Query> {
    state: State<Q>,
    deadline: Instant,
    limits: Limits,
    /// What is left of the limit of stub bytes, over all pages.
    bytes_left: usize,
    /// What has come of the answer under way, and the query has not read yet.
    stub: Vec<u8>,
    events: VecDeque<AskingEvent<Q>>,
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

enum State<Q: Query> {
    Calling { exchange: Exchange, call: Q::Call, query: Q },
    Over,
}

impl<Q: Query> Asking<Q> {
    /// Asks over this pipe, until `deadline` at the latest.
    #[must_use]
    pub fn new(pipe: RpcPipe, query: Q, deadline: Instant, now: Instant) -> Self {
        let limits = pipe.limits();
        let mut asking = Self {
            state: State::Over,
            deadline,
            limits,
            bytes_left: limits.answer_bytes,
            stub: Vec::new(),
            events: VecDeque::new(),
        };
        asking.call(pipe, query, now);
        asking.advance(now);
        asking
    }

    fn call(&mut self, pipe: RpcPipe, query: Q, now: Instant) {
        let call = query.next();
        let stub = call.encode();
        let exchange = pipe.call(
            &Call {
                operation: Q::OPERATION,
                opnum: Q::Call::OPNUM,
                stub: &stub,
                max_answer: self.bytes_left,
                deadline: self.deadline,
            },
            now,
        );
        self.state = State::Calling { exchange, call, query };
    }

    /// Handles the events of the current call, and makes the next call, if there is one.
    fn advance(&mut self, now: Instant) {
        while let State::Calling { exchange, .. } = &mut self.state {
            match exchange.poll_event() {
                None => return,
                Some(ExchangeEvent::Failed(failure)) => {
                    self.state = State::Over;
                    self.events.push_back(AskingEvent::Failed(failure));
                }
                Some(ExchangeEvent::Answered(pipe, answer)) => {
                    let state = std::mem::replace(&mut self.state, State::Over);
                    if let State::Calling { call, query, .. } = state {
                        self.answered(*pipe, &call, query, answer, now);
                    }
                }
            }
        }
    }

    fn answered(
        &mut self,
        pipe: RpcPipe,
        call: &Q::Call,
        mut query: Q,
        answer: Result<Vec<u8>, FaultStatus>,
        now: Instant,
    ) {
        let progress = self.decode(call, &mut query, answer).and_then(|answer| query.answered(answer));
        match progress {
            Ok(Progress::Ask(items)) => {
                self.emit(items);
                self.call(pipe, query, now);
            }
            Ok(Progress::Done(items)) => {
                self.emit(items);
                self.events.push_back(AskingEvent::Done(Box::new(pipe), query));
            }
            Err(cause) => {
                let is_answer = cause.is_answer();
                let failure = Failure { step: Step::Call(Q::OPERATION), cause };
                self.events.push_back(if is_answer {
                    AskingEvent::Refused(Box::new(pipe), failure)
                } else {
                    AskingEvent::Failed(failure)
                });
            }
        }
    }

    /// Reads what has come of the answer under way, so that it is freed before the rest is there.
    fn read_ahead(&mut self) {
        let State::Calling { exchange, query, .. } = &mut self.state else { return };
        let stub = exchange.take_stub();
        if stub.is_empty() {
            return;
        }
        self.bytes_left = self.bytes_left.saturating_sub(stub.len());
        append(&mut self.stub, stub);
        match query.read_ahead(&mut self.stub) {
            Ok(items) => self.emit(items),
            Err(cause) => {
                self.state = State::Over;
                self.stub = Vec::new();
                let failure = Failure { step: Step::Call(Q::OPERATION), cause };
                self.events.push_back(AskingEvent::Failed(failure));
            }
        }
    }

    /// Bytes of the answer under way that are held and not given to the driver yet, as they came from the server.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        match &self.state {
            State::Calling { exchange, query, .. } => {
                exchange.held_bytes().saturating_add(query.held_bytes()).saturating_add(self.stub.capacity())
            }
            State::Over => 0,
        }
    }

    /// The response, by the stub; freed as soon as it is read.
    fn decode(
        &mut self,
        call: &Q::Call,
        query: &mut Q,
        answer: Result<Vec<u8>, FaultStatus>,
    ) -> Result<Result<<Q::Call as RpcCall>::Response, FaultStatus>, Cause> {
        let mut stub = std::mem::take(&mut self.stub);
        match answer {
            Ok(rest) => {
                self.bytes_left = self.bytes_left.saturating_sub(rest.len());
                append(&mut stub, rest);
            }
            Err(fault) => return Ok(Err(fault)),
        }
        let max_entries = query.paging().map_or(self.limits.entries, Paging::entries_left);
        match query.read_response(call, &stub, max_entries) {
            Ok(response) => Ok(Ok(response)),
            Err(ResponseError::Malformed(error)) => Err(Cause::Malformed(error)),
            Err(ResponseError::TooManyEntries { limit }) => {
                Err(query.paging().map_or(Cause::Limit(Limit::Entries(limit)), Paging::too_many_entries))
            }
        }
    }

    fn emit(&mut self, items: Vec<Q::Item>) {
        if !items.is_empty() {
            self.events.push_back(AskingEvent::Items(items));
        }
    }

    /// Passes an event of the connection to the current call, and handles what follows from it.
    fn drive(&mut self, now: Instant, happened: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.exchange() {
            happened(exchange);
        }
        self.read_ahead();
        self.advance(now);
    }

    fn exchange(&mut self) -> Option<&mut Exchange> {
        match &mut self.state {
            State::Calling { exchange, .. } => Some(exchange),
            State::Over => None,
        }
    }
}

/// Appends, without a copy where there is nothing to append to.
fn append(stub: &mut Vec<u8>, more: Vec<u8>) {
    if stub.is_empty() {
        *stub = more;
    } else {
        stub.extend_from_slice(&more);
    }
}

impl<Q: Query> Machine for Asking<Q> {
    type Event = AskingEvent<Q>;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.drive(now, |exchange| exchange.handle_input(bytes, now));
    }

    fn handle_close(&mut self, now: Instant) {
        self.drive(now, |exchange| exchange.handle_close(now));
    }

    fn handle_reset(&mut self, now: Instant) {
        self.drive(now, |exchange| exchange.handle_reset(now));
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.drive(now, |exchange| exchange.handle_timeout(now));
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.exchange()?.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Calling { exchange, .. } => exchange.poll_timeout(),
            State::Over => None,
        }
    }

    fn poll_event(&mut self) -> Option<AskingEvent<Q>> {
        self.events.pop_front()
    }
}
