use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, RpcPipe};
use netsession_proto::query::{Asking, AskingEvent, Query as _};

use super::dialogue::{Dialogue, OverPipe};
use super::holding::Holding;
use crate::error::{Error, Step};
use crate::question::{Ask, Found};

/// One question over an open pipe.
pub(super) struct Inquiry<Q: Ask>(Holding<Q>);

/// The pipe, which is still usable, and the answer.
pub(super) type InquiryEnd<Q> = (Box<RpcPipe>, Answered<Q>);

/// A query with what it found, or why the server refused its call.
pub(super) type Answered<Q> = Result<(<Q as Ask>::Query, Found<Q>), Failure>;

impl<Q: Ask> Inquiry<Q> {
    pub(super) fn begin(
        pipe: RpcPipe,
        query: Q::Query,
        deadline: Instant,
        holding: Holding<Q>,
    ) -> OverPipe<Self> {
        let asking = Asking::new(pipe, query, deadline, Instant::now());
        OverPipe::new(asking, Self(holding), deadline)
    }
}

impl<Q: Ask> Dialogue for Inquiry<Q> {
    type Machine = Asking<Q::Query>;
    type End = InquiryEnd<Q>;

    fn take(&mut self, asking: &mut Self::Machine) -> Option<Result<Self::End, Error>> {
        let Self(holding) = self;
        let mut end = None;
        while let Some(event) = asking.poll_event() {
            match event {
                AskingEvent::Items(items) => holding.collect(items),
                AskingEvent::Done(pipe, query) => end = Some(Ok((pipe, Ok(query)))),
                AskingEvent::Refused(pipe, failure) => end = Some(Ok((pipe, Err(failure)))),
                AskingEvent::Failed(failure) => end = Some(Err(failure)),
            }
        }
        if let Err(failure) = holding.count(asking.held_bytes()) {
            end = Some(Err(failure));
        }
        let end = end?.map_err(Error::from_failure);
        Some(end.map(|(pipe, answer)| (pipe, answer.map(|query| (query, holding.take())))))
    }

    fn step(&self) -> Step {
        Step::for_call(Q::Query::OPERATION)
    }
}
