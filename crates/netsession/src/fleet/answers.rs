use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{Error, Listing};

/// What became of asking one server of a [`Fleet`](super::Fleet).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetAnswer<A = Listing> {
    /// Its place among the servers that were given, from 0.
    pub index: usize,
    /// The server, as [`Client::server`](crate::Client::server) has it; as given, where it could not be parsed.
    pub server: String,
    /// Its answer, or why there is none.
    pub result: Result<A, Error>,
    /// When its deadline has passed or would have: for what is done with the answer within the same time.
    pub deadline: Instant,
    /// From the moment when it was asked to its answer, without the wait for its address.
    pub took: Duration,
}

/// The answers of a [`Fleet`](super::Fleet), in the order in which they come: a stream, with a
/// [`next`](Self::next) of its own.
///
/// A slow reader is waited for: when as many answers as may run at once lie ready, no further server is asked.
/// Dropped, it closes every connection and asks no further server.
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

    /// The next answer; `None` when every server has been asked. Nothing is lost when the future is dropped.
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
