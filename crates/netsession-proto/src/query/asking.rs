use std::collections::VecDeque;
use std::time::Instant;

use super::Query;
use super::steps::{Next, Steps};
use crate::client::{Exchange, ExchangeEvent, Failure, Machine, RpcPipe};
use crate::rpce::FaultStatus;

/// A [`Query`] over a pipe: makes its calls, one after the other, until it is answered.
///
/// It ends with one of the last three [`AskingEvent`]s.
pub struct Asking<Q: Query> {
    /// The call under way; `None` once it is over.
    calling: Option<(Exchange, Steps<Q>)>,
    deadline: Instant,
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

impl<Q: Query> Asking<Q> {
    /// Asks over this pipe, until `deadline` at the latest.
    #[must_use]
    pub fn new(pipe: RpcPipe, query: Q, deadline: Instant, now: Instant) -> Self {
        let steps = Steps::new(query, pipe.limits());
        let mut asking = Self { calling: None, deadline, events: VecDeque::new() };
        asking.call(pipe, steps, now);
        asking.advance(now);
        asking
    }

    fn call(&mut self, pipe: RpcPipe, steps: Steps<Q>, now: Instant) {
        let exchange = steps.send(self.deadline, |call| pipe.call(call, now));
        self.calling = Some((exchange, steps));
    }

    /// Handles the events of the current call, and makes the next call, if there is one.
    fn advance(&mut self, now: Instant) {
        while let Some((exchange, _)) = &mut self.calling {
            match exchange.poll_event() {
                None => return,
                Some(ExchangeEvent::Failed(failure)) => self.fail(failure),
                Some(ExchangeEvent::Answered(pipe, answer)) => {
                    if let Some((_, steps)) = self.calling.take() {
                        self.answered(pipe, steps, answer, now);
                    }
                }
            }
        }
    }

    fn answered(
        &mut self,
        pipe: Box<RpcPipe>,
        steps: Steps<Q>,
        answer: Result<Vec<u8>, FaultStatus>,
        now: Instant,
    ) {
        match steps.answered(answer) {
            Ok(Next::Ask(items, steps)) => {
                self.emit(items);
                self.call(*pipe, steps, now);
            }
            Ok(Next::Done(items, query)) => {
                self.emit(items);
                self.events.push_back(AskingEvent::Done(pipe, query));
            }
            Ok(Next::Refused(failure)) => self.events.push_back(AskingEvent::Refused(pipe, failure)),
            Err(failure) => self.fail(failure),
        }
    }

    fn read_ahead(&mut self) {
        let Some((exchange, steps)) = &mut self.calling else { return };
        match steps.read_ahead(exchange.take_stub()) {
            Ok(items) => self.emit(items),
            Err(failure) => self.fail(failure),
        }
    }

    /// Bytes of the answer under way that are held and not given to the driver yet, as they came from the server.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.calling
            .as_ref()
            .map_or(0, |(exchange, steps)| exchange.held_bytes().saturating_add(steps.held_bytes()))
    }

    fn fail(&mut self, failure: Failure) {
        self.calling = None;
        self.events.push_back(AskingEvent::Failed(failure));
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
        self.calling.as_mut().map(|(exchange, _)| exchange)
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
        self.calling.as_ref()?.0.poll_timeout()
    }

    fn poll_event(&mut self) -> Option<AskingEvent<Q>> {
        self.events.pop_front()
    }
}
