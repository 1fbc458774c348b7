use std::convert::Infallible;
use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::client::Machine;

use super::talk::{Action, Talk};
use crate::error::{Error, Step};

/// What is done over pipes that are open: one question, two at the same time, the opening of a second pipe.
pub(super) trait Dialogue {
    /// What takes the bytes.
    type Machine: Machine;
    /// What the connection is good for afterwards. An error is one of the connection, or of this machine.
    type End;

    /// Takes the events of the machine. `None` while it is under way.
    fn take(&mut self, machine: &mut Self::Machine) -> Option<Result<Self::End, Error>>;

    /// What a failure of this machine is labelled with.
    fn step(&self) -> Step;
}

/// A [`Dialogue`] as a driver carries it.
pub(super) struct OverPipe<D: Dialogue> {
    machine: D::Machine,
    dialogue: D,
    deadline: Instant,
}

impl<D: Dialogue> OverPipe<D> {
    pub(super) fn new(machine: D::Machine, dialogue: D, deadline: Instant) -> Self {
        Self { machine, dialogue, deadline }
    }
}

impl<D: Dialogue> Talk for OverPipe<D> {
    type End = Result<D::End, Error>;
    /// What was begun over a connection is not begun again over another one.
    type Reconnect = Infallible;

    fn next(&mut self, _: &Waker) -> Action<Self> {
        loop {
            if let Some(end) = self.dialogue.take(&mut self.machine) {
                return Action::Finish(end);
            }
            if let Some(bytes) = self.machine.poll_transmit() {
                return Action::Send(bytes);
            }
            let now = Instant::now();
            match self.machine.poll_timeout() {
                Some(until) if now < until => return Action::Receive(until),
                Some(_) => self.machine.handle_timeout(now),
                // Its end has been taken: what the driver waits for would never come.
                None => return Action::Finish(Err(Error::client_closed(self.dialogue.step()))),
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.machine.handle_input(bytes, Instant::now());
    }

    fn closed(&mut self) {
        self.machine.handle_close(Instant::now());
    }

    fn broke(&mut self) {
        self.machine.handle_reset(Instant::now());
    }

    fn reconnected(&mut self, never: Infallible, _: IpAddr) -> Result<(), Error> {
        match never {}
    }

    fn failed(&mut self, error: Error) -> Self::End {
        Err(error)
    }

    fn until(&self) -> Instant {
        self.deadline
    }
}
