use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::client::{Failure, Machine as _, OpenSecond, OpenSecondEvent, RpcPipe};

use super::talk::{Action, Talk};
use crate::error::{Error, Step};

/// Opens a second pipe over a connection that is there.
pub(super) struct SecondPipe {
    opening: OpenSecond,
    deadline: Instant,
}

/// The end of it.
pub(super) enum SecondPipeEnd {
    Opened(Box<RpcPipe>),
    /// The server refused it; the first pipe is still usable.
    Refused(Box<RpcPipe>, Failure),
    /// The connection has failed.
    Failed(Failure),
    /// A failure of this machine.
    Broken(Error),
}

impl SecondPipe {
    pub(super) fn new(pipe: RpcPipe, deadline: Instant) -> Self {
        Self { opening: pipe.open_second(deadline, Instant::now()), deadline }
    }
}

impl Talk for SecondPipe {
    type End = SecondPipeEnd;

    fn next(&mut self, _: &Waker) -> Action<SecondPipeEnd> {
        loop {
            if let Some(event) = self.opening.poll_event() {
                return Action::Finish(match event {
                    OpenSecondEvent::Opened(pipe) => SecondPipeEnd::Opened(pipe),
                    OpenSecondEvent::Refused(pipe, failure) => SecondPipeEnd::Refused(pipe, failure),
                    OpenSecondEvent::Failed(failure) => SecondPipeEnd::Failed(failure),
                });
            }
            if let Some(bytes) = self.opening.poll_transmit() {
                return Action::Send(bytes);
            }
            let now = Instant::now();
            match self.opening.poll_timeout() {
                Some(until) if now < until => return Action::Receive(until),
                Some(_) => self.opening.handle_timeout(now),
                // Its end has been taken: what the driver waits for would never come.
                None => return Action::Finish(self.failed(Error::client_closed(Step::OpenPipe))),
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.opening.handle_input(bytes, Instant::now());
    }

    fn closed(&mut self) {
        self.opening.handle_close(Instant::now());
    }

    fn broke(&mut self) {
        self.opening.handle_reset(Instant::now());
    }

    fn reconnected(&mut self, _: IpAddr) -> Result<(), Error> {
        // Nothing asks for it.
        Err(Error::client_closed(Step::OpenPipe))
    }

    fn failed(&mut self, error: Error) -> SecondPipeEnd {
        SecondPipeEnd::Broken(error)
    }

    fn until(&self) -> Instant {
        self.deadline
    }
}
