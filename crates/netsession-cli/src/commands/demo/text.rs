//! What the demo says around the table.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use netsession::Negotiated;

/// Before the table.
pub(super) fn listed(address: SocketAddr, negotiated: Negotiated) -> Vec<u8> {
    let protection =
        if negotiated.encrypted { "the log-on signed, the rest encrypted" } else { "every message signed" };
    let dialect = negotiated.dialect;
    format!(
        "A file server with made-up users runs inside this program, for this question alone, on {address}.
Asked at level 502, over SMB {dialect}, {protection}:

"
    )
    .into_bytes()
}

/// After it.
pub(super) fn next() -> Vec<u8> {
    let program = program();
    let rows = [
        ("demo --top", "servers whose users come and go, live"),
        ("demo --serve", "the same server, for you to ask"),
        (r"list -U 'LAB\admin' fs1", "a server of yours; asks for the password"),
        ("list --help", "levels, filters, JSON and CSV, many servers at once"),
    ];
    let width = rows.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    let rows = rows.map(|(command, what)| format!("  {program} {command:width$}  {what}\n"));
    format!("\nTry next:\n{}", rows.concat()).into_bytes()
}

/// What a user needs to ask it.
pub(super) fn serving(address: SocketAddr, login: &str, password: &str) -> Vec<u8> {
    let program = program();
    let identity = if cfg!(windows) {
        format!("set NETSESSION_LOGIN={login}\n  set NETSESSION_PASSWORD={password}")
    } else {
        format!("export NETSESSION_LOGIN='{login}' NETSESSION_PASSWORD='{password}'")
    };
    format!(
        "A file server with made-up users runs inside this program until Ctrl-C.

  address   {address}
  login     {login}
  password  {password}

Try in another terminal:
  {identity}
  {program} list {address}
  {program} list --user m.keller -f json {address}
  {program} list --client 10.20.9.5 -l 10 -v {address}
"
    )
    .into_bytes()
}

/// This program as it was called, so that what is shown can be typed.
fn program() -> String {
    let called = env::args_os().next().map(PathBuf::from).unwrap_or_default();
    match called.to_str() {
        Some(name) if !name.is_empty() && name.chars().all(is_plain) => name.to_owned(),
        _ => "netsession".to_owned(),
    }
}

/// Needs no quotes in any shell, nor escaping on any terminal.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/\\:._-+".contains(c)
}
