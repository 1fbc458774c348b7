use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, PipePair, RpcPipe};
use netsession_proto::query::{AskingBoth, AskingBothEvent, Query as _};

use super::dialogue::{Dialogue, OverPipe};
use super::holding::Holding;
use super::inquiry::Answered;
use crate::error::{Error, Step};
use crate::question::Ask;

/// Two questions at the same time, each over a pipe of its own.
pub(super) struct BothInquiry<A: Ask, B: Ask> {
    first: Holding<A>,
    second: Holding<B>,
}

/// The pipes, which are still usable, and each answer.
pub(super) type BothEnd<A, B> = (Box<RpcPipe>, Answered<A>, Answered<B>);

impl<A: Ask, B: Ask> BothInquiry<A, B> {
    pub(super) fn begin(
        pipes: PipePair,
        queries: (A::Query, B::Query),
        deadline: Instant,
        (first, second): (Holding<A>, Holding<B>),
    ) -> OverPipe<Self> {
        let asking = AskingBoth::new(pipes, queries.0, queries.1, deadline, Instant::now());
        OverPipe::new(asking, Self { first, second }, deadline)
    }

    fn count_memory(&mut self, (first, second): (usize, usize)) -> Result<(), Failure> {
        self.first.count(first)?;
        self.second.count(second)
    }
}

impl<A: Ask, B: Ask> Dialogue for BothInquiry<A, B> {
    type Machine = AskingBoth<A::Query, B::Query>;
    type End = BothEnd<A, B>;

    fn take(&mut self, asking: &mut Self::Machine) -> Option<Result<Self::End, Error>> {
        let mut end = None;
        while let Some(event) = asking.poll_event() {
            match event {
                AskingBothEvent::First(items) => self.first.collect(items),
                AskingBothEvent::Second(items) => self.second.collect(items),
                AskingBothEvent::Done(pipe, first, second) => end = Some(Ok((pipe, first, second))),
                AskingBothEvent::Failed(failure) => end = Some(Err(failure)),
            }
        }
        if let Err(failure) = self.count_memory(asking.held_bytes()) {
            end = Some(Err(failure));
        }
        let end = end?.map_err(Error::from_failure);
        Some(end.map(|(pipe, first, second)| {
            let first = first.map(|query| (query, self.first.take()));
            let second = second.map(|query| (query, self.second.take()));
            (pipe, first, second)
        }))
    }

    fn step(&self) -> Step {
        Step::for_call(A::Query::OPERATION)
    }
}
