use std::collections::VecDeque;
use std::time::Instant;

use super::Query;
use super::steps::{Next, Steps};
use crate::client::{Failure, Machine, PendingCall, PendingCallEvent, RpcPipe};

/// A [`Query`] over a pipe: makes its calls, one after the other, until it is answered.
///
/// It ends with one of the last three [`AskingEvent`]s.
pub struct Asking<Q: Query> {
    /// The call under way; `None` once the query is over.
    state: Option<(PendingCall, Steps<Q>)>,
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
        let steps = Steps::new(query, pipe.limits(), deadline);
        let call = steps.send(|call| pipe.call(call, now));
        Self::carry(call, steps, now)
    }

    /// Goes on with a query whose call is under way.
    pub(super) fn carry(call: PendingCall, steps: Steps<Q>, now: Instant) -> Self {
        let mut asking = Self { state: Some((call, steps)), events: VecDeque::new() };
        asking.advance(now);
        asking
    }

    /// Bytes of the answer under way that are held and not given to the driver yet, as they came from the server.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let held =
            |(call, steps): &(PendingCall, Steps<Q>)| call.held_bytes().saturating_add(steps.held_bytes());
        self.state.as_ref().map_or(0, held)
    }

    /// Hands bytes, or the time, to the call under way, and reads what comes of it.
    fn drive(&mut self, now: Instant, drive: impl FnOnce(&mut PendingCall)) {
        if let Some((call, _)) = &mut self.state {
            drive(call);
            self.advance(now);
        }
    }

    fn advance(&mut self, now: Instant) {
        while let Some((mut call, steps)) = self.state.take() {
            let Some(event) = call.poll_event() else {
                self.state = Some((call, steps));
                return;
            };
            match self.take(event, call, steps, now) {
                Ok(state) => self.state = state,
                Err(failure) => self.events.push_back(AskingEvent::Failed(failure.logged())),
            }
        }
    }

    /// Reads what has come, and makes the next call where one is due. An error is one of the answer.
    fn take(
        &mut self,
        event: PendingCallEvent,
        call: PendingCall,
        mut steps: Steps<Q>,
        now: Instant,
    ) -> Result<Option<(PendingCall, Steps<Q>)>, Failure> {
        let (pipe, answer) = match event {
            PendingCallEvent::Stub(stub) => {
                let items = steps.read_ahead(stub)?;
                self.emit(items);
                return Ok(Some((call, steps)));
            }
            PendingCallEvent::Answered(pipe, answer) => (pipe, answer),
            PendingCallEvent::Failed(failure) => {
                self.events.push_back(AskingEvent::Failed(failure));
                return Ok(None);
            }
        };
        let (items, next) = steps.answered(answer)?;
        self.emit(items);
        self.events.push_back(match next {
            Next::Ask(steps) => return Ok(Some((steps.send(|call| pipe.call(call, now)), steps))),
            Next::End(Ok(query)) => AskingEvent::Done(pipe, query),
            Next::End(Err(failure)) => AskingEvent::Refused(pipe, failure),
        });
        Ok(None)
    }

    fn emit(&mut self, items: Vec<Q::Item>) {
        if !items.is_empty() {
            self.events.push_back(AskingEvent::Items(items));
        }
    }
}

impl<Q: Query> Machine for Asking<Q> {
    type Event = AskingEvent<Q>;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.drive(now, |call| call.handle_input(bytes, now));
    }

    fn handle_close(&mut self, now: Instant) {
        self.drive(now, |call| call.handle_close(now));
    }

    fn handle_reset(&mut self, now: Instant) {
        self.drive(now, |call| call.handle_reset(now));
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.drive(now, |call| call.handle_timeout(now));
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.state.as_mut()?.0.poll_transmit()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.state.as_ref()?.0.poll_timeout()
    }

    fn poll_event(&mut self) -> Option<Self::Event> {
        self.events.pop_front()
    }
}
