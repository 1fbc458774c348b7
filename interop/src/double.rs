//! The project's own server double, for what Samba has not: levels 2, 10 and 502, filters, pages. It is no proof of
//! the protocol, which real servers are; it is a server for what is built on the program.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use netsession_testserver::{Scenario, Server, ServerHandle};

/// A running double; it ends when this is dropped.
#[derive(Debug)]
pub struct Double {
    address: SocketAddr,
    _handle: ServerHandle,
}

impl Double {
    /// Starts it with a scenario in TOML.
    pub fn start(scenario: &str) -> Result<Self> {
        let scenario: Scenario = scenario.parse()?;
        let (address, handle) = Server::start(scenario).context("cannot start the double")?;
        Ok(Self { address, _handle: handle })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
