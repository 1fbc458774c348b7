//! The listing as python3-samba sees it: what `netsession` is compared with, field by field.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::account::Account;
use crate::process;

const SCRIPT: &str = include_str!("oracle.py");

/// One session, as it is on the wire.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Row {
    /// `sesi_cname`
    pub client: String,
    /// What the level does not carry is `None`.
    pub user: Option<String>,
    /// Open files.
    pub opens: Option<u32>,
    /// Seconds; 0xFFFFFFFF on a session that has just begun.
    pub connected: Option<u32>,
    /// Seconds.
    pub idle: Option<u32>,
    /// `SESS_GUEST` 1, `SESS_NOENCRYPTION` 2.
    pub flags: Option<u32>,
    /// Levels 2 and 502.
    pub client_type: Option<String>,
    /// Level 502.
    pub transport: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Error { error: u32 },
    Row(Row),
}

/// `Ok` are the sessions, `Err` the server's error code.
pub type Listing = Result<Vec<Row>, u32>;

/// Asks `server` at one level.
pub fn list(server: SocketAddr, who: Account, level: u32) -> Result<Listing> {
    let outcome = process::run(&mut command(server, who, level), Duration::from_secs(60))?;
    ensure!(outcome.code == Some(0), "python3-samba: {}", outcome.stderr);
    let mut rows = Vec::new();
    for line in String::from_utf8(outcome.stdout)?.lines() {
        match serde_json::from_str(line).with_context(|| line.to_owned())? {
            Line::Error { error } => return Ok(Err(error)),
            Line::Row(row) => rows.push(row),
        }
    }
    Ok(Ok(rows))
}

/// The whole command line, for who wants to run it alone.
pub fn command(server: SocketAddr, who: Account, level: u32) -> Command {
    let plan = serde_json::json!({
        "host": server.ip().to_string(),
        "port": server.port(),
        "user": who.name,
        "password": who.password,
        "level": level,
    });
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", SCRIPT]).arg(plan.to_string());
    command
}
