//! The double as a program: its memory is its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

/// A double that is running until this is dropped.
#[derive(Debug)]
pub struct TestServer {
    child: Child,
    address: String,
}

/// Where the program is: `NETSESSION_TESTSERVER_BIN`, else beside the tests in the target folder.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("NETSESSION_TESTSERVER_BIN") {
        return Ok(path.into());
    }
    let me = std::env::current_exe()?;
    let mut paths = me.ancestors().skip(1).take(2).map(|folder| folder.join("netsession-testserver"));
    paths
        .find(|path| path.exists())
        .context("netsession-testserver is not built: cargo build -p netsession-testserver")
}

impl TestServer {
    /// A shipped scenario on so many addresses from `first` on; returns when it listens on all of them.
    pub fn start(scenario: &str, first: SocketAddr, addresses: usize) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.args([scenario, "--listen", &first.to_string()]);
        command.args(["--addresses", &addresses.to_string()]);
        Self::listening(&mut command)
    }

    /// A scenario of the test's own, on a free port of loopback.
    pub fn of(scenario: &str) -> Result<Self> {
        let mut file = NamedTempFile::with_suffix(".toml")?;
        file.write_all(scenario.as_bytes())?;
        Self::listening(Command::new(binary()?).arg(file.path()).args(["--listen", "127.0.0.1:0"]))
    }

    /// Address and port, the first where there are several.
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

    /// Stops it in its tracks: its connections stay, and nothing is answered.
    pub fn stall(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    pub fn resume(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "kill {name}: {status}");
        Ok(())
    }

    /// What it has in memory now.
    pub fn resident_kib(&self) -> Result<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
