//! `netsession list -f prometheus`, and `--output`.
#![cfg(all(feature = "demo", feature = "exporter"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;

use netsession_testserver::{Server, ServerHandle, scenario};
use support::{netsession, refusing_port, stderr, stdout};

fn double(name: &str) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario::shipped(name).unwrap()).unwrap();
    (address.to_string(), handle)
}

fn run(arguments: &[&str]) -> Output {
    let mut command = netsession(arguments);
    command.env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
    command.output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Each metric has its description once, and a sample for each server that has it.
#[test]
fn metrics_of_several_servers_are_one_file() {
    let ((fs1, _one), (fs2, _two), down) = (double("windows"), double("samba"), refusing_port());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smb.prom");
    fs::write(&path, "old\n").unwrap();
    let output = run(&["list", "-f", "prometheus", "--output", path.to_str().unwrap(), &fs1, &fs2, &down]);
    // One server has failed, which the metrics say.
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let text = fs::read_to_string(&path).unwrap();
    for (server, sample, value) in [
        (&fs1, "netsession_up{}", "1"),
        (&fs1, "netsession_sessions{}", "5"),
        (&fs1, "netsession_own_sessions{}", "1"),
        (&fs1, "netsession_level{}", "502"),
        (&fs1, "netsession_idle_sessions{,longer_than_seconds=\"3600\"}", "2"),
        (&fs2, "netsession_level{}", "1"),
        (&down, "netsession_up{}", "0"),
        (&down, "netsession_error{,kind=\"connect\"}", "1"),
    ] {
        let line = format!("{} {value}", sample.replace('{', &format!("{{server=\"{server}\"")));
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert_eq!(text.matches("# TYPE netsession_up gauge\n").count(), 1, "{text}");
    assert!(!text.contains("alice") && !text.contains("10.0.0"), "no names by default: {text}");
    assert_eq!(names(folder.path()), ["smb.prom"]);

    let output = run(&["list", "-f", "prometheus", &fs1]);
    assert!(stdout(&output).starts_with("# HELP netsession_up "), "{}", stdout(&output));
}

#[test]
fn every_format_goes_to_a_file() {
    let (fs1, _server) = double("windows");
    let folder = tempfile::tempdir().unwrap();
    for format in ["table", "json", "jsonl", "csv", "prometheus"] {
        let path = folder.path().join(format);
        let output = run(&["list", "-f", format, "--output", path.to_str().unwrap(), &fs1]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(stdout(&output).is_empty());
        let direct = run(&["list", "-f", format, &fs1]);
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&fs::read_to_string(path).unwrap()), lines(&stdout(&direct)), "{format}");
    }
    assert_eq!(names(folder.path()).len(), 5);
}

/// What is wrong is said before anything is sent, and changes no file.
#[test]
fn errors_leave_the_file_as_it_is() {
    let (fs1, server) = double("windows");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smb.prom");
    fs::write(&path, "old\n").unwrap();
    let path = path.to_str().unwrap();
    let nowhere = folder.path().join("none/smb.prom");
    for (arguments, words) in [
        (&["files", "-f", "prometheus", "--output", path, &fs1][..], "netsession list has"),
        (&["list", "-f", "prometheus", "--output", path, "--columns", "user", &fs1], "columns"),
        (&["list", "-f", "prometheus", "--output", path, "--sort", "user", &fs1], "columns"),
        (&["list", "-f", "prometheus", "--output", path, "--user", "alice", &fs1], "all sessions"),
        (&["list", "-f", "prometheus", "--output", path, "--client", "ws1", &fs1], "all sessions"),
        (&["list", "--output", nowhere.to_str().unwrap(), &fs1], "no such folder"),
        (&["list", "--output", folder.path().to_str().unwrap(), &fs1], "not a regular file"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(path).unwrap(), "old\n");
    assert_eq!(server.host().traffic().connections(), 0);
}
