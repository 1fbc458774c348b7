use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::schedule::run;
use super::{Fleet, FleetAnswer};
use crate::ClientBuilder;

/// The answers of a [`Fleet`], in the order in which they come: a stream, with a [`next`](Self::next) of its
/// own.
///
/// Whoever takes them slowly is waited for: when as many answers as may run at once lie ready, no further server
/// is asked. Dropped, it closes every connection and asks nobody any more.
#[derive(Debug)]
#[must_use = "dropping it ends everything"]
pub struct FleetAnswers {
    answers: mpsc::Receiver<FleetAnswer>,
    schedule: JoinHandle<()>,
    is_over: bool,
}

impl FleetAnswers {
    pub(super) fn start(fleet: Fleet, servers: impl Iterator<Item = ClientBuilder> + Send + 'static) -> Self {
        let (sender, answers) = mpsc::channel(fleet.at_once);
        let schedule = tokio::spawn(run(fleet, servers, sender));
        Self { answers, schedule, is_over: false }
    }

    /// The next answer; `None` when every server has been asked. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<FleetAnswer> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for FleetAnswers {
    type Item = FleetAnswer;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<FleetAnswer>> {
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

impl Drop for FleetAnswers {
    fn drop(&mut self) {
        // With the schedule go the tasks that it has started.
        self.schedule.abort();
    }
}
