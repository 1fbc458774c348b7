use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use netsession_proto::client::{ListRequest, Negotiated};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout_at;

use super::buffer::Buffer;
use super::conversation::{Action, Conversation, Outcome};
use super::plan::Plan;
use super::wait::woken_or;
use super::{local_address, no_answer, resolve_timed_out};
use crate::connect::connect as connect_to_first;
use crate::error::Error;
use crate::resolve::Resolution;
use crate::timings::{Stopwatch, Timed};
use crate::{Listing, Timings};

/// A connection that tokio carries. Dropped at any point, it leaves nothing behind.
pub(crate) struct Driver {
    stream: TcpStream,
    peer: SocketAddr,
    buffer: Buffer,
    conversation: Conversation,
}

/// Resolves, connects and logs on, all before `plan.deadline`.
pub(crate) async fn connect(plan: &Plan) -> Result<(Driver, Negotiated), Error> {
    let mut stopwatch = Stopwatch::start(Instant::now());
    let addresses = resolve(plan, &mut stopwatch).await?;
    let stream = open(plan, addresses, &mut stopwatch).await?;
    log_on(plan, stream, stopwatch).await
}

/// The addresses of the server, at least one.
pub(crate) async fn resolve(plan: &Plan, stopwatch: &mut Stopwatch) -> Result<Vec<SocketAddr>, Error> {
    let resolved = async {
        let mut resolution = Resolution::start(&plan.server, &plan.resolver)?;
        let resolved = poll_fn(|context| resolution.poll(context.waker()).map_or(Poll::Pending, Poll::Ready));
        timeout_at(plan.deadline.into(), resolved).await.unwrap_or_else(|_| Err(resolve_timed_out()))
    };
    let resolved = resolved.await;
    let timings = stopwatch.stop(Instant::now());
    resolved.map_err(|error| plan.named(error).after(timings))
}

/// A TCP connection to the first address that answers.
pub(crate) async fn open(
    plan: &Plan,
    addresses: Vec<SocketAddr>,
    stopwatch: &mut Stopwatch,
) -> Result<TcpStream, Error> {
    let now = Instant::now();
    stopwatch.enter(Timed::Connect, now);
    let connected = connect_to_first(addresses, plan.connect_deadline(now)).await;
    let timings = stopwatch.stop(Instant::now());
    connected.map_err(|error| plan.named(error).after(timings))
}

/// Negotiates and logs on.
pub(crate) async fn log_on(
    plan: &Plan,
    stream: TcpStream,
    stopwatch: Stopwatch,
) -> Result<(Driver, Negotiated), Error> {
    let mut driver = Driver::new(plan, stream, stopwatch).map_err(|error| plan.named(error))?;
    match driver.run().await {
        Outcome::Ready(negotiated) => Ok((driver, negotiated)),
        outcome => Err(no_answer(outcome, plan)),
    }
}

impl Driver {
    fn new(plan: &Plan, stream: TcpStream, stopwatch: Stopwatch) -> Result<Self, Error> {
        let (local, peer) = local_address(stream.local_addr(), stream.peer_addr())?;
        let conversation = Conversation::new(plan, local, stopwatch, Instant::now())?;
        Ok(Self { stream, peer, buffer: Buffer::default(), conversation })
    }

    /// Asks one question. When the future is dropped before its end, and where it is said in front of the
    /// answer, the driver is of no more use.
    pub(crate) async fn list(
        &mut self,
        request: ListRequest,
        deadline: Instant,
    ) -> (bool, Result<Listing, Error>) {
        self.conversation.ask(request, deadline);
        self.run().await.settle(self.conversation.plan())
    }

    /// How long each phase took.
    pub(crate) fn timings(&mut self) -> Timings {
        self.conversation.timings()
    }

    async fn run(&mut self) -> Outcome {
        let outcome = self.talk().await;
        outcome.after(self.timings())
    }

    async fn talk(&mut self) -> Outcome {
        // Once writing has failed, what the server said before it went is still to be read.
        let mut broken = false;
        loop {
            let next = poll_fn(|context| Poll::Ready(self.conversation.next(context.waker())));
            match next.await {
                Action::Finish(outcome) => return outcome,
                Action::Send(bytes) if !broken => broken = !self.send(&bytes).await,
                Action::Send(_) => {}
                Action::Receive(until) => self.receive(until).await,
                Action::Wait(until) => woken_or(until).await,
                Action::Reconnect(until) => match self.reconnect(until).await {
                    Ok(()) => broken = false,
                    Err(error) => return Outcome::Failed(self.conversation.plan().named(error)),
                },
            }
        }
    }

    /// Whether the bytes are on their way; if the deadline passes first, the state machine will say so.
    async fn send(&mut self, bytes: &[u8]) -> bool {
        let until = self.conversation.until();
        let written = timeout_at(until.into(), pin!(self.stream.write_all(bytes))).await;
        matches!(written, Ok(Ok(())))
    }

    async fn receive(&mut self, until: Instant) {
        let Self { stream, buffer, conversation, .. } = self;
        let Ok(readable) = timeout_at(until.into(), stream.readable()).await else {
            return;
        };
        let take = |bytes: &[u8]| conversation.received(bytes);
        match readable.and_then(|()| buffer.read(|space| stream.try_read(space), take)) {
            Ok(0) => conversation.closed(),
            Ok(_) => {}
            // Somebody else's news.
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => {
                tracing::debug!(%error, "the connection broke");
                conversation.broke();
            }
        }
    }

    async fn reconnect(&mut self, until: Instant) -> Result<(), Error> {
        self.stream = connect_to_first(vec![self.peer], until).await?;
        let (local, _) = local_address(self.stream.local_addr(), self.stream.peer_addr())?;
        self.conversation.reconnected(local)
    }
}
