use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, OpenSecond, OpenSecondEvent, RpcPipe};

use super::dialogue::{Dialogue, OverPipe};
use crate::error::{Error, Step};

/// Opens a second pipe over a connection that is there.
pub(super) struct SecondPipe;

/// The first pipe, which is still usable, and whether it has a second one now or why the server refused that.
pub(super) type SecondPipeEnd = (Box<RpcPipe>, Result<(), Failure>);

impl SecondPipe {
    pub(super) fn begin(pipe: RpcPipe, deadline: Instant) -> OverPipe<Self> {
        OverPipe::new(pipe.open_second(deadline, Instant::now()), Self, deadline)
    }
}

impl Dialogue for SecondPipe {
    type Machine = OpenSecond;
    type End = SecondPipeEnd;

    fn take(&mut self, opening: &mut OpenSecond) -> Option<Result<SecondPipeEnd, Error>> {
        Some(match opening.poll_event()? {
            OpenSecondEvent::Opened(pipe) => Ok((pipe, Ok(()))),
            OpenSecondEvent::Refused(pipe, failure) => Ok((pipe, Err(failure))),
            OpenSecondEvent::Failed(failure) => Err(Error::from_failure(failure)),
        })
    }

    fn step(&self) -> Step {
        Step::OpenPipe
    }
}
