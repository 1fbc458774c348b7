//! `netsession time`, against the double.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::process::Output;

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Server, ServerHandle};
use serde_json::Value;

use crate::support::{netsession, refusing_port, stderr, stdout};

fn server(offset: i64) -> (String, ServerHandle) {
    let mut scenario = shipped("windows").unwrap();
    scenario.server.clock_offset_seconds = offset;
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn time(arguments: &[&str]) -> Output {
    let mut command = netsession(&["time"]);
    command.args(arguments).env("NETSESSION_LOGIN", r"LAB\alice").env("NETSESSION_PASSWORD", "Wonderland1");
    command.output().unwrap()
}

#[test]
fn clocks_in_one_table_most_ahead_first() {
    let ((fs1, _one), (fs2, _two)) = (server(-500), server(500));
    let output = time(&["--sort", "-offset", &fs1, &fs2]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let table = stdout(&output);
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("SERVER"), "{table}");
    assert!(lines[1].starts_with(&fs2) && lines[2].starts_with(&fs1), "{table}");
    assert_eq!(lines.len(), 3, "{table}");
}

#[test]
fn json_has_the_keys_of_the_contract_and_failures_are_lines() {
    let (fs1, _handle) = server(500);
    let closed = refusing_port();
    let output = time(&["-f", "jsonl", &fs1, &closed]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let clock = lines.iter().find(|line| line["error"].is_null()).unwrap();
    assert_eq!(clock.as_object().unwrap().len(), 4, "{text}");
    assert!(text.contains(&format!(r#"{{"server":"{fs1}","time":"20"#)), "{text}");
    assert!((495.0..505.0).contains(&clock["offset_seconds"].as_f64().unwrap()), "{text}");
    let stamp = clock["time"].as_str().unwrap();
    assert!(stamp.starts_with("20") && stamp.ends_with('Z') && stamp.as_bytes()[10] == b'T', "{text}");
    assert_eq!(clock["timezone_minutes"], 0);
    assert!(lines.iter().any(|line| line["error"]["kind"] == "connect"), "{text}");
}
