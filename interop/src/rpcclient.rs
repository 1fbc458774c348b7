//! Samba's own `rpcclient`: it prints a count, no rows.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::account::Account;
use crate::oracle::Question;
use crate::process;

/// `Ok` is how many sessions there are, `Err` the name of the server's error.
pub type Listing = Result<usize, String>;

/// `netsessenum` at level 1. `args` go before the others, for example `--client-protection=encrypt`.
pub fn enumerate(server: SocketAddr, who: Account, args: &[&str]) -> Result<Listing> {
    ask(server, who, &Question::level(1), args)
}

/// `netsessenum` with filters and at any level.
pub fn ask(server: SocketAddr, who: Account, question: &Question, args: &[&str]) -> Result<Listing> {
    let mut command = connection(server, who);
    let text = |name: Option<&str>| name.unwrap_or("x").replace('\\', r"\\");
    let (client, user) = (text(question.by_client), text(question.by_user));
    command.args(["-c", &format!("netsessenum {client} {user} {} 0", question.level)]);
    let outcome = process::run(command.arg(server.ip().to_string()).args(args), process::PATIENCE)?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned() + &outcome.stderr;
    parse(&text).with_context(|| format!("rpcclient said: {text}"))
}

/// The whole command line, for who wants to run it alone.
pub fn command(server: SocketAddr, who: Account) -> Command {
    // Empty arguments of netsessenum are dropped, hence the x for the client and for the user. Samba ignores both.
    with_command(server, who, "netsessenum x x 1 0")
}

/// `netfileenum`, the whole command line.
pub fn files_command(server: SocketAddr, who: Account) -> Command {
    with_command(server, who, "netfileenum")
}

/// What it says to any of its commands, on stdout and then on stderr.
pub fn say(server: SocketAddr, who: Account, command: &str) -> Result<String> {
    let outcome = process::run(&mut with_command(server, who, command), process::PATIENCE)?;
    Ok(String::from_utf8_lossy(&outcome.stdout).into_owned() + &outcome.stderr)
}

fn with_command(server: SocketAddr, who: Account, command: &str) -> Command {
    let mut rpcclient = connection(server, who);
    rpcclient.args(["-c", command]).arg(server.ip().to_string());
    rpcclient
}

fn connection(server: SocketAddr, who: Account) -> Command {
    let mut command = Command::new("rpcclient");
    // Its own defaults, whatever the host's smb.conf says.
    command.args(["-s", "/dev/null", "-p"]).arg(server.port().to_string());
    command.arg("-U").arg(format!("{}%{}", who.name, who.password));
    command
}

fn parse(text: &str) -> Result<Listing> {
    for line in text.lines() {
        if let Some(rest) = line.trim().strip_prefix("Received ") {
            let count = rest.split(' ').next().unwrap_or_default();
            return Ok(Ok(count.parse()?));
        }
        if let Some(error) = line.trim().strip_prefix("result was ") {
            return Ok(Err(error.to_owned()));
        }
        if let Some(error) = line.split("NT_STATUS_").nth(1) {
            return Ok(Err(format!("NT_STATUS_{error}")));
        }
    }
    bail!("neither a count nor an error")
}
