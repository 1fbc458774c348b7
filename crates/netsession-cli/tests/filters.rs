//! `netsession list` with filters that say the same in another way than the server, against the double.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use std::process::Output;

use netsession_testserver::{Scenario, Server, ServerHandle};
use serde_json::Value;

use support::{netsession, stderr, stdout};

/// Samba on a member of the domain HGLAB, whose realm is HG.TEST.
const SAMBA: &str = r#"
description = "a member with winbind separator = +"

[session-enum]
honours-filters = false
client-names = "bare"

[session-enum.levels]
0 = "anyone"
1 = "anyone"

[[user]]
name = "admin"
password = "Passw0rd!"

[[session]]
client = "127.0.0.1"
user = "HGLAB+bob"

[[session]]
client = "10.0.0.7"
user = "HGLAB+carol"

[[session]]
client = "10.0.0.8"
user = 'IT_dave'
"#;

fn start(scenario: &str) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario.parse::<Scenario>().unwrap()).unwrap();
    (address.to_string(), handle)
}

fn list(arguments: &[&str]) -> Output {
    let mut command = netsession(&["list"]);
    command.args(arguments).env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

fn users(output: &Output) -> Vec<String> {
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.iter().map(|row| row["user"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn filters_that_mean_the_same_find_the_session() {
    let (server, _handle) = start(SAMBA);
    for arguments in [
        ["--user", "bob"],
        ["--user", "BOB@hg.test"],
        ["--user", "HGLAB/bob"],
        ["--user", r"HGLAB\bob"],
        ["--user", "HGLAB+bob"],
        ["--user", r"hg.test\bob"],
        ["--client", "localhost"],
        ["--client", "127.0.0.1"],
    ] {
        let output = list(&[&["-f", "json", &server][..], &arguments].concat());
        assert_eq!(
            (users(&output), stderr(&output)),
            (vec!["HGLAB+bob".to_owned()], String::new()),
            "{arguments:?}"
        );
    }
    for arguments in [["--user", "dave@hg.test"], ["--user", r"OTHER\bob"], ["--client", "::1"]] {
        let output = list(&[&["-f", "json", &server][..], &arguments].concat());
        assert_eq!(users(&output), Vec::<String>::new(), "{arguments:?}");
    }
}

#[test]
fn empty_listing_says_why_the_filter_cannot_match() {
    let (addresses, _one) = start(SAMBA);
    let (names, _two) =
        start(&SAMBA.replace("127.0.0.1", "ws1").replace("10.0.0.7", "ws2").replace("10.0.0.8", "ws3"));
    let (windows, _three) = start(&SAMBA.replace("honours-filters = false", "honours-filters = true"));
    for (server, arguments, hint) in [
        (&addresses, ["--client", "ws7"], "lists its clients by address"),
        (&names, ["--client", "10.0.0.5"], "lists its clients by name"),
        (&windows, ["--client", "ws7"], "found no client of that name"),
        (&addresses, ["--user", "dave"], "lists a user IT_dave"),
    ] {
        for format in ["table", "json", "jsonl", "csv"] {
            let output = list(&[&["-f", format, server][..], &arguments].concat());
            let text = stderr(&output);
            if format == "jsonl" {
                assert_eq!((text.as_str(), stdout(&output).as_str()), ("", ""), "for programs");
                continue;
            }
            assert!(
                text.contains(hint) && text.starts_with(&format!("netsession: {server}: ")),
                "{format}: {text}"
            );
            assert_eq!(text.lines().count(), 1, "{format}: {text}");
            let data = stdout(&output);
            let empty = match format {
                "table" => "no sessions (level 1)\n",
                "json" => "[]\n",
                _ => data.lines().next().map_or("", |header| &data[..header.len() + 2]),
            };
            assert_eq!(data, empty, "{format}");
        }
    }
    // There is no such session, and nothing to say about it.
    for (server, arguments) in [(&addresses, ["--client", "10.0.0.5"]), (&addresses, ["--user", "eve"])] {
        assert_eq!(stderr(&list(&[&[server.as_str()][..], &arguments].concat())), "", "{arguments:?}");
    }
}
