//! `netsession list -f prometheus`, and `--output`.
#![cfg(all(feature = "demo", feature = "exporter"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::fs;
use std::path::Path;
use std::process::Output;

use netsession_testserver::{Server, ServerHandle, scenario};

use crate::support::{netsession, refusing_port, stderr, stdout};

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

/// The own sessions are counted as the exporter counts them: all of the account from here, equally young or not.
#[test]
fn own_sessions_are_all_of_the_account_from_this_address() {
    let scenario = scenario::shipped("windows").unwrap().without_own_session();
    let (fs1, server) = Server::start(scenario).unwrap();
    let fs1 = fs1.to_string();
    let listed = server.host().sessions();
    let session = |client: &str, user: &str, seconds| {
        let mut session = listed.snapshot()[0].clone();
        session.client = format!(r"\\{client}");
        session.user = Some(user.to_owned());
        session.time = Some(seconds);
        session
    };
    let (alice, elsewhere) = (session("127.0.0.1", "alice", 0), session("10.0.0.5", "admin", 0));
    for (seconds, count) in [(&[0, 0][..], "2"), (&[0, 9, 60], "3"), (&[7], "1"), (&[], "0")] {
        let own = seconds.iter().map(|seconds| session("127.0.0.1", "admin", *seconds));
        listed.replace(own.chain([alice.clone(), elsewhere.clone()]).collect());
        let text = stdout(&run(&["list", "-f", "prometheus", &fs1]));
        let line = format!("netsession_own_sessions{{server=\"{fs1}\"}} {count}\n");
        assert!(text.contains(&line), "{line}: {text}");
    }
}

/// A server that failed has the phases that it reached.
#[test]
fn each_server_has_the_durations_of_its_phases() {
    let ((fs1, _server), down) = (double("windows"), refusing_port());
    let text = stdout(&run(&["list", "-f", "prometheus", &fs1, &down]));
    let reached = |server: &str| -> Vec<String> {
        let begin = format!("netsession_probe_duration_seconds{{server=\"{server}\",phase=\"");
        let samples = text.lines().filter_map(|line| line.strip_prefix(&begin)?.split_once("\"} "));
        samples.map(|(phase, value)| value.parse::<f64>().map(|_| phase.to_owned()).unwrap()).collect()
    };
    let phases = ["resolve", "connect", "negotiate", "authenticate", "bind", "enumerate"];
    assert_eq!(
        (reached(&fs1), reached(&down)),
        (phases.map(str::to_owned).to_vec(), phases[..2].iter().map(|phase| (*phase).to_owned()).collect()),
        "{text}"
    );
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
        (
            &["files", "-f", "prometheus", "--output", path, &fs1][..],
            "possible values: table, json, jsonl, csv",
        ),
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

#[cfg(target_os = "linux")]
#[test]
fn folder_that_cannot_be_written_is_told_before_servers_are_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(user) = crate::support::other_user::OtherUser::new() else { return };
    let (fs1, server) = double("windows");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs::write(&path, "old\n").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let output = user.command(&[], &["list", "--output", path.to_str().unwrap(), &fs1]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write to the folder of"), "{}", stderr(&output));
    assert_eq!(server.host().traffic().connections(), 0);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}
