//! Samba's own torture test of the pipe `srvsvc`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::account::Account;
use crate::process;

/// How a test ended, and what was said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `success`, `failure`, `error` or `skip`.
    pub how: String,
    /// Why, unless it succeeded.
    pub why: String,
}

/// What a run said.
#[derive(Clone, Debug)]
pub struct Run {
    /// Each test, by its name.
    pub tests: BTreeMap<String, Ended>,
    /// Everything.
    pub text: String,
}

/// Runs `rpc.srvsvc`.
pub fn srvsvc(server: SocketAddr, who: Account) -> Result<Run> {
    let mut command = Command::new("smbtorture");
    command.args(["-s", "/dev/null", &format!("--option=smb ports={}", server.port())]);
    command.arg(format!("ncacn_np:{}[smb2]", server.ip()));
    command.args(["-U", &format!("{}%{}", who.name, who.password), "rpc.srvsvc"]);
    let outcome = process::run(&mut command, process::PATIENCE)?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned() + &outcome.stderr;
    let tests = parse(&text);
    ensure!(!tests.is_empty(), "no test ran: {text}");
    Ok(Run { tests, text })
}

/// `failure: NAME [`, then why, then `]`.
fn parse(text: &str) -> BTreeMap<String, Ended> {
    let mut tests = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((how, name)) = line.split_once(": ") else { continue };
        if !["success", "failure", "error", "skip"].contains(&how) {
            continue;
        }
        let why = match name.strip_suffix(" [") {
            Some(_) => lines.by_ref().take_while(|line| *line != "]").collect::<Vec<_>>().join("\n"),
            None => String::new(),
        };
        let name = name.trim_end_matches(" [").to_owned();
        tests.insert(name, Ended { how: how.to_owned(), why });
    }
    tests
}
