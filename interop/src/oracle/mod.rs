//! The listing as python3-samba sees it: what `netsession` is compared with, field by field.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Account;
use crate::process::{self, ProgramOutput};

const SCRIPT: &str = include_str!("oracle.py");
const LISTS: &str = include_str!("lists.py");

/// One session, as it is on the wire.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
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

/// What is asked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Question {
    /// 0, 1, 2, 10 or 502.
    pub level: u32,
    /// With its backslashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_client: Option<&'static str>,
    /// Without domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_user: Option<&'static str>,
    /// The only dialect to offer. Only impacket looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<u16>,
    /// Preferred bytes of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
}

/// A page of an answer.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Page {
    /// How many sessions are in it.
    pub entries: usize,
    /// How many are left from where it begins.
    pub total: u32,
    /// Where the next one begins.
    pub resume: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Error { error: u32 },
    Page { page: Page },
    Row(Row),
}

/// `Ok` are the sessions, `Err` the server's error code.
pub type Listing = Result<Vec<Row>, u32>;

impl Question {
    /// All sessions at a level.
    pub fn level(level: u32) -> Self {
        Self { level, ..Self::default() }
    }

    /// The argument of the scripts.
    pub(crate) fn plan(&self, server: SocketAddr, who: Account) -> Value {
        let mut plan = serde_json::json!(self);
        plan["host"] = server.ip().to_string().into();
        plan["port"] = server.port().into();
        plan["user"] = who.name.into();
        plan["password"] = who.password.into();
        plan
    }
}

/// Asks `server` at one level.
pub fn list(server: SocketAddr, who: Account, level: u32) -> Result<Listing> {
    ask(server, who, &Question::level(level))
}

/// Asks `server`, page after page.
pub fn ask(server: SocketAddr, who: Account, question: &Question) -> Result<Listing> {
    listing(&run(server, who, question)?)
}

/// Asks `server`, and gives the pages.
pub fn pages(server: SocketAddr, who: Account, question: &Question) -> Result<Vec<Page>> {
    let lines = lines(&run(server, who, question)?)?;
    Ok(lines
        .into_iter()
        .filter_map(|line| if let Line::Page { page } = line { Some(page) } else { None })
        .collect())
}

/// What lists `files` (level 3), `shares` (level 2) or `shares-1`, as JSON.
pub fn lists_command(server: SocketAddr, who: Account, what: &str) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", LISTS, &server.ip().to_string(), &server.port().to_string()]);
    command.args([who.name, who.password, what]);
    command
}

/// The whole command line, for who wants to run it alone.
pub fn command(server: SocketAddr, who: Account, question: &Question) -> Command {
    let mut command = Command::new("/usr/bin/python3");
    command.args(["-c", SCRIPT]).arg(question.plan(server, who).to_string());
    command
}

fn run(server: SocketAddr, who: Account, question: &Question) -> Result<ProgramOutput> {
    process::run(&mut command(server, who, question), process::PATIENCE)
}

/// What one of the scripts has printed.
pub(crate) fn listing(outcome: &ProgramOutput) -> Result<Listing> {
    let mut rows = Vec::new();
    for line in lines(outcome)? {
        match line {
            Line::Error { error } => return Ok(Err(error)),
            Line::Row(row) => rows.push(row),
            Line::Page { .. } => {}
        }
    }
    Ok(Ok(rows))
}

fn lines(outcome: &ProgramOutput) -> Result<Vec<Line>> {
    ensure!(outcome.code == Some(0), "it failed: {}", outcome.stderr);
    let text = std::str::from_utf8(&outcome.stdout)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}
