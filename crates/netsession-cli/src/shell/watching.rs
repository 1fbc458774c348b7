//! The seam to the library for commands that ask the same servers again and again.

use std::pin::pin;
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use netsession::{Refresh, Watch};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel};

use super::live::{LiveServers, time_is_up};
use crate::args::TargetArgs;
use crate::process::{Exit, Interrupt, interrupted};

/// How many refreshes wait for a slow reader before the next ones are held up.
const WAITING: usize = 16;

/// The servers to watch, everything known that there is to know before the first packet.
pub(crate) struct WatchedServers {
    servers: LiveServers,
    runtime: Runtime,
    interrupt: Option<Interrupt>,
}

/// What came next.
pub(crate) enum Next {
    Refresh(Box<Refresh>),
    /// The time that was given is up.
    TimeIsUp,
    /// No server is asked any more.
    End,
}

/// Servers that are being watched, on a thread of its own.
pub(crate) struct RunningWatch(Receiver<Next>);

impl RunningWatch {
    /// Blocks until something comes in.
    pub(crate) fn next(&mut self) -> Next {
        self.0.blocking_recv().unwrap_or(Next::End)
    }
}

impl WatchedServers {
    /// Looks at everything that can be wrong, and asks for the password last.
    pub(crate) fn prepare(args: &TargetArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        let (servers, runtime, interrupt) = LiveServers::prepare(args, warn)?;
        Ok(Self { servers, runtime, interrupt })
    }

    /// The servers, as they are shown, in the order of [`Refresh::index`].
    pub(crate) fn names(&self) -> Vec<String> {
        self.servers.names()
    }

    /// Begins to ask, for this time at most. It runs on a thread of its own: while a slow reader holds up the output,
    /// deadlines and Ctrl-C, which ends the process, go on.
    pub(crate) fn start(self, watch: Watch, length: Option<Duration>) -> Result<RunningWatch> {
        let Self { servers, runtime, interrupt } = self;
        let (sender, receiver) = channel(WAITING);
        let asks = move || {
            runtime.block_on(async {
                let mut refreshes = servers.start(watch);
                let mut time_is_up = pin!(time_is_up(length));
                let forward = async {
                    loop {
                        let next = tokio::select! {
                            refresh = refreshes.next() => refresh.map(|refresh| Next::Refresh(Box::new(refresh))),
                            () = &mut time_is_up => Some(Next::TimeIsUp),
                        };
                        let is_last = !matches!(next, Some(Next::Refresh(_)));
                        if sender.send(next.unwrap_or(Next::End)).await.is_err() || is_last {
                            return;
                        }
                    }
                };
                tokio::select! {
                    () = forward => {}
                    // At once: the main thread may be blocked in a write to a slow reader.
                    signal = interrupted(interrupt) => process::exit(Exit::Signal(signal).code().into()),
                }
            });
        };
        thread::Builder::new().spawn(asks).context("cannot start a thread to ask on")?;
        Ok(RunningWatch(receiver))
    }
}
