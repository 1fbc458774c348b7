//! The project's own server double, for what Samba lacks: levels 2, 10 and 502, filters, pages, faults. It runs as a
//! program, so that its memory is its own and it can be stalled. A test that needs neither starts
//! [`netsession_testserver::Server`] in its own process.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::process;

/// A running double; it ends when this is dropped.
#[derive(Debug)]
pub struct Double {
    child: Child,
    address: String,
}

/// Where the program is: `NETSESSION_TESTSERVER_BIN`, else beside the tests in the target folder.
pub fn binary() -> Result<PathBuf> {
    process::built("NETSESSION_TESTSERVER_BIN", "netsession-testserver", "netsession-testserver")
}

impl Double {
    /// Starts a scenario, shipped or from a file, on `addresses` addresses from `first` on. Returns when it listens on
    /// all of them.
    pub fn start_on(scenario: &str, first: SocketAddr, addresses: usize) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args([scenario, "--listen", &first.to_string()]);
        command.args(["--addresses", &addresses.to_string()]);
        Self::listening(&mut command)
    }

    /// Starts a scenario in TOML on a free port of loopback.
    pub fn start(scenario: &str) -> Result<Self> {
        let mut file = NamedTempFile::with_suffix(".toml")?;
        file.write_all(scenario.as_bytes())?;
        Self::listening(Command::new(binary()?).arg(file.path()).args(["--listen", "127.0.0.1:0"]))
    }

    /// The address and port; the first of several.
    pub fn address(&self) -> &str {
        &self.address
    }

    fn listening(command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut server = Self { child, address: String::new() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        // `listening on 127.0.0.1:PORT; logins: …`
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split([';', '\n', ' ']).next());
        address.with_context(|| format!("it does not listen: {line}"))?.clone_into(&mut server.address);
        Ok(server)
    }

    /// Suspends it: its connections stay, and nothing is answered.
    pub fn stall(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Resumes it.
    pub fn resume(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "kill {name}: {status}");
        Ok(())
    }

    /// Its resident memory now.
    pub fn resident_kib(&self) -> Result<usize> {
        process::resident_kib(self.child.id())
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
