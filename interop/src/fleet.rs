//! A thousand file servers: one double on a thousand addresses of loopback, and the configuration for them.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::account::{Account, DOUBLE_ADMIN};
use crate::double::Double;
use crate::port;

const WINDOWS: &str = include_str!("../../crates/netsession-testserver/scenarios/windows.toml");
/// The first address. The pattern of the configuration covers those after it.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
/// The passwords of the configuration.
pub const ACCOUNTS: [(&str, Account); 1] = [("double", DOUBLE_ADMIN)];
/// The sessions of the scenario `windows`, and that of the caller.
pub const SESSIONS_OF_EACH: f64 = 5.0;

/// Doubles that run until this is dropped.
#[derive(Debug)]
pub struct Fleet {
    /// The process.
    pub server: Double,
    port: u16,
    size: usize,
}

impl Fleet {
    /// Starts `size` servers on a free port.
    pub fn start(size: usize) -> Result<Self> {
        Self::start_on(port::free(), size, 0)
    }

    /// Starts `size` servers on this port, with a delay of each reply.
    pub fn start_on(port: u16, size: usize, delay_ms: u64) -> Result<Self> {
        // The double reads the file once, when it starts.
        let mut scenario = NamedTempFile::with_suffix(".toml")?;
        writeln!(scenario, "delay-ms = {delay_ms}\n{WINDOWS}")?;
        Self::with_scenario(scenario.path().to_str().context("a path that is no text")?, port, size)
    }

    /// Starts `size` servers with a scenario, shipped or from a file.
    pub fn with_scenario(scenario: &str, port: u16, size: usize) -> Result<Self> {
        let first = SocketAddr::from((FIRST, port));
        Ok(Self { server: Double::start_on(scenario, first, size)?, port, size })
    }

    /// The port that all of them share.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address and port of each.
    pub fn targets(&self) -> Vec<String> {
        let first = FIRST.to_bits();
        let addresses = (0..self.size as u32).map(|number| Ipv4Addr::from_bits(first + number));
        addresses.map(|address| format!("{address}:{}", self.port)).collect()
    }

    /// A file with one server a line, for `--servers-from`.
    pub fn list(&self) -> Result<NamedTempFile> {
        let mut file = NamedTempFile::new()?;
        writeln!(file, "# the fleet\n{}", self.targets().join("\n"))?;
        Ok(file)
    }

    /// The configuration of the exporter for them.
    pub fn configuration(&self) -> String {
        format!(
            "[credentials]\ndouble = {{ login = 'LAB\\admin', password_file = 'double.password' }}\n\
             [[exporter.patterns]]\nmatch = '127.77.*.*:{}'\ncredentials = 'double'\n",
            self.port
        )
    }
}
