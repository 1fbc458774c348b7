//! Servers that are asked for as long as the command runs.

use anyhow::Result;
use netsession::ClientBuilder;
use tokio::runtime::Runtime;

use super::fleet::{ConnectOptions, builder};
use super::preparation::Preparation;
use super::single::Connection;
use crate::args::AskArgs;
use crate::process::Interrupt;
use crate::resolve::Resolved;

/// The servers of a command that stays, everything known that there is to know before the first packet.
pub(crate) struct LiveServers {
    servers: Vec<Resolved>,
    options: ConnectOptions,
    /// Connections that are made at the same time.
    pub(crate) jobs: usize,
}

impl LiveServers {
    /// Looks at everything that can be wrong, and asks for the password last. Where it was asked for, signals are
    /// listened to already.
    pub(crate) fn prepare(
        args: &AskArgs,
        warn: &mut dyn FnMut(&str),
    ) -> Result<(Self, Runtime, Option<Interrupt>)> {
        let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
        let live = Self { servers, options: ConnectOptions::new(args), jobs: args.servers.jobs.into() };
        Ok((live, runtime, interrupt))
    }

    /// These servers, with defaults for the rest.
    #[cfg(feature = "demo")]
    pub(crate) fn with_defaults(servers: Vec<Resolved>) -> Self {
        let args = AskArgs::default();
        Self { servers, options: ConnectOptions::new(&args), jobs: args.servers.jobs.into() }
    }

    /// As they are shown.
    pub(crate) fn names(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.server.to_string()).collect()
    }

    /// Clients that are not connected yet, in the same order.
    pub(crate) fn builders(&self) -> impl Iterator<Item = ClientBuilder> {
        self.servers.iter().map(|server| builder(self.options, server))
    }

    /// A connection of its own to a server; none if there is no such one.
    pub(crate) fn connection(&self, index: usize) -> Option<Connection> {
        Some(Connection::new(self.servers.get(index)?, self.options))
    }
}
