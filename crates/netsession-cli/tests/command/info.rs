//! `netsession info`, against the double.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::process::Output;

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Server, ServerHandle};
use serde_json::{Value, json};

use crate::support::{netsession, refusing_port, stderr, stdout};

fn server(name: &str, comment: &str) -> (String, ServerHandle) {
    let mut scenario = shipped("windows").unwrap();
    scenario.server.name = name.into();
    scenario.description = comment.into();
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn info(arguments: &[&str]) -> Output {
    let mut command = netsession(&["info"]);
    command.args(arguments).env("NETSESSION_LOGIN", r"LAB\alice").env("NETSESSION_PASSWORD", "Wonderland1");
    command.output().unwrap()
}

#[test]
fn servers_in_one_table() {
    let ((fs1, _one), (fs2, _two)) = (server("ALPHA", ""), server("BETA", "accounts"));
    let output = info(&["--sort", "-name", &fs1, &fs2]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let table = stdout(&output);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("SERVER") && lines[0].contains("VERSION"), "{table}");
    assert!(
        lines[1].contains("BETA") && lines[1].contains("10.0") && lines[1].ends_with("accounts"),
        "{table}"
    );
    assert!(table.contains("ALPHA") && table.contains("print_server,server"), "{table}");
}

#[test]
fn json_has_the_keys_of_the_contract_and_failures_are_lines() {
    let (fs1, _handle) = server("ALPHA", "a\u{1b}[31m comment");
    let closed = refusing_port();
    let output = info(&["-f", "jsonl", &fs1, &closed]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = json!({
        "server": fs1, "name": "ALPHA", "version": "10.0", "roles": ["print_server", "server"],
        "comment": "a\u{1b}[31m comment",
    });
    assert!(lines.contains(&expected), "{text}");
    assert!(lines.iter().any(|line| line["error"]["kind"] == "connect"), "{text}");
}

#[test]
fn a_hostile_name_cannot_act_on_the_terminal() {
    let (fs1, _handle) = server("A\u{1b}]0;x\u{7}B", "\u{202e}txt.exe");
    let output = info(&[&fs1]);
    let table = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!table.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{table:?}");
    assert!(table.contains(r"A\u{1b}]0;x\u{7}B") && table.contains(r"\u{202e}txt.exe"), "{table}");
}
