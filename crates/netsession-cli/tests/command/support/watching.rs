//! `netsession watch`, running.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use serde_json::Value;

/// A watch that goes on.
pub(crate) struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netsession"));
        command.env_clear().env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
        command.args(["watch", "--interval", "100ms", "-f", "jsonl"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    /// The next event of this name.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        loop {
            let line = self.next();
            if line.get("event").is_some_and(|event| event == name) {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        let kill = Command::new("/bin/kill").args([signal, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Reads to the end and waits for the process. It would end in another way without a reader: [`Self::stop_reading`].
    pub(crate) fn end(mut self) -> ExitStatus {
        assert!(self.lines.by_ref().all(|line| line.is_ok()));
        self.child.wait().unwrap()
    }

    /// Whether there is no line any more: waits for one.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.lines.next().is_none()
    }

    /// Closes its output, as `| head -1` does.
    pub(crate) fn stop_reading(self) -> Child {
        self.child
    }

    /// Ends it without a signal of the system: on every one.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
