//! Asks the servers, on a thread of its own.

use std::pin::pin;
use std::process;
use std::sync::Arc;
use std::thread;

use anyhow::{Context as _, Result};
use netsession::{Error, FleetAnswer};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::command::ServerCommand;
use super::fleet::{self, ConnectOptions, FleetLimits};
use super::progress::Progress;
use super::reverse_dns::ReverseDns;
use crate::output::{Row, Rows, ServerRows};
use crate::process::{EndSignal, Exit, Interrupt, interrupted};
use crate::resolve::Resolved;

/// Everything that is known before the first packet.
pub(super) struct Job<C: ServerCommand> {
    pub(super) question: C::Question,
    pub(super) servers: Vec<Resolved>,
    pub(super) limits: FleetLimits,
    pub(super) options: ConnectOptions,
    pub(super) resolves_clients: bool,
    /// Where a password was asked for, Ctrl-C is listened to already.
    pub(super) interrupt: Option<Interrupt>,
}

/// The rows of a server, and its index among the servers.
pub(super) type Indexed<R> = (usize, ServerRows<R>);

/// Asks on a thread of its own: while a slow reader holds up the output, the servers that are being asked and
/// their deadlines go on. It listens to Ctrl-C for as long as the program lives. The end of the program waits neither
/// for this thread nor for a resolver that is stuck.
pub(super) fn start<C: ServerCommand + 'static>(
    runtime: Runtime,
    mut job: Job<C>,
    progress: Progress,
) -> Result<Receiver<Indexed<C::Row>>> {
    let (sender, receiver) = channel(job.limits.jobs);
    let interrupt = job.interrupt.take();
    let asks = move || {
        runtime.block_on(async move {
            let mut interrupted = pin!(interrupted(interrupt));
            tokio::select! {
                // The sender lives on: the main thread must not take an interrupt for the end.
                () = ask_all(job, &sender) => {}
                signal = &mut interrupted => exit_interrupted(&progress, signal),
            }
            drop(sender);
            // The main thread still writes what was answered, as slowly as its reader reads.
            let signal = interrupted.await;
            exit_interrupted(&progress, signal)
        })
    };
    thread::Builder::new().spawn(asks).context("cannot start a thread to ask on")?;
    Ok(receiver)
}

/// Asks all servers, and sends the rows of each as soon as they are there. A slow receiver holds up further servers.
async fn ask_all<C: ServerCommand + 'static>(job: Job<C>, rows: &Sender<Indexed<C::Row>>) {
    let servers: Arc<[Resolved]> = job.servers.into();
    let mut answers = fleet::ask(job.question, job.limits, job.options, Arc::clone(&servers));
    let reverse_dns = Arc::new(ReverseDns::new());
    // Answers whose clients are being looked up.
    let mut lookups = JoinSet::new();
    let mut is_over = false;
    while !(is_over && lookups.is_empty()) {
        let done = tokio::select! {
            Some(done) = lookups.join_next() => unwound(done),
            answer = answers.next(), if !is_over && lookups.len() < job.limits.jobs => {
                let Some(FleetAnswer { index, result, deadline, timings, .. }) = answer else {
                    is_over = true;
                    continue;
                };
                let Some(server) = servers.get(index) else { continue };
                let server = server.server.to_string();
                let result = result.map(|answer| Rows { timings, ..C::rows(&server, answer) });
                if job.resolves_clients {
                    lookups.spawn(with_names(index, server, result, deadline.into(), Arc::clone(&reverse_dns)));
                    continue;
                }
                (index, ServerRows { server, result })
            }
        };
        // An error is the end of the program: the receiver is gone.
        let _ = rows.send(done).await;
    }
}

/// With the names of the clients that are found in time.
async fn with_names<R: Row>(
    index: usize,
    server: String,
    mut result: Result<Rows<R>, Error>,
    deadline: Instant,
    reverse_dns: Arc<ReverseDns>,
) -> Indexed<R> {
    if let Ok(rows) = &mut result {
        let addresses = rows.rows.iter().filter_map(Row::client_address);
        let names = reverse_dns.names(addresses.collect(), deadline).await;
        for row in &mut rows.rows {
            if let Some(name) = row.client_address().and_then(|address| names.get(&address)) {
                row.set_client_name(name.clone());
            }
        }
    }
    (index, ServerRows { server, result })
}

fn unwound<T>(result: Result<T, JoinError>) -> T {
    result.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        // Only a panic ends these tasks early: none is aborted.
        Err(error) => std::panic::resume_unwind(Box::new(error)),
    })
}

/// At once, from any thread: the main thread may be blocked in a write to a slow reader.
fn exit_interrupted(progress: &Progress, signal: EndSignal) -> ! {
    progress.clear_at_once();
    process::exit(Exit::Signal(signal).code().into())
}
