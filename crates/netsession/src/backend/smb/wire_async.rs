use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout_at;

use super::buffer::Buffer;
use super::connector::local_address;
use super::driver::Driver;
use super::opening::{Opened, Opening};
use super::plan::SmbPlan;
use super::second_pipe::SecondPipe;
use super::session::Session;
use super::talk::{Action, Talk};
use super::wait::woken_or;
use crate::connect::connect as connect_to_first;
use crate::error::{Error, Step};
use crate::question::{Ask, BothAnswers};
use crate::timings::Stopwatch;

/// A TCP connection that tokio carries, and what is read from it.
pub(crate) struct AsyncWire {
    stream: TcpStream,
    peer: SocketAddr,
    buffer: Buffer,
}

impl Driver<AsyncWire> {
    /// Negotiates and logs on over a new connection.
    ///
    /// The wait for the log-on guard may move the deadline of the plan. When the future is dropped while a log-on is
    /// unanswered whose answer matters to others, a task hears it.
    pub(crate) async fn open(
        plan: &mut Arc<SmbPlan>,
        stream: TcpStream,
        stopwatch: Stopwatch,
    ) -> Result<Self, Error> {
        let (local, peer) =
            local_address(stream.local_addr(), stream.peer_addr()).map_err(|error| plan.named(error))?;
        let wire = AsyncWire { stream, peer, buffer: Buffer::default() };
        let opening = Opening::new(plan, local, stopwatch, Instant::now());
        let underway = Underway(Some((wire, opening.map_err(|error| plan.named(error))?)));
        let (opened, moved) = underway.carry().await;
        if !moved.is_zero() {
            Arc::make_mut(plan).put_off(moved);
        }
        let (wire, opened) = opened?;
        Ok(Self { wire, session: Session::new(Arc::clone(plan), opened) })
    }

    /// Asks one question. When the future is dropped before its end, or the connection fails, every further
    /// question fails.
    pub(crate) async fn ask<Q: Ask>(&mut self, question: &Q, deadline: Instant) -> Result<Q::Output, Error> {
        let mut inquiry = Box::new(self.session.begin(question, deadline)?);
        let end = self.wire.carry(&mut *inquiry).await;
        self.session.end(question, end)
    }

    /// Opens a second pipe where it is due. When the future is dropped before its end, or the connection fails, every
    /// question fails.
    pub(crate) async fn open_second(&mut self, deadline: Instant) -> Result<(), Error> {
        let Some(pipe) = self.session.begin_second_pipe() else { return Ok(()) };
        let mut opening = Box::new(SecondPipe::begin(*pipe, deadline));
        let end = self.wire.carry(&mut *opening).await;
        self.session.end_second_pipe(end)
    }

    /// Asks two questions at the same time, over two pipes. `None` where the connection has one pipe alone. When the future
    /// is dropped before its end, or the connection fails, every further question fails.
    pub(crate) async fn ask_both<A: Ask, B: Ask>(
        &mut self,
        first: &A,
        second: &B,
        deadline: Instant,
    ) -> Option<BothAnswers<A, B>> {
        let mut inquiry = match self.session.begin_both(first, second, deadline) {
            Ok(inquiry) => Box::new(inquiry?),
            Err(error) => return Some(Err(error)),
        };
        let end = self.wire.carry(&mut *inquiry).await;
        Some(self.session.end_both(first, second, end))
    }
}

/// A connection that is being opened. Dropped while its log-on is unanswered, it leaves a task behind that hears the
/// answer, so that the log-on guard learns of it.
struct Underway(Option<(AsyncWire, Opening)>);

impl Underway {
    /// What comes of it, and how far its deadline was moved.
    async fn carry(mut self) -> (Result<(AsyncWire, Opened), Error>, Duration) {
        let closed = || Error::client_closed(Step::Connect);
        let Some((wire, opening)) = &mut self.0 else { return (Err(closed()), Duration::ZERO) };
        let opened = wire.carry(opening).await;
        let moved = opening.moved_by();
        let opened = opened.and_then(|opened| {
            let (wire, _) = self.0.take().ok_or_else(closed)?;
            Ok((wire, opened))
        });
        (opened, moved)
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let Some((mut wire, mut opening)) = self.0.take() else { return };
        if !opening.listen(Instant::now()) {
            return;
        }
        // Without a runtime the log-on ends without an answer, and counts as unanswered.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { wire.carry(&mut opening).await.map(|_| ()) });
        }
    }
}

impl AsyncWire {
    async fn carry<T: Talk>(&mut self, talk: &mut T) -> T::End {
        // RACE: a server may send an error and close. The write then fails, and the error is still to be read.
        let mut broken = false;
        loop {
            let next = poll_fn(|context| Poll::Ready(talk.next(context.waker())));
            match next.await {
                Action::Finish(end) => return end,
                Action::Send(bytes) if !broken => broken = !self.send(&bytes, talk.until()).await,
                Action::Send(_) => {}
                Action::Receive(until) => self.receive(talk, until).await,
                Action::Wait(until) => {
                    woken_or(until).await;
                    self.take_what_came(talk);
                }
                Action::Reconnect(again, until) => match self.reconnect(talk, again, until).await {
                    Ok(()) => broken = false,
                    Err(error) => return talk.failed(error),
                },
            }
        }
    }

    /// Whether the bytes are on their way; if the deadline passes first, the talk will say so.
    async fn send(&mut self, bytes: &[u8], until: Instant) -> bool {
        let written = timeout_at(until.into(), pin!(self.stream.write_all(bytes))).await;
        matches!(written, Ok(Ok(())))
    }

    async fn receive(&mut self, talk: &mut impl Talk, until: Instant) {
        match timeout_at(until.into(), self.stream.readable()).await {
            Ok(Ok(())) => self.take_what_came(talk),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the connection broke");
                talk.broke();
            }
            Err(_) => {}
        }
    }

    /// Reads without waiting. After a wait as well: a log-on must not be sent over a connection that has ended in the
    /// meantime, because it would count as one without an answer.
    fn take_what_came(&mut self, talk: &mut impl Talk) {
        let Self { stream, buffer, .. } = self;
        let take = |bytes: &[u8]| talk.received(bytes);
        match buffer.read(|space| stream.try_read(space), take) {
            Ok(0) => talk.closed(),
            Ok(_) => {}
            // Spurious readiness: poll again.
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => {
                tracing::debug!(%error, "the connection broke");
                talk.broke();
            }
        }
    }

    async fn reconnect<T: Talk>(
        &mut self,
        talk: &mut T,
        again: T::Reconnect,
        until: Instant,
    ) -> Result<(), Error> {
        self.stream = connect_to_first(vec![self.peer], until).await?;
        let (local, _) = local_address(self.stream.local_addr(), self.stream.peer_addr())?;
        talk.reconnected(again, local)
    }
}
