//! `netsession list` with filters that say the same in another way than the server, against the double.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::process::Output;

use netsession_testserver::{Scenario, Server, ServerHandle};
use serde_json::Value;

use crate::support::{netsession, stderr, stdout};

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
    run("list", arguments)
}

fn run(command: &str, arguments: &[&str]) -> Output {
    let mut command = netsession(&[command]);
    command.args(arguments).env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

/// The hint is one line on stderr, in every format but the one for programs. `check` looks at the data of each.
fn says_why(command: &str, server: &str, arguments: &[&str], hint: &str, check: impl Fn(&str, &str)) {
    for format in ["table", "json", "jsonl", "csv"] {
        let output = run(command, &[&["-f", format, server][..], arguments].concat());
        let said = stderr(&output);
        if format == "jsonl" {
            assert_eq!(said, "", "for programs");
        } else {
            let is_one_line =
                said.lines().count() == 1 && said.starts_with(&format!("netsession: {server}: "));
            assert!(said.contains(hint) && is_one_line, "{format} {arguments:?}: {said}");
        }
        check(format, &stdout(&output));
    }
}

fn users(output: &Output) -> Vec<String> {
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.iter().map(|row| row["user"].as_str().unwrap().to_owned()).collect()
}

/// One that filters by itself, and compares texts.
fn filtering(scenario: &str) -> String {
    scenario.replace("honours-filters = false", "honours-filters = true")
}

#[test]
fn filters_that_mean_the_same_find_the_session() {
    for scenario in [SAMBA.to_owned(), filtering(SAMBA)] {
        same_meaning_finds_the_session(&scenario);
    }
}

fn same_meaning_finds_the_session(scenario: &str) {
    let (server, _handle) = start(scenario);
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
    let names = SAMBA.replace("127.0.0.1", "ws1").replace("10.0.0.7", "ws2").replace("10.0.0.8", "ws3");
    let (filtering_addresses, _two) = start(&filtering(SAMBA));
    let (filtering_names, _three) = start(&filtering(&names));
    let (names, _four) = start(&names);
    for (server, arguments, hint) in [
        (&addresses, ["--client", "ws7"], "lists its clients by address"),
        (&names, ["--client", "10.0.0.5"], "lists its clients by name"),
        (&filtering_addresses, ["--client", "ws7"], "lists its clients by address"),
        (&filtering_names, ["--client", "10.0.0.5"], "lists its clients by name"),
        (&addresses, ["--user", "dave"], "lists a user IT_dave"),
        (&filtering_addresses, ["--user", "dave"], "lists a user IT_dave"),
    ] {
        says_why("list", server, &arguments, hint, |format, data| {
            let empty = match format {
                "table" => "no sessions (level 1)\n",
                "json" => "[]\n",
                "jsonl" => "",
                _ => data.lines().next().map_or("", |header| &data[..header.len() + 2]),
            };
            assert_eq!(data, empty, "{format}");
        });
    }
    // There is no such session, and nothing to say about it.
    for server in [&addresses, &filtering_addresses] {
        for arguments in [["--client", "10.0.0.5"], ["--user", "eve"]] {
            assert_eq!(stderr(&list(&[&[server.as_str()][..], &arguments].concat())), "", "{arguments:?}");
        }
    }
}

/// Files of the sessions: those of carol, who has two, are open on one of two computers.
const FILES: &str = r#"
[[session]]
client = "10.0.0.9"
user = "HGLAB+carol"

[[file]]
path = 'C:\srv\a.txt'
user = "HGLAB+bob"

[[file]]
path = 'C:\srv\b.txt'
user = "HGLAB+carol"

[[file]]
path = 'C:\srv\c.txt'
user = "IT_dave"

[[share]]
name = "srv"
path = 'C:\srv'
"#;

fn file_server(filters: bool) -> String {
    let rules = format!("[files]\nhonours-filters = {filters}\n\n[session-enum]\n");
    let samba = SAMBA.replace("[session-enum]\n", &rules);
    samba.replace("[[user]]\n", "[[user]]\nadministrator = true\n") + FILES
}

#[test]
fn filters_of_files_that_mean_the_same_find_the_file() {
    for filters in [false, true] {
        let (server, _handle) = start(&file_server(filters));
        for arguments in [
            ["--user", "bob"],
            ["--user", "BOB@hg.test"],
            ["--user", "HGLAB/bob"],
            ["--user", r"HGLAB\bob"],
            ["--user", "HGLAB+bob"],
            ["--client", "localhost"],
            ["--client", "127.0.0.1"],
        ] {
            let output = run("files", &[&["-f", "json", &server][..], &arguments].concat());
            let found = (users(&output), stderr(&output));
            assert_eq!(found, (vec!["HGLAB+bob".to_owned()], String::new()), "{arguments:?} {filters}");
        }
    }
}

#[test]
fn empty_list_of_files_says_why_the_filter_cannot_match() {
    let addresses = file_server(false);
    let names = addresses.replace("127.0.0.1", "ws1").replace("10.0.0.7", "ws2").replace("10.0.0.8", "ws3");
    let names = names.replace("10.0.0.9", "ws4");
    let secret = addresses.replace("\"anyone\"", "\"nobody\"");
    let secret = format!("{secret}\n[shares.levels]\n1 = \"anyone\"\n");
    let (filtering, _one) = start(&file_server(true));
    let (addresses, _two) = start(&addresses);
    let (names, _three) = start(&names);
    let (secret, _four) = start(&secret);
    for (server, arguments, hint) in [
        (&secret, ["--client", "127.0.0.1"], "does not list its sessions to this account"),
        (&secret, ["--share", "srv"], "does not list the paths of its shares to this account"),
        (&addresses, ["--client", "ws1"], "lists its clients by address"),
        (&filtering, ["--client", "ws1"], "lists its clients by address"),
        (&names, ["--client", "10.0.0.7"], "lists its clients by name"),
        (&addresses, ["--client", "10.0.0.7"], "sessions from others as well"),
        (&addresses, ["--user", "dave"], "lists a user IT_dave"),
        (&filtering, ["--user", "dave"], "lists a user IT_dave"),
    ] {
        says_why("files", server, &arguments, hint, |_, _| {});
    }
    for server in [&addresses, &filtering] {
        for arguments in [["--client", "10.0.0.5"], ["--user", "eve"], ["--share", "other"]] {
            let output = run("files", &[&[server.as_str()][..], &arguments].concat());
            assert_eq!(stderr(&output), "", "{arguments:?}");
        }
    }
}

#[test]
fn session_that_is_not_listed_to_be_closed_is_explained() {
    let (server, _handle) = start(&file_server(true));
    for (format, hint) in
        [("table", "lists its clients by address"), ("json", "lists its clients by address"), ("jsonl", "")]
    {
        let mut command =
            netsession(&["close", "session", &server, "--client", "ws1", "--user", "bob", "--dry-run"]);
        command.args(["-f", format]);
        command.env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = stderr(&output);
        assert!(said.contains(hint) && said.is_empty() == hint.is_empty(), "{format}: {said}");
    }
}
