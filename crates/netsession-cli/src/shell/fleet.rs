//! The seam to the library: everything that the shell has to do with `netsession::Fleet`.
//!
//! `Question` and `Sessions` are the library's as soon as its `Fleet::ask` takes a question; [`ask`] is then
//! `fleet.ask(question, servers)`, and [`ServerAnswer`] is its `FleetAnswer`.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession::{
    Client, ClientBuilder, Credentials, Encryption, Error, Fleet, FleetAnswers, Kerberos, Level, Listing,
};

use crate::args::AskArgs;
use crate::resolve::{Address, Resolved};

/// What servers are asked.
pub(crate) trait Question: Send + 'static {
    type Answer: Send + 'static;

    /// The fleet that asks it.
    fn fleet(self, fleet: Fleet) -> Fleet;

    /// What the fleet's answer is to it.
    fn answer(listing: Listing) -> Self::Answer;
}

/// Who is connected.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pub(crate) level: Level,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
}

impl Question for Sessions {
    type Answer = Listing;

    fn fleet(self, fleet: Fleet) -> Fleet {
        let fleet = fleet.level(self.level);
        let fleet = self.client.into_iter().fold(fleet, Fleet::client);
        self.user.into_iter().fold(fleet, Fleet::user)
    }

    fn answer(listing: Listing) -> Listing {
        listing
    }
}

/// What one server answered.
#[derive(Debug)]
pub(super) struct ServerAnswer<T> {
    /// Its index among the servers.
    pub(super) index: usize,
    pub(super) result: Result<T, Error>,
    /// When its time is over, for what is done with the answer within the same time.
    pub(super) deadline: Instant,
}

/// The answers, as they come.
pub(super) struct Answers<Q> {
    answers: FleetAnswers,
    question: PhantomData<Q>,
}

impl<Q: Question> Answers<Q> {
    pub(super) async fn next(&mut self) -> Option<ServerAnswer<Q::Answer>> {
        let answer = self.answers.next().await?;
        let result = answer.result.map(Q::answer);
        Some(ServerAnswer { index: answer.index, result, deadline: answer.deadline })
    }
}

/// Asks the servers. Within a runtime.
pub(super) fn ask<Q: Question>(
    question: Q,
    limits: FleetLimits,
    options: ConnectOptions,
    servers: Arc<[Resolved]>,
) -> Answers<Q> {
    let fleet = Fleet::new().at_once(limits.jobs).per_second(limits.rate);
    // A builder is made when it is the server's turn: ten thousand of them at once would be memory.
    let builders = (0..servers.len()).filter_map(move |index| Some(builder(options, servers.get(index)?)));
    Answers { answers: question.fleet(fleet).ask(builders), question: PhantomData }
}

/// Maximum servers to ask.
#[derive(Debug, Clone, Copy)]
pub(super) struct FleetLimits {
    /// At the same time.
    pub(super) jobs: usize,
    /// In a second.
    pub(super) rate: Option<NonZeroU32>,
}

/// How to connect and to log on, the same for all servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConnectOptions {
    encryption: Encryption,
    kerberos: Kerberos,
    timeout: Duration,
    keep_going: bool,
}

impl ConnectOptions {
    pub(super) fn new(args: &AskArgs) -> Self {
        Self {
            encryption: args.connection.encrypt.into(),
            kerberos: args.login.kerberos.into(),
            timeout: args.connection.timeout,
            keep_going: args.login.keep_going,
        }
    }
}

fn builder(options: ConnectOptions, server: &Resolved) -> ClientBuilder {
    let name = match &server.address {
        // The library takes an empty name for this machine, if Windows asks.
        Address::ThisMachine => String::new(),
        Address::Server(name) => name.to_string(),
    };
    let mut builder = Client::builder(name)
        .backend(server.backend)
        .kerberos(options.kerberos)
        .timeout(options.timeout)
        .encryption(options.encryption);
    if let Some(credentials) = &server.credentials {
        builder = builder.credentials(Credentials::clone(credentials));
    }
    if options.keep_going {
        builder = builder.without_logon_guard();
    }
    builder
}
