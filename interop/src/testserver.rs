//! The project's own double of a file server, as a program.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// A server that is running until this is dropped.
#[derive(Debug)]
pub struct Testserver {
    child: Child,
    address: String,
}

/// `NETSESSION_TESTSERVER`, else beside the tests in the target folder.
pub fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("NETSESSION_TESTSERVER") {
        return Ok(path.into());
    }
    let me = std::env::current_exe()?;
    let folders = me.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join("netsession-testserver")).find(|path| path.exists());
    found.context("the double of a server is not built: cargo build -p netsession-testserver")
}

impl Testserver {
    /// Starts it with this scenario on a free port of loopback.
    pub fn start(scenario: &str) -> Result<Self> {
        let mut file = NamedTempFile::with_suffix(".toml")?;
        file.write_all(scenario.as_bytes())?;
        let mut child = Command::new(program()?)
            .arg(file.path())
            .args(["--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start netsession-testserver")?;
        let mut line = String::new();
        let said = child.stdout.take().context("no pipe")?;
        BufReader::new(said).read_line(&mut line)?;
        let mut server = Self { child, address: String::new() };
        // `listening on 127.0.0.1:PORT; logins: …`
        let address = line.strip_prefix("listening on ").and_then(|rest| rest.split([';', '\n']).next());
        address
            .with_context(|| format!("netsession-testserver said {line:?}"))?
            .clone_into(&mut server.address);
        Ok(server)
    }

    /// Address and port.
    pub fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Testserver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
