use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};
use tracing::Instrument as _;

use super::FleetAnswer;
use super::address_gate::AddressGate;
use super::slot::Slot;
use crate::client::{Client, ClientBuilder};
use crate::error::Error;
use crate::pace::Pace;
use crate::question::Question;
use crate::server_memory::ServerMemory;

/// The limits of a fleet.
pub(super) struct Rules {
    pub(super) at_once: usize,
    pub(super) pace: Pace,
    pub(super) gate: Arc<AddressGate>,
    pub(super) memory: ServerMemory,
}

/// Starts each server once it has a permit, and forwards each answer.
///
/// A task that finds its address busy gives its permit back while it waits, so that one slow address does not
/// hold up all the others; no more tasks than may run at once wait so.
pub(super) async fn run<Q: Question>(
    question: Q,
    rules: Rules,
    servers: impl Iterator<Item = ClientBuilder>,
    answers: mpsc::Sender<FleetAnswer<Q::Answer>>,
) {
    let Rules { at_once, mut pace, gate, memory } = rules;
    let permits = Arc::new(Semaphore::new(at_once));
    let most_tasks = at_once.saturating_mul(2);
    let mut servers = servers.enumerate().peekable();
    let mut tasks = JoinSet::new();
    loop {
        let may_start = tasks.len() < most_tasks && servers.peek().is_some();
        if tasks.is_empty() && !may_start {
            return;
        }
        tokio::select! {
            // Finished tasks first: they free permits.
            biased;
            Some(finished) = tasks.join_next() => {
                if answers.send(unwound(finished)).await.is_err() {
                    return;
                }
            }
            permit = next_permit(&pace, &permits), if may_start => {
                pace.taken();
                if let Some((index, builder)) = servers.next() {
                    let slot = Slot::new(permit, Arc::clone(&permits), Arc::clone(&gate));
                    let (question, builder) = (question.clone(), builder.memory(&memory));
                    tasks.spawn(async move { ask(index, builder, &question, slot).await });
                }
            }
        }
    }
}

async fn next_permit(pace: &Pace, permits: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    pace.wait().await;
    // The semaphore is never closed.
    Arc::clone(permits).acquire_owned().await.ok()
}

/// Asks one server.
async fn ask<Q: Question>(
    index: usize,
    builder: ClientBuilder,
    question: &Q,
    mut slot: Slot,
) -> FleetAnswer<Q::Answer> {
    let begun = Instant::now();
    let mut plan = match builder.plan(begun) {
        Ok(plan) => plan,
        Err(error) => {
            let server = error.server().unwrap_or_default().to_owned();
            let (timings, took) = (error.timings(), begun.elapsed());
            return FleetAnswer { index, server, result: Err(error), deadline: begun, took, timings };
        }
    };
    plan.as_one_of_many();
    let (server, deadline) = (plan.server(), plan.deadline());
    let asking = async {
        let client = Client::open(&mut plan, &mut slot).await?;
        let answer = client.ask(question).await?;
        Ok((answer, client.timings()))
    };
    let asked = asking.instrument(tracing::debug_span!("ask", server)).await;
    let timings = asked.as_ref().map_or_else(Error::timings, |(_, timings)| *timings);
    let result = asked.map(|(answer, _)| answer);
    // The waits for the address and for the log-on guard do not count as the server's time.
    let waited = plan.deadline().saturating_duration_since(deadline);
    let took = begun.elapsed().saturating_sub(waited);
    FleetAnswer { index, server, result, deadline: plan.deadline(), took, timings }
}

/// A task's answer. Its panic is one of the schedule, and goes on to the caller who takes the answers.
fn unwound<A: 'static>(finished: Result<FleetAnswer<A>, JoinError>) -> FleetAnswer<A> {
    match finished.map_err(JoinError::try_into_panic) {
        Ok(answer) => answer,
        Err(Ok(panic)) => resume_unwind(panic),
        // A task is aborted only with the set that it is in.
        Err(Err(error)) => resume_unwind(Box::new(error)),
    }
}
