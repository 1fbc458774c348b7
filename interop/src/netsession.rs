//! The program under test, run as its user runs it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::account::Account;
use crate::process::{self, ProgramOutput};

/// A session in `json` and `jsonl`. Every key is always there, and there is no other.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// As typed, with the port when it is not 445.
    pub server: String,
    /// The shape shown.
    pub level: u32,
    /// Without `\\` and brackets.
    pub client: Option<String>,
    /// `None` when the level does not carry it, as with all that follows.
    pub user: Option<String>,
    /// Open files.
    pub opens: Option<u32>,
    /// How long it has been there.
    pub connected_seconds: Option<u64>,
    /// How long it has done nothing.
    pub idle_seconds: Option<u64>,
    /// `guest`, `no_encryption`, others in hexadecimal.
    pub flags: Option<Vec<String>>,
    /// Levels 2 and 502.
    pub client_type: Option<String>,
    /// Level 502.
    pub transport: Option<String>,
    /// With `--resolve`.
    pub client_name: Option<String>,
}

/// A run to be.
#[derive(Debug)]
pub struct List {
    command: Command,
}

/// Where the program is: `NETSESSION_BIN`, else beside the tests in the target folder.
pub fn binary() -> Result<PathBuf> {
    process::built("NETSESSION_BIN", "netsession", "netsession-cli")
}

impl List {
    /// `netsession list SERVER`
    pub fn new(server: impl AsRef<OsStr>) -> Result<Self> {
        Self::of_command("list", server)
    }

    /// `netsession COMMAND SERVER`
    pub fn of_command(name: &str, server: impl AsRef<OsStr>) -> Result<Self> {
        let mut command = Command::new(binary()?);
        command.arg(name).arg(server);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("NETSESSION_") {
                command.env_remove(name);
            }
        }
        // Neither the configuration nor the ticket of the user who runs the tests.
        command.env("XDG_CONFIG_HOME", "/nonexistent").env("HOME", "/nonexistent").env_remove("KRB5CCNAME");
        Ok(Self { command })
    }

    /// Name and password in the environment.
    pub fn login(mut self, who: Account) -> Self {
        self.command.env("NETSESSION_LOGIN", who.name).env("NETSESSION_PASSWORD", who.password);
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// More arguments.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    /// A run that says nothing of its time waits for the answer of a busy machine longer than the program does for its
    /// user, and sends no second log-on because the first one has had no answer for a quarter of that time. The tests
    /// that are about the time say it.
    fn patient(mut self) -> Self {
        if !self.command.get_args().any(|argument| argument == "--timeout") {
            self.command.args(["--timeout", "120s"]);
        }
        self
    }

    /// The same, started by another program: `wrapper PROGRAM ARGUMENTS`.
    pub fn under(self, wrapper: &[&str]) -> Result<Self> {
        let patient = self.patient();
        let (first, rest) = wrapper.split_first().context("no program")?;
        let mut command = Command::new(first);
        command.args(rest).arg(patient.command.get_program()).args(patient.command.get_args());
        for (name, value) in patient.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(Self { command })
    }

    /// The command line, to be run otherwise.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end. Its passwords are in nothing that it says.
    pub fn run(self) -> Result<Run> {
        let Self { mut command } = self.patient();
        let run = Run { outcome: process::run(&mut command, process::PATIENCE)? };
        let is_password = |name: &OsStr| name.to_string_lossy().ends_with("PASSWORD");
        let set = command.get_envs().filter(|(name, _)| is_password(name)).filter_map(|(_, value)| value);
        // Shorter ones can stand there by chance.
        for password in set.filter_map(OsStr::to_str).filter(|password| password.len() >= 8) {
            let told = String::from_utf8_lossy(&run.outcome.stdout).contains(password);
            ensure!(!told && !run.outcome.stderr.contains(password), "it tells a password: {run:?}");
        }
        Ok(run)
    }

    /// Runs it with `-f json`, and wants exit code 0.
    pub fn rows(self) -> Result<Vec<Row>> {
        self.args(&["-f", "json"]).run()?.rows()
    }

    /// Runs it with `-f jsonl`, and wants exit code 1 and one line, which is an error.
    pub fn error(self) -> Result<Value> {
        let run = self.args(&["-f", "jsonl"]).run()?;
        ensure!(run.outcome.code == Some(1), "not exit code 1: {run:?}");
        match run.lines()?.as_slice() {
            [line] if line["error"].is_object() => Ok(line["error"].clone()),
            _ => bail!("not one line with an error: {run:?}"),
        }
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code, output and time.
    pub outcome: ProgramOutput,
}

impl Run {
    /// The array of `-f json`, after exit code 0.
    pub fn rows(&self) -> Result<Vec<Row>> {
        ensure!(self.outcome.code == Some(0), "not exit code 0: {self:?}");
        self.rows_of_a_partial_success()
    }

    /// The array of `-f json`, whatever the exit code.
    pub fn rows_of_a_partial_success(&self) -> Result<Vec<Row>> {
        let rows: Vec<Value> =
            serde_json::from_slice(&self.outcome.stdout).with_context(|| format!("{self:?}"))?;
        rows.into_iter().map(row).collect()
    }

    /// The lines of `-f jsonl`.
    pub fn lines(&self) -> Result<Vec<Value>> {
        let text = std::str::from_utf8(&self.outcome.stdout)?;
        text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }

    /// stdout as text.
    pub fn text(&self) -> Result<&str> {
        Ok(std::str::from_utf8(&self.outcome.stdout)?)
    }
}

/// One session; serde would take a missing key for a null.
pub fn row(value: Value) -> Result<Row> {
    const KEYS: usize = 11;
    let keys = value.as_object().map_or(0, serde_json::Map::len);
    ensure!(keys == KEYS, "{keys} keys instead of {KEYS}: {value}");
    Ok(serde_json::from_value(value)?)
}
