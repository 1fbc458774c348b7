//! The distribution `Win32-Net-Session`, and Perl as its users run it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::account::Account;
use crate::netsession;
use crate::process::{self, ProgramOutput};

/// The folder of the distribution.
pub fn distribution() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../perl/Win32-Net-Session")
}

/// A Perl program to be run, with this module and this program, in the folder of the distribution.
#[derive(Debug)]
pub struct Perl {
    command: Command,
}

impl Perl {
    /// `perl -Ilib`
    pub fn new() -> Result<Self> {
        let mut perl = Self::program("perl")?;
        perl.command.arg("-Ilib");
        Ok(perl)
    }

    /// `prove -Ilib`
    pub fn prove() -> Result<Self> {
        let mut prove = Self::program("prove")?;
        prove.command.arg("-Ilib");
        Ok(prove)
    }

    fn program(program: &str) -> Result<Self> {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("NETSESSION_") || name.starts_with("PERL") {
                command.env_remove(name);
            }
        }
        command.env("NETSESSION_BIN", netsession::binary()?.canonicalize()?).current_dir(distribution());
        // Neither the configuration nor the ticket of the user who runs the tests.
        command.env("XDG_CONFIG_HOME", "/nonexistent").env("HOME", "/nonexistent").env_remove("KRB5CCNAME");
        Ok(Self { command })
    }

    /// Who asks.
    pub fn login(self, who: Account) -> Self {
        self.env("NETSESSION_LOGIN", who.name).env("NETSESSION_PASSWORD", who.password)
    }

    /// A variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// More arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// The command line, to be run otherwise.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Result<ProgramOutput> {
        process::run(&mut self.command, process::PATIENCE)
    }

    /// Runs it, and wants exit code 0.
    pub fn text(self) -> Result<String> {
        let outcome = self.run()?;
        ensure!(outcome.code == Some(0), "{outcome:?}");
        Ok(String::from_utf8(outcome.stdout)?)
    }
}

/// The synopsis, unchanged: its variables are set from outside, which `perl -s` does.
pub fn synopsis(server: SocketAddr, level: u8, who: Account) -> Result<Perl> {
    let variables = [format!("-server={server}"), format!("-level={level}")];
    Ok(Perl::new()?.login(who).args(["-s", "examples/synopsis.pl"]).args(variables))
}

/// The script that asks for level 3 and takes the server from its arguments.
pub fn active(server: SocketAddr, who: Account) -> Result<Perl> {
    Ok(Perl::new()?.login(who).args(["examples/active.pl", &server.to_string()]))
}

/// A session, as a script has printed it.
pub type Printed = BTreeMap<String, String>;

/// Reads what the synopsis prints, all of it: `Number of Sessions: N`, then for each `The key: 0`, `Key=Value` in
/// any order and an empty line.
pub fn parse(text: &str) -> Result<Vec<Printed>> {
    if text == "No Clients connected\n" {
        return Ok(Vec::new());
    }
    let (count, rest) = text.split_once('\n').context("no line")?;
    let count: usize =
        count.strip_prefix("Number of Sessions: ").context("no number of sessions")?.parse()?;
    let mut sessions = Vec::new();
    for block in rest.split_terminator("\n\n") {
        let mut lines = block.lines();
        let key = format!("The key: {}", sessions.len());
        ensure!(lines.next() == Some(key.as_str()), "{key:?} does not begin: {block}");
        let mut session = Printed::new();
        for line in lines {
            let (key, value) = line.split_once('=').with_context(|| format!("no key and value: {line}"))?;
            if session.insert(key.to_owned(), value.to_owned()).is_some() {
                bail!("{key} twice: {block}");
            }
        }
        sessions.push(session);
    }
    ensure!(sessions.len() == count, "{} sessions are printed, and {count} announced", sessions.len());
    Ok(sessions)
}

/// Sessions as text, one a line, with the keys in order: `ClientName=10.0.0.5; EntryCount=1`.
pub fn lines(sessions: &[Printed]) -> Vec<String> {
    let pair = |(key, value): (&String, &String)| format!("{key}={value}");
    sessions.iter().map(|session| session.iter().map(pair).collect::<Vec<_>>().join("; ")).collect()
}
