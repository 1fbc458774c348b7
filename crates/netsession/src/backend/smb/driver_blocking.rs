use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::client::{ListRequest, Negotiated};

use super::buffer::Buffer;
use super::conversation::{Action, Conversation, Outcome};
use super::plan::Plan;
use super::{local_address, no_answer, resolve_timed_out};
use crate::connect::connect_blocking as connect_to_first;
use crate::error::Error;
use crate::resolve::Resolution;
use crate::signal::Signal;
use crate::timings::{Stopwatch, Timed};
use crate::{Listing, Timings};

/// A connection that the caller's thread carries.
pub(crate) struct Driver {
    stream: TcpStream,
    peer: SocketAddr,
    buffer: Buffer,
    conversation: Conversation,
    signal: Arc<Signal>,
    waker: Waker,
}

/// Resolves, connects and logs on, all before `plan.deadline`.
pub(crate) fn connect(plan: &Plan) -> Result<(Driver, Negotiated), Error> {
    let mut stopwatch = Stopwatch::start(Instant::now());
    let mut driver = open(plan, &mut stopwatch)
        .map_err(|error| plan.named(error).after(stopwatch.stop(Instant::now())))?;
    match driver.run() {
        Outcome::Ready(negotiated) => Ok((driver, negotiated)),
        outcome => Err(no_answer(outcome, plan)),
    }
}

fn open(plan: &Plan, stopwatch: &mut Stopwatch) -> Result<Driver, Error> {
    let (signal, waker) = Signal::new();
    let addresses = resolve(plan, &signal, &waker)?;
    stopwatch.enter(Timed::Connect, Instant::now());
    let stream = connect_to_first(addresses, plan.connect_deadline(Instant::now()))?;
    let (local, peer) = local_address(stream.local_addr(), stream.peer_addr())?;
    let conversation = Conversation::new(plan, local, *stopwatch, Instant::now())?;
    Ok(Driver { stream, peer, buffer: Buffer::default(), conversation, signal, waker })
}

fn resolve(plan: &Plan, signal: &Signal, waker: &Waker) -> Result<Vec<SocketAddr>, Error> {
    let mut resolution = Resolution::start(&plan.server, &plan.resolver)?;
    loop {
        if let Some(resolved) = resolution.poll(waker) {
            return resolved;
        }
        if Instant::now() >= plan.deadline {
            return Err(resolve_timed_out());
        }
        signal.wait_until(plan.deadline);
    }
}

impl Driver {
    /// Asks one question. Where it is said in front of the answer, the driver is of no more use.
    pub(crate) fn list(&mut self, request: ListRequest, deadline: Instant) -> (bool, Result<Listing, Error>) {
        self.conversation.ask(request, deadline);
        self.run().settle(self.conversation.plan())
    }

    /// How long each phase took.
    pub(crate) fn timings(&mut self) -> Timings {
        self.conversation.timings()
    }

    fn run(&mut self) -> Outcome {
        let outcome = self.talk();
        outcome.after(self.timings())
    }

    fn talk(&mut self) -> Outcome {
        // Once writing has failed, what the server said before it went is still to be read.
        let mut broken = false;
        loop {
            match self.conversation.next(&self.waker) {
                Action::Finish(outcome) => return outcome,
                Action::Send(bytes) if !broken => broken = self.send(&bytes).is_err(),
                Action::Send(_) => {}
                Action::Receive(until) => self.receive(until),
                Action::Wait(until) => self.signal.wait_until(until),
                Action::Reconnect(until) => match self.reconnect(until) {
                    Ok(()) => broken = false,
                    Err(error) => return Outcome::Failed(self.conversation.plan().named(error)),
                },
            }
        }
    }

    /// Writes it all; if the deadline passes first, the state machine will say so.
    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(left(self.conversation.until())?))?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self, until: Instant) {
        let Self { stream, buffer, conversation, .. } = self;
        let take = |bytes: &[u8]| conversation.received(bytes);
        let read = left(until)
            .and_then(|left| stream.set_read_timeout(Some(left)))
            .and_then(|()| buffer.read(|space| stream.read(space), take));
        match read {
            Ok(0) => conversation.closed(),
            Ok(_) => {}
            Err(error) if is_pause(&error) => {}
            Err(error) => {
                tracing::debug!(%error, "the connection broke");
                conversation.broke();
            }
        }
    }

    fn reconnect(&mut self, until: Instant) -> Result<(), Error> {
        self.stream = connect_to_first(vec![self.peer], until)?;
        let (local, _) = local_address(self.stream.local_addr(), self.stream.peer_addr())?;
        self.conversation.reconnected(local)
    }
}

/// The time that is left; the standard library takes a zero for forever.
fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left.max(Duration::from_millis(1))),
    }
}

/// Whether the socket is as good as before: its timeout passed, or a signal came.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
