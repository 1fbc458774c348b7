//! The seam to the library: everything that the shell has to do with `netsession::Fleet`.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use netsession::{Client, ClientBuilder, Credentials, Fleet, FleetAnswers, Question};

use crate::args::TargetArgs;
use crate::resolve::{Address, Resolved};

/// Asks the servers. Within a runtime.
pub(super) fn ask<Q: Question>(
    question: Q,
    limits: FleetLimits,
    options: ConnectOptions,
    servers: Arc<[Resolved]>,
) -> FleetAnswers<Q::Answer> {
    let fleet = Fleet::new().at_once(limits.jobs).per_second(limits.rate);
    // A builder is made when it is the server's turn: ten thousand of them at once would be memory.
    let builders = (0..servers.len()).filter_map(move |index| Some(builder(options, servers.get(index)?)));
    fleet.ask(question, builders)
}

/// Maximum servers to ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct FleetLimits {
    /// At the same time.
    pub(super) jobs: usize,
    /// In a second.
    pub(super) rate: Option<NonZeroU32>,
}

/// What is the same for all servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectOptions {
    timeout: Duration,
    keep_going: bool,
}

impl ConnectOptions {
    pub(super) fn new(args: &TargetArgs) -> Self {
        Self { timeout: args.connection.timeout, keep_going: args.login.keep_going }
    }

    pub(super) fn timeout(self) -> Duration {
        self.timeout
    }
}

/// A client of this server, not yet connected.
pub(super) fn builder(options: ConnectOptions, server: &Resolved) -> ClientBuilder {
    let builder = match &server.address {
        Address::ThisMachine => Client::this_machine(),
        Address::Server(name) => Client::builder(name.clone()),
    };
    let mut builder = builder
        .backend(server.backend)
        .connection_settings(server.connection.clone())
        .timeout(options.timeout);
    if let Some(credentials) = &server.credentials {
        builder = builder.credentials(Credentials::clone(credentials));
    }
    if options.keep_going {
        builder = builder.without_logon_guard();
    }
    builder
}
