//! Servers that are asked for as long as the command runs.

use std::future::pending;
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::{Result, bail};
use netsession::{Refreshes, Watch};
use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::fleet::{ConnectOptions, builder};
use super::preparation::Preparation;
use super::single::Connection;
use crate::args::TargetArgs;
use crate::process::{Interrupt, open_files};
use crate::resolve::Resolved;

/// Why a command that stays ends by itself.
pub(crate) const EVERY_ACCOUNT_REFUSED: &str = "no server is asked any more: every account was refused";

/// The servers of a command that stays, everything known that there is to know before the first packet.
pub(crate) struct LiveServers {
    servers: Vec<Resolved>,
    options: ConnectOptions,
    /// Connections that are made at the same time.
    jobs: usize,
    /// And in a second.
    rate: Option<NonZeroU32>,
}

/// Ends after this time; never where there is no limit.
pub(crate) async fn time_is_up(length: Option<Duration>) {
    match length {
        Some(length) => sleep(length).await,
        None => pending().await,
    }
}

/// An error if this process may not keep a connection to each of these servers.
fn ensure_open_files(servers: usize) -> Result<()> {
    let possible = open_files::servers_at_once(servers);
    if possible < servers {
        bail!(
            "this process may open too few files to keep a connection to each of {servers} servers: raise the limit \
             (ulimit -n), or name at most {possible}"
        );
    }
    Ok(())
}

impl LiveServers {
    /// Looks at everything that can be wrong, and asks for the password last. Where it was asked for, signals are
    /// listened to already.
    pub(crate) fn prepare(
        args: &TargetArgs,
        warn: &mut dyn FnMut(&str),
    ) -> Result<(Self, Runtime, Option<Interrupt>)> {
        let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
        ensure_open_files(servers.len())?;
        Ok((Self::new(servers, args), runtime, interrupt))
    }

    /// These servers, with defaults for the rest.
    #[cfg(feature = "demo")]
    pub(crate) fn with_defaults(servers: Vec<Resolved>) -> Self {
        Self::new(servers, &TargetArgs::default())
    }

    fn new(servers: Vec<Resolved>, args: &TargetArgs) -> Self {
        let (jobs, rate) = (args.servers.jobs.into(), args.servers.rate);
        Self { servers, options: ConnectOptions::new(args), jobs, rate }
    }

    /// As they are shown, in the order of [`netsession::Refresh::index`].
    pub(crate) fn names(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.server.to_string()).collect()
    }

    /// Begins to ask them again and again. Within a runtime.
    pub(crate) fn start(&self, watch: Watch) -> Refreshes {
        let builders = self.servers.iter().map(|server| builder(self.options, server));
        watch.at_once(self.jobs).per_second(self.rate).start(builders)
    }

    /// A connection of its own to a server; none if there is no such one.
    pub(crate) fn connection(&self, index: usize) -> Option<Connection> {
        Some(Connection::new(self.servers.get(index)?, self.options))
    }
}
