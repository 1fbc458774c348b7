//! A thousand file servers: one double on as many addresses of loopback, and what a configuration says of them.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::account::{Account, DOUBLE_ADMIN};
use crate::double::Double;
use crate::port;

const WINDOWS: &str = include_str!("../../crates/netsession-testserver/scenarios/windows.toml");
/// The first address; those that follow it are in the pattern of the configuration.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
/// In a configuration of the exporter.
const CREDENTIALS: &str =
    "[credentials]\ndouble = { login = 'LAB\\admin', password_file = 'double.password' }\n";
/// The passwords of the configuration.
pub const ACCOUNTS: [(&str, Account); 1] = [("double", DOUBLE_ADMIN)];
/// Those of the scenario `windows`, and the one that asks.
pub const SESSIONS_OF_EACH: f64 = 5.0;

/// Doubles that answer until this is dropped.
#[derive(Debug)]
pub struct Fleet {
    /// The process.
    pub server: Double,
    port: u16,
    size: usize,
}

impl Fleet {
    /// A number of servers on a free port.
    pub fn start(size: usize) -> Result<Self> {
        Self::start_on(port::free(), size, 0)
    }

    /// A number of servers on this port, whose replies are each `delay_ms` late.
    pub fn start_on(port: u16, size: usize, delay_ms: u64) -> Result<Self> {
        // Read once, when it starts.
        let mut scenario = NamedTempFile::with_suffix(".toml")?;
        writeln!(scenario, "delay-ms = {delay_ms}\n{WINDOWS}")?;
        Self::with_scenario(scenario.path().to_str().context("a path that is no text")?, port, size)
    }

    /// Ten servers whose administrator has this password.
    pub fn with_password(password: &str) -> Result<Self> {
        Self::with_password_on(password, port::free())
    }

    /// As [`Fleet::with_password`], on this port.
    pub fn with_password_on(password: &str, port: u16) -> Result<Self> {
        let mut scenario = NamedTempFile::with_suffix(".toml")?;
        let password = format!("password = \"{password}\"");
        let usual = format!("password = \"{}\"", DOUBLE_ADMIN.password);
        ensure!(WINDOWS.contains(&usual), "the scenario has another password");
        writeln!(scenario, "{}", WINDOWS.replace(&usual, &password))?;
        Self::with_scenario(scenario.path().to_str().context("a path that is no text")?, port, 10)
    }

    /// A number of servers with this scenario: the name of a shipped one, or a file.
    pub fn with_scenario(scenario: &str, port: u16, size: usize) -> Result<Self> {
        let first = SocketAddr::from((FIRST, port));
        Ok(Self { server: Double::start_on(scenario, first, size)?, port, size })
    }

    /// The port of all.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Each of them.
    pub fn targets(&self) -> Vec<String> {
        let first = FIRST.to_bits();
        let addresses = (0..self.size as u32).map(|number| Ipv4Addr::from_bits(first + number));
        addresses.map(|address| format!("{address}:{}", self.port)).collect()
    }

    /// A file with each of them, one a line, for `--servers-from`.
    pub fn list(&self) -> Result<NamedTempFile> {
        let mut file = NamedTempFile::new()?;
        writeln!(file, "# the fleet\n{}", self.targets().join("\n"))?;
        Ok(file)
    }

    /// A configuration of the exporter with an entry for each of them.
    pub fn listed(&self) -> String {
        let entry = |target| format!("'{target}' = {{ credentials = 'double' }}\n");
        let entries: String = self.targets().into_iter().map(entry).collect();
        format!("[servers]\n{entries}{CREDENTIALS}")
    }

    /// A configuration of the exporter with a pattern that allows all of them.
    pub fn configuration(&self) -> String {
        format!(
            "{CREDENTIALS}[[exporter.patterns]]\nmatch = '127.77.*.*:{}'\ncredentials = 'double'\n",
            self.port
        )
    }
}
