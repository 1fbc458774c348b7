use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, RpcPipe};
use netsession_proto::query::{Asking, AskingEvent, Query as _};

use super::holding::Holding;
use super::talk::{Action, Talk};
use crate::error::{Error, Step};
use crate::question::{Ask, Found};

/// One question over an open pipe.
pub(super) struct Inquiry<Q: Ask> {
    asking: Asking<Q::Query>,
    deadline: Instant,
    holding: Holding<Q>,
    end: Option<InquiryEnd<Q>>,
}

/// The end of a question.
pub(super) enum InquiryEnd<Q: Ask> {
    Answered(Box<RpcPipe>, Q::Query, Found<Q>),
    /// The server refused the call; the pipe is still usable.
    Refused(Box<RpcPipe>, Failure),
    /// The connection has failed.
    Failed(Failure),
    /// A failure of this machine.
    Broken(Error),
}

impl<Q: Ask> Inquiry<Q> {
    pub(super) fn new(pipe: RpcPipe, query: Q::Query, deadline: Instant, holding: Holding<Q>) -> Self {
        let asking = Asking::new(pipe, query, deadline, Instant::now());
        Self { asking, deadline, holding, end: None }
    }
}

impl<Q: Ask> Talk for Inquiry<Q> {
    type End = InquiryEnd<Q>;

    fn next(&mut self, _: &Waker) -> Action<Self::End> {
        loop {
            let mut done = None;
            while let Some(event) = self.asking.poll_event() {
                match event {
                    AskingEvent::Items(items) => self.holding.collect(items),
                    AskingEvent::Done(pipe, query) => {
                        done = Some((pipe, query));
                    }
                    AskingEvent::Refused(pipe, failure) => {
                        self.end = Some(InquiryEnd::Refused(pipe, failure));
                    }
                    AskingEvent::Failed(failure) => self.end = Some(InquiryEnd::Failed(failure)),
                }
            }
            if let Err(failure) = self.holding.count(self.asking.held_bytes()) {
                return Action::Finish(InquiryEnd::Failed(failure));
            }
            if let Some((pipe, query)) = done {
                self.end = Some(InquiryEnd::Answered(pipe, query, self.holding.take()));
            }
            if let Some(end) = self.end.take() {
                return Action::Finish(end);
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
                    return Action::Finish(
                        self.failed(Error::client_closed(Step::for_call(Q::Query::OPERATION))),
                    );
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
        Err(Error::client_closed(Step::for_call(Q::Query::OPERATION)))
    }

    fn failed(&mut self, error: Error) -> Self::End {
        InquiryEnd::Broken(error)
    }

    fn until(&self) -> Instant {
        self.deadline
    }
}
