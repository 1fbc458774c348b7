//! A command that has one server, and several things to say to it.

use std::future::Future;
use std::process;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use netsession::{Error, KeptClient, Question};
use tokio::runtime::Runtime;

use super::fleet::{ConnectOptions, builder};
use super::preparation::Preparation;
use crate::args::TargetArgs;
use crate::process::{Exit, Interrupt, interrupted};
use crate::resolve::Resolved;

/// One server, everything known that there is to know before the first packet.
pub(crate) struct SingleServer {
    runtime: Runtime,
    server: Resolved,
    options: ConnectOptions,
    interrupt: Option<Interrupt>,
}

impl SingleServer {
    /// Looks at everything that can be wrong, and asks for the password last. `args` name one server.
    pub(crate) fn prepare(args: &TargetArgs, warn: &mut dyn FnMut(&str)) -> Result<Self> {
        if args.servers.servers.iter().any(|server| server.starts_with('@')) {
            bail!("name one server: what is closed on one is not closed on a whole group");
        }
        let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
        let server = servers.into_iter().next().context("no server is named")?;
        Ok(Self { runtime, server, options: ConnectOptions::new(args), interrupt })
    }

    /// Runs `work` to its end; Ctrl-C ends the process.
    pub(crate) fn run<T, F: Future<Output = T>>(&mut self, work: impl FnOnce(Connection) -> F) -> T {
        let Self { runtime, server, options, interrupt } = self;
        let listening = interrupt.take();
        let connection = Connection::new(server, *options);
        runtime.block_on(async {
            tokio::select! {
                result = work(connection) => result,
                signal = interrupted(listening) => process::exit(Exit::Signal(signal).code().into()),
            }
        })
    }
}

/// A connection to the server, made when it is first needed, and again where it has ended meanwhile: servers end
/// connections that are silent while a person thinks.
pub(crate) struct Connection {
    server: String,
    timeout: Duration,
    client: KeptClient,
}

impl Connection {
    /// Nothing is sent yet.
    pub(super) fn new(server: &Resolved, options: ConnectOptions) -> Self {
        Self {
            server: server.server.to_string(),
            timeout: options.timeout(),
            client: KeptClient::new(builder(options, server)),
        }
    }

    /// The server, as it is shown.
    pub(crate) fn server(&self) -> String {
        self.server.clone()
    }

    pub(crate) async fn ask<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Error> {
        self.client.ask(question, self.timeout).await
    }
}
