//! `netsession watch`, against the double.
#![cfg(all(unix, feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Host, Server, ServerHandle};

use crate::support::watching::Watching;
use crate::support::windows::add_zoe;
use crate::support::{netsession, stderr, stdout};

fn windows() -> (String, ServerHandle) {
    let (address, handle) = Server::start(shipped("windows").unwrap().without_own_session()).unwrap();
    (address.to_string(), handle)
}

fn remove_zoe(host: &Host) {
    assert_eq!(host.sessions().remove(|session| session.user.as_deref() == Some("zoe")), 1);
}

#[test]
fn people_come_and_go_and_so_does_the_server() {
    let (fs1, handle) = windows();
    let there = handle.host().sessions().snapshot().len();
    let mut watching = Watching::start(&["--initial", &fs1]);
    for _ in 0..there {
        assert_eq!(watching.next()["event"], "connected");
    }
    add_zoe(handle.host());
    let line = watching.event("connected");
    let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "after client client_name client_type connected_seconds event exact flags idle_seconds level opens server time \
         transport user"
    );
    assert_eq!(
        (&line["server"], &line["user"], &line["client"]),
        (&fs1.as_str().into(), &"zoe".into(), &"10.9.9.9".into())
    );
    remove_zoe(handle.host());
    let line = watching.event("disconnected");
    assert_eq!((&line["user"], &line["exact"]), (&"zoe".into(), &true.into()));
    add_zoe(handle.host());
    watching.event("connected");
    drop(handle);
    let line = watching.event("unreachable");
    assert!(line["error"]["kind"].is_string(), "{line}");
    let (_, handle) =
        Server::start_on(shipped("windows").unwrap().without_own_session(), &[fs1.parse().unwrap()]).unwrap();
    // Once unreachable, then reachable, and what went meanwhile ended at an unknown moment.
    assert_eq!(watching.next()["event"], "reachable");
    let line = watching.event("disconnected");
    assert_eq!((&line["user"], &line["exact"]), (&"zoe".into(), &false.into()));
    drop(handle);
    watching.signal("-INT");
    assert_eq!(watching.end().code(), Some(130));
}

#[test]
fn reader_that_goes_away_ends_it_quietly() {
    let (fs1, handle) = windows();
    let mut watching = Watching::start(&["--initial", &fs1]);
    watching.next();
    let mut child = watching.stop_reading();
    let host = handle.host().clone();
    let status = loop {
        add_zoe(&host);
        std::thread::sleep(std::time::Duration::from_millis(100));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert_eq!(status.code(), Some(0));
}

#[test]
fn files_are_watched_and_count_ends_it() {
    let (fs1, handle) = windows();
    let there = handle.host().sessions().snapshot().len() + handle.host().files().snapshot().len();
    let mut watching = Watching::start(&["--initial", "--files", "--count", &(there + 1).to_string(), &fs1]);
    for _ in 0..there {
        watching.next();
    }
    handle.host().files().remove(|file| file.path.as_deref() == Some(r"D:\projects\alpha\report.xlsx"));
    let line = watching.next();
    assert_eq!(line["event"], "closed");
    assert_eq!(line["unc"], r"\\127.0.0.1\alpha\report.xlsx");
    assert!(watching.has_ended(), "it goes on after --count");
    assert_eq!(watching.end().code(), Some(0));
}

/// No event stands for it: the server answers, and no file was closed.
#[test]
fn files_that_a_server_does_not_list_are_told_once() {
    let (fs1, _handle) = windows();
    for format in ["lines", "jsonl"] {
        let arguments = ["watch", "--files", "--interval", "200ms", "--for", "10s", "-f", format, &fs1];
        let mut command = netsession(&arguments);
        command.env("NETSESSION_LOGIN", r"LAB\alice").env("NETSESSION_PASSWORD", "Wonderland1");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert_eq!(stderr(&output).matches("netsession: ").count(), 1, "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

/// As `netsession watch fs1 | head -1`, where nothing changes after the first line.
#[test]
fn reader_that_has_gone_ends_it_while_nothing_changes() {
    let (fs1, _handle) = windows();
    assert_eq!(Watching::start(&[&fs1]).stop_reading().wait().unwrap().code(), Some(0));
}

#[test]
fn time_ends_it_and_a_wrong_password_at_once() {
    let (fs1, _handle) = windows();
    let run = |password: &str, arguments: &[&str]| {
        let mut command = netsession(&[&["watch"], arguments].concat());
        command.env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", password);
        command.output().unwrap()
    };
    let output = run("Passw0rd!", &["--for", "10s", "--initial", &fs1]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("  connected     alice"), "{}", stdout(&output));
    let output = run("wrong", &[&fs1]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("  unreachable   logon_refused"), "{}", stdout(&output));
    assert!(stderr(&output).contains("refused"), "{}", stderr(&output));
    let output = run("Passw0rd!", &["--interval", "0", &fs1]);
    assert_eq!(output.status.code(), Some(2));
}
