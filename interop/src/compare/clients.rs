//! Who is compared: each lists all sessions at level 1, or all open files at level 3.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::account::ADMIN;
use crate::netsession::List;
use crate::oracle::{self, Question};
use crate::{impacket, process, rpcclient};

/// A way to make the command line.
type Make = Box<dyn Fn(SocketAddr) -> Result<Command>>;

/// A program that lists sessions, or open files.
pub struct Client {
    /// As the report shows it.
    pub name: &'static str,
    make: Make,
    /// It connects to port 445, whatever the port of the server is.
    pub(super) is_on_port_445: bool,
    /// The number of rows in its output.
    rows: fn(&str) -> Result<usize>,
}

/// Those that list open files. Each prints every file; all but netsession ask for nothing else, and netsession asks for
/// the shares too.
pub fn clients_of_files() -> Vec<Client> {
    // In the name of each file.
    let by_name = |text: &str| Ok(text.matches(".tmp").count());
    let client = |name, make, rows| Client { name, make, rows, is_on_port_445: false };
    let netsession = |name, filter: &'static [&str]| {
        let make = move |server: SocketAddr| {
            let files = List::of_command("files", server.to_string())?.login(ADMIN);
            Ok(files.args(&["-f", "json", "--timeout", "60s"]).args(filter).into_command())
        };
        client(name, Box::new(make), |text| Ok(text.matches("\"id\":").count()))
    };
    vec![
        netsession("netsession", &[]),
        // As much as rpcclient shows: neither shares nor sessions are asked for.
        netsession("netsession --columns", &["--columns", "id,path,user,access,locks"]),
        // A pattern that every file has.
        netsession("netsession --path", &["--path", ".tmp"]),
        client("rpcclient", Box::new(|server| Ok(rpcclient::files_command(server, ADMIN))), by_name),
        client(
            "python3-samba",
            Box::new(|server| Ok(oracle::lists_command(server, ADMIN, "files"))),
            by_name,
        ),
    ]
}

impl Client {
    /// The program of this project: `netsession list -f json -l 1`.
    pub fn netsession() -> Self {
        let make = |server: SocketAddr| {
            let args = ["-f", "json", "-l", "1", "--timeout", "60s"];
            Ok(List::new(server.to_string())?.login(ADMIN).args(&args).into_command())
        };
        Self { name: "netsession", make: Box::new(make), rows: sessions_in, is_on_port_445: false }
    }

    /// In C; prints a count, no rows.
    pub fn rpcclient() -> Self {
        let make = Box::new(|server| Ok(rpcclient::command(server, ADMIN)));
        Self { name: "rpcclient", make, rows: sessions_in, is_on_port_445: false }
    }

    /// In C; prints a table. It asks through libnetapi, which knows port 445 alone and ignores `-p`.
    pub fn net_rpc_file() -> Self {
        let make = |server: SocketAddr| {
            let mut command = Command::new("net");
            command.args(["-s", "/dev/null", "rpc", "file", "-S"]).arg(server.ip().to_string());
            command.arg("-U").arg(format!("{}%{}", ADMIN.name, ADMIN.password));
            Ok(command)
        };
        let rows = |text: &str| Ok(text.matches(".tmp").count());
        Self { name: "net rpc file", make: Box::new(make), rows, is_on_port_445: true }
    }

    /// C under Python; prints JSON.
    pub fn python3_samba() -> Self {
        Self {
            name: "python3-samba",
            make: Box::new(|server| Ok(oracle::command(server, ADMIN, &Question::level(1)))),
            rows: sessions_in,
            is_on_port_445: false,
        }
    }

    /// Python; prints JSON. `python` is the interpreter of the virtual environment.
    pub fn impacket(python: &Path) -> Self {
        let python: PathBuf = python.to_owned();
        Self {
            name: "impacket",
            make: Box::new(move |server| Ok(impacket::command(&python, server, ADMIN, &Question::level(1)))),
            rows: sessions_in,
            is_on_port_445: false,
        }
    }

    /// The command line for a server.
    pub fn command(&self, server: SocketAddr) -> Result<Command> {
        (self.make)(server)
    }

    /// Number of rows in its output: a client that lists too few is not measured.
    pub fn count(&self, server: SocketAddr) -> Result<usize> {
        let outcome = process::run(&mut self.command(server)?, Duration::from_secs(120))?;
        ensure!(outcome.code == Some(0), "{}: {}", self.name, outcome.stderr);
        (self.rows)(&String::from_utf8(outcome.stdout)?)
    }
}

fn sessions_in(text: &str) -> Result<usize> {
    if let Some((_, rest)) = text.split_once("Received ") {
        return Ok(rest.split(' ').next().unwrap_or_default().parse()?);
    }
    // Pretty-printed or not, every session has this key once.
    Ok(text.matches("\"client\":").count())
}
