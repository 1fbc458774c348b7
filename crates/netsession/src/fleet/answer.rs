use std::time::{Duration, Instant};

use crate::{Error, Listing};

/// What became of asking one server of a [`Fleet`](super::Fleet).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FleetAnswer {
    /// Its place among the servers that were given, from 0.
    pub index: usize,
    /// The server, as [`Client::server`](crate::Client::server) has it; as given, where it could not be parsed.
    pub server: String,
    /// Its sessions, or why there are none to show.
    pub result: Result<Listing, Error>,
    /// When its deadline has passed or would have: for what is done with the answer within the same time.
    pub deadline: Instant,
    /// How long it took from its turn on, without the wait for its address to be free.
    pub took: Duration,
}
