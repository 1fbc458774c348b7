//! impacket's own file server: SMB 2.0.2, signed, and a server service without NetrSessionEnum.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::account::Account;
use crate::oracle::Row;

const SCRIPT: &str = include_str!("server.py");

/// A running one on a free port of loopback. It ends when this is dropped, and also when the process that holds this
/// is killed: it reads its standard input to the end.
#[derive(Debug)]
pub struct FileServer {
    child: Child,
    address: SocketAddr,
}

impl FileServer {
    /// As it comes, with one user. Returns when it listens.
    pub fn start(user: Account) -> Result<Self> {
        Self::run(serde_json::json!({ "user": user.name, "password": user.password }))
    }

    /// The same with NetrSessionEnum, which answers with these sessions at levels 0, 1, 2, 10 and 502.
    pub fn start_with_sessions(user: Account, sessions: &[Row]) -> Result<Self> {
        Self::run(serde_json::json!({ "user": user.name, "password": user.password, "sessions": sessions }))
    }

    fn run(plan: serde_json::Value) -> Result<Self> {
        let mut command = Command::new(super::python()?);
        command.args(["-c", SCRIPT]).arg(plan.to_string());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start impacket")?;
        let stdout = child.stdout.take().context("no stdout")?;
        // Made before the first error, so that a server that does not listen is ended as well.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim_end().strip_prefix("listening on ");
        server.address = address.with_context(|| format!("it does not listen: {line}"))?.parse()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
