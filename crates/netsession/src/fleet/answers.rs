use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{Error, Listing, Timings};

/// The result of one server of a [`Fleet`](super::Fleet).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetAnswer<A = Listing> {
    /// The index of the server in the input, from 0.
    pub index: usize,
    /// The server, as [`Client::server`](crate::Client::server) has it; as given, where it could not be parsed.
    pub server: String,
    /// The answer of the server, or the error.
    pub result: Result<A, Error>,
    /// The deadline of the server, for further work within the same time.
    pub deadline: Instant,
    /// The duration from the start of the server to its answer, without the wait for its address.
    pub took: Duration,
    /// The duration of each phase, up to the answer or the failure; empty for the Windows backend.
    pub timings: Timings,
}

/// The answers of a [`Fleet`](super::Fleet), in the order of their arrival: a stream, with a
/// [`next`](Self::next) of its own.
///
/// A slow reader applies back-pressure: while as many answers are unread as servers may run at the same time, no
/// further server is started. Dropping the stream closes every connection.
#[derive(Debug)]
#[must_use = "dropping it ends everything"]
pub struct FleetAnswers<A = Listing> {
    answers: mpsc::Receiver<FleetAnswer<A>>,
    schedule: JoinHandle<()>,
    is_over: bool,
}

impl<A> FleetAnswers<A> {
    pub(super) fn new(answers: mpsc::Receiver<FleetAnswer<A>>, schedule: JoinHandle<()>) -> Self {
        Self { answers, schedule, is_over: false }
    }

    /// The next answer; `None` after the last one. Cancel safe: dropping the future loses no answer.
    pub async fn next(&mut self) -> Option<FleetAnswer<A>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<A> Stream for FleetAnswers<A> {
    type Item = FleetAnswer<A>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<FleetAnswer<A>>> {
        if let Some(answer) = ready!(self.answers.poll_recv(context)) {
            return Poll::Ready(Some(answer));
        }
        if !self.is_over {
            let ended = ready!(Pin::new(&mut self.schedule).poll(context));
            self.is_over = true;
            // A panic in it, the caller's iterator among it, is the caller's: no answer is left out in silence.
            if let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) {
                resume_unwind(panic);
            }
        }
        Poll::Ready(None)
    }
}

impl<A> Drop for FleetAnswers<A> {
    fn drop(&mut self) {
        // With the schedule go the tasks that it has started.
        self.schedule.abort();
    }
}
