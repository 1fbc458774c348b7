//! Many servers at once.

mod address_gate;
mod answer;
mod answers;
mod ask;
mod held;
mod level_memory;
mod pace;
mod schedule;
#[cfg(test)]
mod tests;
mod turn;

pub use answer::FleetAnswer;
pub use answers::FleetAnswers;

use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::Semaphore;

use level_memory::LevelMemory;

use crate::ClientBuilder;
use crate::question::Question;
use crate::settings::question_setters;

/// One question to many servers, so many at a time and no faster than is good for them.
///
/// - One deadline for each server: the `timeout` of its [`ClientBuilder`], which begins when it is its turn and
///   does not run while it waits for [`per_address`](Self::per_address).
/// - A TCP connect that failed is tried once more within the deadline; a log-on never. The
///   [log-on guard](crate::logon_guard) holds: with a wrong password all servers together see one log-on.
/// - The level that each server gave is remembered in a `Fleet` and its clones, so that the next sweep asks for
///   it at once: one round trip less for each level that the server has not.
///
/// It needs a tokio runtime with I/O and time switched on. Memory is for the servers in flight, whatever the
/// number of servers: they are taken from the iterator when it is their turn. Beyond that there is a name and its
/// level for each server that gave less than 502 when it was asked for the most.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let servers = [address.to_string()];
/// use netsession::{Client, Credentials, Fleet, Password};
///
/// // `servers` are names such as "fs1.example.com".
/// let who = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let fleet = Fleet::new().at_once(64).user("alice");
/// let builders = servers.map(|server| Client::builder(server).credentials(who.clone()));
/// let mut answers = fleet.ask(builders);
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
    question: Question,
    at_once: usize,
    per_address: usize,
    per_second: Option<NonZeroU32>,
    levels: Arc<LevelMemory>,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            question: Question::default(),
            at_once: 16,
            per_address: 4,
            per_second: None,
            levels: Arc::default(),
        }
    }
}

impl Fleet {
    /// Every session of every server, 16 servers at a time.
    pub fn new() -> Self {
        Self::default()
    }

    question_setters!();

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

    /// The most servers whose turn may begin in one second, evenly spread. Default `None`: no limit.
    pub fn per_second(mut self, servers: Option<NonZeroU32>) -> Self {
        self.per_second = servers;
        self
    }

    /// Forgets which level each server gave: rights or servers have changed, and the most is to be asked for
    /// again.
    pub fn forget_levels(&self) {
        self.levels.clear();
    }

    /// Asks `servers`, and gives each answer as soon as it is there.
    ///
    /// What is asked is the fleet's own question, the same for all. Dropping the answers ends everything that is
    /// under way.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn ask<I>(&self, servers: I) -> FleetAnswers
    where
        I: IntoIterator<Item = ClientBuilder>,
        I::IntoIter: Send + 'static,
    {
        FleetAnswers::start(self.clone(), servers.into_iter())
    }
}
