use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::FleetAnswers;
use super::address_gate::AddressGate;
use super::schedule::{Rules, run};
use crate::client::ClientBuilder;
use crate::pace::Pace;
use crate::question::Question;
use crate::server_memory::ServerMemory;

/// Queries many servers, with limits on connections and rate.
///
/// - One deadline for each server: the `timeout` of its [`ClientBuilder`], which begins when it is asked and does
///   not run while it waits for [`per_address`](Self::per_address).
/// - A failed TCP connect is retried once within the deadline; a log-on never. The
///   [log-on guard](crate::logon_guard) holds: with a wrong password all servers together see one log-on.
/// - A `Fleet` and its clones remember the level of each server ([`ServerMemory`]), so that the next sweep takes fewer
///   round trips.
///
/// It needs a tokio runtime with I/O and time enabled. Its memory depends on the servers in flight, not on the number
/// of servers: the iterator is read one by one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let servers = [address.to_string()];
/// use netsession::{Client, Credentials, Fleet, Password, Sessions};
///
/// // `servers` are names such as "fs1.example.com".
/// let who = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let fleet = Fleet::new().at_once(64);
/// let builders = servers.map(|server| Client::builder(server).credentials(who.clone()));
/// let mut answers = fleet.ask(Sessions::new().user("alice"), builders);
/// while let Some(answer) = answers.next().await {
///     match answer.result {
///         Ok(listing) => println!("{}: {} sessions", answer.server, listing.len()),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `ask`"]
pub struct Fleet {
    at_once: usize,
    per_address: usize,
    per_second: Option<NonZeroU32>,
    memory: ServerMemory,
}

impl Default for Fleet {
    fn default() -> Self {
        Self { at_once: 16, per_address: 4, per_second: None, memory: ServerMemory::default() }
    }
}

impl Fleet {
    /// 16 servers at a time, at most 4 connections to one address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Maximum servers to query at the same time. Default 16; 0 counts as 1.
    ///
    /// A name that the system's resolver is still looking up when the server's time is over counts for up to 30 s more:
    /// its thread cannot be ended.
    pub fn at_once(mut self, servers: usize) -> Self {
        self.at_once = servers.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Maximum connections to one IP address at the same time, over all names and ports. Default 4; 0 counts as 1.
    pub fn per_address(mut self, connections: usize) -> Self {
        self.per_address = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// Maximum servers to start per second, evenly spaced. Default `None`: no limit.
    pub fn per_second(mut self, servers: Option<NonZeroU32>) -> Self {
        self.per_second = servers;
        self
    }

    /// The memory of earlier answers, to be shared with other fleets and clients. Default: a memory of this fleet and
    /// its clones.
    pub fn memory(mut self, memory: &ServerMemory) -> Self {
        self.memory = memory.clone();
        self
    }

    /// Clears the memory of earlier answers, after rights or servers have changed: the next query starts with the most
    /// detailed level again.
    pub fn forget(&self) {
        self.memory.clear();
    }

    /// Sends `question` to `servers`, and returns each answer as soon as it arrives.
    ///
    /// Dropping the answers closes all connections.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn ask<Q, I>(&self, question: Q, servers: I) -> FleetAnswers<Q::Answer>
    where
        Q: Question,
        I: IntoIterator<Item = ClientBuilder>,
        I::IntoIter: Send + 'static,
    {
        let (sender, answers) = mpsc::channel(self.at_once);
        let rules = Rules {
            at_once: self.at_once,
            pace: Pace::new(self.per_second),
            gate: Arc::new(AddressGate::new(self.per_address)),
            memory: self.memory.clone(),
        };
        FleetAnswers::new(answers, tokio::spawn(run(question, rules, servers.into_iter(), sender)))
    }
}
