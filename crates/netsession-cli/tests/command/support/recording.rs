//! `netsession record`, running, and what `netsession history` tells meanwhile.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{netsession, stderr};

/// A recorder that goes on.
pub(crate) struct Recording(Child);

impl Recording {
    pub(crate) fn start(store: &Path, arguments: &[&str]) -> Self {
        Self::start_as(r"LAB\admin", "Passw0rd!", store, arguments)
    }

    pub(crate) fn start_as(login: &str, password: &str, store: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.env_clear().env("NETSESSION_LOGIN", login).env("NETSESSION_PASSWORD", password);
        command
            .args(["record", "--interval", "200ms", "--timeout", "60s", "--store"])
            .arg(store)
            .args(arguments);
        Self(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn process(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("/bin/kill").args([signal, &self.0.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let mut text = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (self.0.wait().unwrap().code(), text)
    }

    /// Its exit code and what it said, once it ends by itself.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (self.0.wait().unwrap().code(), text)
    }

    /// Ends it without a signal of the system: on every one.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub(crate) fn history(store: &Path, arguments: &[&str]) -> Output {
    let (command, options) = match arguments.first() {
        Some(first) if ["stats", "forget", "export"].contains(first) => arguments.split_at(1),
        _ => arguments.split_at(0),
    };
    let mut all = vec!["history"];
    all.extend(command);
    let mut run = netsession(&all);
    run.env("TZ", "Europe/Berlin").arg("--store").arg(store).args(options).output().unwrap()
}

pub(crate) fn rows(store: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = history(store, &[&["-f", "json"], arguments].concat());
    if output.status.code() == Some(2) && stderr(&output).contains("does not exist") {
        return Vec::new();
    }
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is stored once it is as wanted.
pub(crate) fn wait_for(store: &Path, arguments: &[&str], wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    loop {
        let rows = rows(store, arguments);
        if wanted(&rows) {
            return rows;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
