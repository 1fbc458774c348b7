use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::account::DOUBLE_ADMIN;
use crate::{netsession, process};

/// What lists a fleet.
pub(super) struct Client {
    pub(super) name: &'static str,
    make: Box<dyn Fn() -> Command>,
    pub(super) most_rounds: usize,
}

impl Client {
    pub(super) fn command(&self) -> Command {
        (self.make)()
    }

    /// How many servers have a row in its output.
    pub(super) fn count(&self) -> Result<usize> {
        let outcome = process::run(&mut self.command(), Duration::from_secs(600))?;
        ensure!(outcome.code == Some(0), "{}: {}", self.name, outcome.stderr);
        let text = String::from_utf8(outcome.stdout)?;
        Ok(text.lines().filter_map(server_of_row).collect::<HashSet<_>>().len())
    }
}

/// Lists the servers of a file, this number of them at the same time.
pub(super) fn netsession(at_once: usize, list: &Path) -> Result<Client> {
    let (program, list) = (netsession::binary()?, list.to_owned());
    let make = move || {
        let mut command = Command::new(&program);
        command.args(["list", "-l", "1", "-f", "jsonl", "--timeout", "60s", "--jobs", &at_once.to_string()]);
        command.arg("--servers-from").arg(&list);
        command.env("NETSESSION_LOGIN", DOUBLE_ADMIN.name).env("NETSESSION_PASSWORD", DOUBLE_ADMIN.password);
        command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("KRB5CCNAME");
        command
    };
    Ok(Client { name: "netsession", make: Box::new(make), most_rounds: usize::MAX })
}

fn server_of_row(line: &str) -> Option<&str> {
    line.strip_prefix("{\"server\":\"")?.split('"').next()
}

/// A process for each server, `xargs` keeping this number of them running.
pub(super) fn rpcclient(at_once: usize, list: &Path, port: u16) -> Client {
    let list = list.to_owned();
    let who = format!("{}%{}", DOUBLE_ADMIN.name, DOUBLE_ADMIN.password);
    let make = move || {
        let mut command = Command::new("sh");
        // xargs ends with 123 where one of them has failed.
        let script = r#"sed '/^#/d; s/:.*//' "$1" | xargs -P "$2" -I{} rpcclient -s /dev/null -p "$3" -U "$4" -c 'netsessenum x x 1 0' {}"#;
        command.args(["-c", script, "sh"]).arg(&list).args([&at_once.to_string(), &port.to_string()]);
        command.arg(&who);
        command
    };
    Client { name: "rpcclient, xargs -P", make: Box::new(make), most_rounds: 1 }
}
