use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, PipePair, RpcPipe};
use netsession_proto::query::{AskingBoth, AskingBothEvent, Query as _};

use super::holding::Holding;
use super::talk::{Action, Talk};
use crate::error::{Error, Step};
use crate::question::{Ask, Found};

/// Two questions at the same time, each over a pipe of its own.
pub(super) struct BothInquiry<A: Ask, B: Ask> {
    asking: AskingBoth<A::Query, B::Query>,
    deadline: Instant,
    first: Holding<A>,
    second: Holding<B>,
}

/// The end of two questions.
pub(super) enum BothEnd<A: Ask, B: Ask> {
    /// Each with its answer, or with the server's refusal; the pipes are still usable.
    Answered(Box<RpcPipe>, Answered<A>, Answered<B>),
    /// The connection has failed.
    Failed(Failure),
    /// A failure of this machine.
    Broken(Error),
}

/// A query with what it found, or why the server refused its call.
pub(super) type Answered<Q> = Result<(<Q as Ask>::Query, Found<Q>), Failure>;

impl<A: Ask, B: Ask> BothInquiry<A, B> {
    pub(super) fn new(
        pipes: PipePair,
        queries: (A::Query, B::Query),
        deadline: Instant,
        (first, second): (Holding<A>, Holding<B>),
    ) -> Self {
        let asking = AskingBoth::new(pipes, queries.0, queries.1, deadline, Instant::now());
        Self { asking, deadline, first, second }
    }

    fn count_memory(&mut self) -> Result<(), Failure> {
        let (first, second) = self.asking.held_bytes();
        self.first.count(first)?;
        self.second.count(second)
    }
}

impl<A: Ask, B: Ask> Talk for BothInquiry<A, B> {
    type End = BothEnd<A, B>;

    fn next(&mut self, _: &Waker) -> Action<Self::End> {
        loop {
            let mut end = None;
            while let Some(event) = self.asking.poll_event() {
                match event {
                    AskingBothEvent::First(items) => self.first.collect(items),
                    AskingBothEvent::Second(items) => self.second.collect(items),
                    AskingBothEvent::Done(pipe, first, second) => end = Some(Ok((pipe, first, second))),
                    AskingBothEvent::Failed(failure) => end = Some(Err(failure)),
                }
            }
            if let Err(failure) = self.count_memory() {
                return Action::Finish(BothEnd::Failed(failure));
            }
            match end {
                Some(Ok((pipe, first, second))) => {
                    let first = first.map(|query| (query, self.first.take()));
                    let second = second.map(|query| (query, self.second.take()));
                    return Action::Finish(BothEnd::Answered(pipe, first, second));
                }
                Some(Err(failure)) => return Action::Finish(BothEnd::Failed(failure)),
                None => {}
            }
            if let Some(bytes) = self.asking.poll_transmit() {
                return Action::Send(bytes);
            }
            let now = Instant::now();
            match self.asking.poll_timeout() {
                Some(until) if now < until => return Action::Receive(until),
                Some(_) => self.asking.handle_timeout(now),
                // Its end has been taken: what the driver waits for would never come.
                None => {
                    let closed = Error::client_closed(Step::for_call(A::Query::OPERATION));
                    return Action::Finish(self.failed(closed));
                }
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.asking.handle_input(bytes, Instant::now());
    }

    fn closed(&mut self) {
        self.asking.handle_close(Instant::now());
    }

    fn broke(&mut self) {
        self.asking.handle_reset(Instant::now());
    }

    fn reconnected(&mut self, _: IpAddr) -> Result<(), Error> {
        // Nothing asks for it: a question is never put a second time.
        Err(Error::client_closed(Step::for_call(A::Query::OPERATION)))
    }

    fn failed(&mut self, error: Error) -> Self::End {
        BothEnd::Broken(error)
    }

    fn until(&self) -> Instant {
        self.deadline
    }
}
