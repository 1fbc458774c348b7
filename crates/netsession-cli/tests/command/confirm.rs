//! The question before something is closed, on a terminal.
#![cfg(all(target_os = "linux", feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use netsession_testserver::scenario::shipped;
use netsession_testserver::{Server, ServerHandle};

const QUESTION: &str = "Close? [y/N] ";

/// On a terminal of its own, by `script` of util-linux: what it shows where this is typed at the question, the exit code,
/// and the server.
fn at_the_question(arguments: &[&str], typed: &str) -> (String, Option<i32>, ServerHandle) {
    let (address, handle) = Server::start(shipped("windows").unwrap()).unwrap();
    let (program, server) = (env!("CARGO_BIN_EXE_netsession"), address.to_string());
    let (what, more) = arguments.split_first().unwrap();
    let line = format!("{program} close {what} {server} {}", more.join(" "));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    script.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("NETSESSION_AUTH_FILE");
    script.env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keyboard, mut shown) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(QUESTION.as_bytes()) && shown.read(&mut byte).unwrap() > 0 {
        text.push(byte[0]);
    }
    assert_eq!(handle.host().traffic().changes(), 0, "before the answer");
    keyboard.write_all(typed.as_bytes()).unwrap();
    shown.read_to_end(&mut text).unwrap();
    (String::from_utf8(text).unwrap(), child.wait().unwrap().code(), handle)
}

#[test]
fn file_is_closed_after_yes_alone() {
    for (typed, code, open, end) in [
        ("y\n", 0, 3, ": closed"),
        ("YES\n", 0, 3, ": closed"),
        ("n\n", 1, 4, ": left alone"),
        ("\n", 1, 4, ": left alone"),
        ("yesterday\n", 1, 4, ": left alone"),
        // End of input.
        ("\x04", 1, 4, ": left alone"),
    ] {
        let (text, status, handle) = at_the_question(&["file", "16"], typed);
        assert_eq!(status, Some(code), "{typed:?}: {text}");
        let (before, after) = text.split_once(QUESTION).unwrap();
        assert!(before.contains("1 file will be closed; what is not saved is lost"), "{text}");
        assert!(before.contains(r"16 D:\projects\alpha\report.xlsx of alice on 10.0.0.5, 1 lock"), "{text}");
        assert!(after.contains(end), "{typed:?}: {text}");
        assert_eq!(handle.host().files().snapshot().len(), open, "{typed:?}");
    }
}

#[test]
fn that_samba_ends_the_whole_connection_is_said_before_the_question() {
    for (typed, code, sessions) in [("y\n", 0, 3), ("n\n", 1, 4)] {
        let arguments = ["session", "--client", "10.0.0.5", "--user", "alice"];
        let (text, status, handle) = at_the_question(&arguments, typed);
        assert_eq!(status, Some(code), "{typed:?}: {text}");
        let (before, _) = text.split_once(QUESTION).unwrap();
        assert!(
            before.contains("1 session of alice from 10.0.0.5 will be ended, with 3 open files"),
            "{text}"
        );
        assert!(before.contains("A Samba server ends every session of that connection"), "{text}");
        assert_eq!(handle.host().sessions().snapshot().len(), sessions, "{typed:?}");
    }
}
