//! A command that asks its servers again and again: `netsession::Watch` of them.

use std::future::Future;
use std::time::Duration;

use anyhow::Result;
use netsession::{Refreshes, Watch};
use tokio::runtime::Runtime;

use super::fleet::{ConnectOptions, builder};
use super::preparation::Preparation;
use crate::args::AskArgs;
use crate::process::Interrupt;
use crate::resolve::Resolved;

/// The servers of a command, everything known that there is to know before the first packet.
pub(crate) struct WatchedServers {
    runtime: Runtime,
    servers: Vec<Resolved>,
    options: ConnectOptions,
    at_once: usize,
    interrupt: Option<Interrupt>,
}

impl WatchedServers {
    /// Looks at everything that can be wrong, and asks for the password last.
    pub(crate) fn prepare(args: &AskArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
        let at_once = usize::from(args.servers.jobs);
        Ok(Self { runtime, servers, options: ConnectOptions::new(args), at_once, interrupt })
    }

    /// The names of the servers, as they are shown.
    pub(crate) fn names(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.server.to_string()).collect()
    }

    /// Asks them, and runs `work` to its end.
    pub(crate) fn run<T, F: Future<Output = T>>(
        self,
        interval: Duration,
        files: bool,
        work: impl FnOnce(Refreshes, Option<Interrupt>) -> F,
    ) -> T {
        let Self { runtime, servers, options, at_once, interrupt } = self;
        runtime.block_on(async {
            let watch = Watch::new().interval(interval).files(files).at_once(at_once);
            let refreshes = watch.start(servers.iter().map(|server| builder(options, server)));
            work(refreshes, interrupt).await
        })
    }
}
