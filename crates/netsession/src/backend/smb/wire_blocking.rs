use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use super::buffer::Buffer;
use super::connector::local_address;
use super::driver::Driver;
use super::opening::Opening;
use super::plan::SmbPlan;
use super::session::Session;
use super::talk::{Action, Talk};
use crate::connect::connect_blocking as connect_to_first;
use crate::error::Error;
use crate::question::Ask;
use crate::signal::Signal;
use crate::timings::Stopwatch;

/// A TCP connection that the caller's thread carries, and what is read from it.
pub(crate) struct BlockingWire {
    stream: TcpStream,
    peer: SocketAddr,
    buffer: Buffer,
    signal: Arc<Signal>,
    waker: Waker,
}

impl Driver<BlockingWire> {
    /// Negotiates and logs on over a new connection.
    pub(crate) fn open(plan: &Arc<SmbPlan>, stream: TcpStream, stopwatch: Stopwatch) -> Result<Self, Error> {
        let (local, peer) =
            local_address(stream.local_addr(), stream.peer_addr()).map_err(|error| plan.named(error))?;
        let (signal, waker) = Signal::new();
        let mut wire = BlockingWire { stream, peer, buffer: Buffer::default(), signal, waker };
        let opening = Opening::new(plan, local, stopwatch, Instant::now());
        let mut opening = opening.map_err(|error| plan.named(error))?;
        match wire.carry(&mut opening) {
            Ok(opened) => Ok(Self { wire, session: Session::new(Arc::clone(plan), opened) }),
            Err(error) => {
                wire.hear(opening);
                Err(error)
            }
        }
    }

    /// Asks one question. When the connection fails, every further question fails.
    pub(crate) fn ask<Q: Ask>(&mut self, question: &Q, deadline: Instant) -> Result<Q::Output, Error> {
        let mut inquiry = self.session.begin(question, deadline)?;
        let end = self.wire.carry(&mut inquiry);
        self.session.end(question, end)
    }
}

impl BlockingWire {
    /// Hears the answer to a log-on that its owner has given up, on a thread of its own.
    fn hear(mut self, mut opening: Opening) {
        if !opening.listen(Instant::now()) {
            return;
        }
        let hear = move || drop(self.carry(&mut opening));
        // Without a thread the log-on ends without an answer, and counts as unanswered.
        if let Err(error) = thread::Builder::new().name("netsession-log-on".into()).spawn(hear) {
            tracing::debug!(%error, "no thread to hear the answer to a log-on");
        }
    }

    fn carry<T: Talk>(&mut self, talk: &mut T) -> T::End {
        // RACE: a server may send an error and close. The write then fails, and the error is still to be read.
        let mut broken = false;
        loop {
            match talk.next(&self.waker) {
                Action::Finish(end) => return end,
                Action::Send(bytes) if !broken => broken = self.send(&bytes, talk.until()).is_err(),
                Action::Send(_) => {}
                Action::Receive(until) => self.receive(talk, until),
                Action::Wait(until) => {
                    self.signal.wait_until(until);
                    self.take_what_came(talk);
                }
                Action::Reconnect(again, until) => match self.reconnect(talk, again, until) {
                    Ok(()) => broken = false,
                    Err(error) => return talk.failed(error),
                },
            }
        }
    }

    /// Writes it all; if the deadline passes first, the talk will say so.
    fn send(&mut self, mut bytes: &[u8], until: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(left(until)?))?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self, talk: &mut impl Talk, until: Instant) {
        let timeout = left(until).and_then(|left| self.stream.set_read_timeout(Some(left)));
        self.take(talk, timeout);
    }

    /// Reads without waiting. A log-on must not be sent over a connection that has ended while it waited for others,
    /// because it would count as one without an answer.
    fn take_what_came(&mut self, talk: &mut impl Talk) {
        let at_once = self.stream.set_nonblocking(true);
        self.take(talk, at_once);
        if let Err(error) = self.stream.set_nonblocking(false) {
            tracing::debug!(%error, "the connection broke");
            talk.broke();
        }
    }

    fn take(&mut self, talk: &mut impl Talk, is_ready: io::Result<()>) {
        let Self { stream, buffer, .. } = self;
        let take = |bytes: &[u8]| talk.received(bytes);
        match is_ready.and_then(|()| buffer.read(|space| stream.read(space), take)) {
            Ok(0) => talk.closed(),
            Ok(_) => {}
            Err(error) if is_pause(&error) => {}
            Err(error) => {
                tracing::debug!(%error, "the connection broke");
                talk.broke();
            }
        }
    }

    fn reconnect<T: Talk>(&mut self, talk: &mut T, again: T::Reconnect, until: Instant) -> Result<(), Error> {
        self.stream = connect_to_first(vec![self.peer], until)?;
        let (local, _) = local_address(self.stream.local_addr(), self.stream.peer_addr())?;
        talk.reconnected(again, local)
    }
}

/// The remaining time, never zero: the standard library reads a zero timeout as none.
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
