//! Many sessions at once, over a few connections or over one each.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::account::Account;

const SCRIPT: &str = include_str!("many.py");

/// Sessions without files; they end when this is dropped.
#[derive(Debug)]
pub struct Many {
    child: Child,
    took: Duration,
}

impl Many {
    /// Logs on `sessions` sessions over `connections` TCP connections, the users in turn. Returns when all stand.
    pub fn log_on(
        server: SocketAddr,
        users: &[Account],
        sessions: usize,
        connections: usize,
    ) -> Result<Self> {
        let plan = serde_json::json!({
            "host": server.ip().to_string(),
            "port": server.port(),
            "connections": connections,
            "sessions": sessions,
            "users": users.iter().map(|user| [user.name, user.password]).collect::<Vec<_>>(),
        });
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", SCRIPT])
            .arg(plan.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start python3")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let mut many = Self { child, took: Duration::ZERO };
        let Some(("ready", seconds)) = line.trim().split_once(&format!(" {sessions} ")) else {
            let mut said = String::new();
            if let Some(mut errors) = many.child.stderr.take() {
                errors.read_to_string(&mut said)?;
            }
            bail!("could not log on {sessions} sessions on {server}: {line}{said}");
        };
        many.took = Duration::from_secs_f64(seconds.parse()?);
        Ok(many)
    }

    /// How long the log-ons took.
    pub fn took(&self) -> Duration {
        self.took
    }
}

impl Drop for Many {
    fn drop(&mut self) {
        // The end of its input ends it, and with it the connections.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
