use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};

use super::address_gate::AddressGate;
use super::ask::ask;
use super::pace::Pace;
use super::turn::Turn;
use super::{Fleet, FleetAnswer};
use crate::ClientBuilder;

/// Starts each server when it is its turn, and sends each answer on as soon as it is there.
///
/// A task that finds its address busy gives its turn back while it waits, so that one slow address does not hold
/// up all the others; no more tasks than may run at once wait so.
pub(super) async fn run(
    fleet: Fleet,
    servers: impl Iterator<Item = ClientBuilder>,
    answers: mpsc::Sender<FleetAnswer>,
) {
    let turns = Arc::new(Semaphore::new(fleet.at_once));
    let most_tasks = fleet.at_once.saturating_mul(2);
    let gate = Arc::new(AddressGate::new(fleet.per_address));
    let mut pace = Pace::new(fleet.per_second);
    let mut servers = servers.enumerate().peekable();
    let mut tasks = JoinSet::new();
    loop {
        let may_start = tasks.len() < most_tasks && servers.peek().is_some();
        if tasks.is_empty() && !may_start {
            return;
        }
        tokio::select! {
            // First what is done: it makes room.
            biased;
            Some(finished) = tasks.join_next() => {
                if answers.send(unwound(finished)).await.is_err() {
                    return;
                }
            }
            permit = next_turn(&pace, &turns), if may_start => {
                pace.taken();
                if let Some((index, builder)) = servers.next() {
                    let turn = Turn::new(permit, Arc::clone(&turns), Arc::clone(&gate));
                    let fleet = fleet.clone();
                    tasks.spawn(async move { ask(index, builder, &fleet, turn).await });
                }
            }
        }
    }
}

async fn next_turn(pace: &Pace, turns: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    pace.wait().await;
    // The semaphore is never closed.
    Arc::clone(turns).acquire_owned().await.ok()
}

/// A task's answer. Its panic is one of the schedule, and whoever takes the answers gets to know it.
fn unwound(finished: Result<FleetAnswer, JoinError>) -> FleetAnswer {
    match finished.map_err(JoinError::try_into_panic) {
        Ok(answer) => answer,
        Err(Ok(panic)) => resume_unwind(panic),
        // Nobody aborts a task but the end of the set that it is in.
        Err(Err(error)) => resume_unwind(Box::new(error)),
    }
}
