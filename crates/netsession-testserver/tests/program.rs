//! The program `netsession-testserver`.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_netsession-testserver");

/// Its stderr when it does not start.
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn file(name: &str, text: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn help_names_every_call() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    // One handler each, in a file named after its call.
    let calls = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/core/calls")).unwrap();
    let names = calls.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let calls: Vec<_> = names
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !["context", "mod", "page"].contains(&name.as_str()))
        .collect();
    assert!(calls.len() >= 8, "{calls:?}");
    for call in calls {
        let name = format!("netr{}", call.replace('_', ""));
        assert!(help.to_lowercase().contains(&name), "{name} is not in:\n{help}");
    }
}

/// The running program; it is killed at the end of its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it, and returns the first and the last address that it prints.
fn start(command: &mut Command) -> (Running, SocketAddr, SocketAddr) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let (addresses, logins) = line.strip_prefix("listening on ").unwrap().split_once("; ").unwrap();
    assert_eq!(logins, "logins: admin, alice\n");
    let (first, last) = addresses.split_once(" to ").unwrap_or((addresses, addresses));
    (running, first.parse().unwrap(), last.parse().unwrap())
}

#[test]
fn error_for_a_wrong_file_has_path_line_and_reason() {
    let path = file("wrong.toml", "[[user]]\nname = \"a\"\npassword = \"b\"\nadmin = true\n");
    let said = refused(&[&path]);
    for part in [path.as_str(), "line 4", "unknown field `admin`", "`administrator`"] {
        assert!(said.contains(part), "{said}");
    }
    let said = refused(&["no/such.toml"]);
    assert!(said.contains("cannot read the scenario no/such.toml"), "{said}");
}

#[test]
fn error_for_an_unknown_name_lists_the_shipped_ones() {
    let said = refused(&["window"]);
    assert!(said.contains("\"window\"") && said.contains("windows-hardened"), "{said}");
}

#[test]
fn zero_addresses_are_refused() {
    let said = refused(&["--addresses", "0"]);
    assert!(said.contains("--addresses"), "{said}");
}

#[test]
fn error_for_an_address_in_use_names_it() {
    let (_running, first, _) = start(Command::new(PROGRAM).args(["samba", "--listen", "127.0.0.1:0"]));
    let said = refused(&["samba", "--listen", &first.to_string()]);
    assert!(said.contains(&format!("cannot listen on {first}")), "{said}");
}

/// Only Linux has all of 127.0.0.0/8 on its loopback.
#[cfg(target_os = "linux")]
#[test]
fn thousand_addresses_share_one_free_port_despite_a_low_limit_of_files() {
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -S -n 256; exec "$@""#, "sh", PROGRAM, "windows"]);
    let (_running, first, last) = start(command.args(["--listen", "127.41.0.1:0", "--addresses", "1000"]));
    assert_eq!((first.port(), last.ip().to_string()), (last.port(), "127.41.3.232".to_owned()));
    for address in [first, last] {
        assert!(std::net::TcpStream::connect(address).is_ok(), "{address}");
    }
}
