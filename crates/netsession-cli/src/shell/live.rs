//! Servers that are asked for as long as the command runs.

use std::num::NonZeroU32;

use anyhow::{Result, bail};
use netsession::ClientBuilder;
use tokio::runtime::Runtime;

use super::fleet::{ConnectOptions, builder};
use super::preparation::Preparation;
use super::single::Connection;
use crate::args::AskArgs;
use crate::process::{Interrupt, open_files};
use crate::resolve::Resolved;

/// The servers of a command that stays, everything known that there is to know before the first packet.
pub(crate) struct LiveServers {
    servers: Vec<Resolved>,
    options: ConnectOptions,
    /// Connections that are made at the same time.
    pub(crate) jobs: usize,
    /// And in a second.
    pub(crate) rate: Option<NonZeroU32>,
}

/// An error if this process may not keep a connection to each of these servers.
pub(super) fn ensure_open_files(servers: usize) -> Result<()> {
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
        args: &AskArgs,
        warn: &mut dyn FnMut(&str),
    ) -> Result<(Self, Runtime, Option<Interrupt>)> {
        let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
        ensure_open_files(servers.len())?;
        let live = Self {
            servers,
            options: ConnectOptions::new(args),
            jobs: args.servers.jobs.into(),
            rate: args.servers.rate,
        };
        Ok((live, runtime, interrupt))
    }

    /// These servers, with defaults for the rest.
    #[cfg(feature = "demo")]
    pub(crate) fn with_defaults(servers: Vec<Resolved>) -> Self {
        let args = AskArgs::default();
        Self {
            servers,
            options: ConnectOptions::new(&args),
            jobs: args.servers.jobs.into(),
            rate: args.servers.rate,
        }
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
