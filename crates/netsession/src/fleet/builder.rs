use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::FleetAnswers;
use super::address_gate::AddressGate;
use super::pace::Pace;
use super::schedule::{Rules, run};
use crate::client::ClientBuilder;
use crate::memory::ServerMemory;
use crate::question::Question;

/// Asks many servers, at most N at a time and no faster than is good for them.
///
/// - One deadline for each server: the `timeout` of its [`ClientBuilder`], which begins when it is asked and does
///   not run while it waits for [`per_address`](Self::per_address).
/// - A TCP connect that failed is tried once more within the deadline; a log-on never. The
///   [log-on guard](crate::logon_guard) holds: with a wrong password all servers together see one log-on.
/// - What each server answered is remembered in a `Fleet` and its clones ([`ServerMemory`]), so that the next
///   sweep takes fewer round trips.
///
/// It needs a tokio runtime with I/O and time switched on. It holds memory for the servers in flight, whatever
/// the number of servers: they are taken from the iterator one by one.
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

    /// The most servers that are asked at the same time. Default 16; 0 counts as 1.
    ///
    /// A name that the system's resolver is still looking up when the server's time is over counts for up to 30 s more:
    /// its thread cannot be ended.
    pub fn at_once(mut self, servers: usize) -> Self {
        self.at_once = servers.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The most connections to one IP address at the same time, by whatever names and ports it is asked.
    /// Default 4; 0 counts as 1.
    pub fn per_address(mut self, connections: usize) -> Self {
        self.per_address = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// The most servers to begin with in one second, evenly spread. Default `None`: no limit.
    pub fn per_second(mut self, servers: Option<NonZeroU32>) -> Self {
        self.per_second = servers;
        self
    }

    /// What servers answered before, to be shared with other fleets and clients. Default: a memory of this fleet
    /// and its clones.
    pub fn memory(mut self, memory: &ServerMemory) -> Self {
        self.memory = memory.clone();
        self
    }

    /// Forgets what servers answered before: rights or servers have changed, and the most is to be asked for
    /// again.
    pub fn forget(&self) {
        self.memory.clear();
    }

    /// Puts `question` to `servers`, and gives each answer as soon as it is there.
    ///
    /// Dropping the answers ends everything that is under way.
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
