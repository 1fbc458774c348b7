//! `netsession files`, `shares` and `close`, against the double.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::process::Output;

use netsession_testserver::scenario::{Access, Fault, FaultKind, Step, shipped};
use netsession_testserver::{FileInfo, Scenario, Server, ServerHandle, SessionInfo};
use serde_json::Value;

use crate::support::windows::windows;
use crate::support::{netsession, stderr, stdout};

fn server(scenario: Scenario) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn run(arguments: &[&str]) -> Output {
    let mut command = netsession(arguments);
    command.env("NETSESSION_LOGIN", r"LAB\admin").env("NETSESSION_PASSWORD", "Passw0rd!");
    command.output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn files_have_the_keys_of_the_contract() {
    let (fs1, _handle) = windows();
    let output = run(&["files", "-f", "jsonl", "--path", "report.xlsx", &fs1]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = format!(
        r#"{{"server":"{fs1}","level":3,"id":16,"path":"D:\\projects\\alpha\\report.xlsx","unc":"\\\\127.0.0.1\\alpha\\report.xlsx","share":"alpha","user":"alice","access":["read","write"],"locks":1,"client":"10.0.0.5","client_name":null}}"#
    );
    assert_eq!(stdout(&output).trim_end(), expected);
}

/// Windows lists pipes by a path without a drive, and what is printed by that of the spool file: neither is in a share.
#[test]
fn pipes_and_print_jobs_have_no_path_for_users() {
    const SPOOL: &str = r"C:\Windows\System32\spool\PRINTERS\FP00001.SPL";
    let (fs1, handle) = windows();
    let file = handle.host().files().snapshot()[0].clone();
    let listed = [(20, r"\PIPE\srvsvc"), (21, r"\PIPE\wkssvc"), (22, SPOOL)];
    let listed = listed.map(|(id, path)| FileInfo { id, path: Some(path.into()), ..file.clone() });
    handle.host().files().replace(listed.to_vec());

    let files = lines(&run(&["files", "-f", "jsonl", "--path", "srvsvc", &fs1]));
    let [pipe] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!((&pipe["id"], &pipe["path"]), (&20.into(), &r"\PIPE\srvsvc".into()));
    assert_eq!(
        (&pipe["unc"], &pipe["share"], &pipe["client"]),
        (&Value::Null, &Value::Null, &"10.0.0.5".into())
    );
    let spooled = lines(&run(&["files", "-f", "jsonl", "--path", r"*\PRINTERS\*", &fs1]));
    assert_eq!((&spooled[0]["path"], &spooled[0]["unc"]), (&SPOOL.into(), &Value::Null), "{spooled:?}");
    assert!(lines(&run(&["files", "-f", "jsonl", "--share", "IPC$", &fs1])).is_empty());

    let table = stdout(&run(&["files", "--path", r"\PIPE\*", &fs1]));
    assert!(table.lines().nth(1).unwrap().ends_with(r"  \PIPE\srvsvc"), "{table}");
    assert!(table.lines().nth(2).unwrap().ends_with(r"  \PIPE\wkssvc"), "{table}");
    let csv = stdout(&run(&["files", "-f", "csv", "--columns", "id,path,unc,share", "--sort", "id", &fs1]));
    assert_eq!(csv.lines().nth(1), Some(r"20,\PIPE\srvsvc,,"), "{csv}");
    let columns = stdout(&run(&["files", "--columns", "id,unc,path", "--sort", "id", &fs1]));
    assert!(columns.lines().nth(1).unwrap().starts_with("20       "), "{columns}");
    let closed = run(&["close", "file", &fs1, "20", "--yes", "--path", r"\pipe\srvsvc"]);
    assert_eq!(closed.status.code(), Some(0), "{}", stderr(&closed));
}

#[test]
fn filters_leave_what_is_wanted() {
    let (fs1, _handle) = windows();
    for (filter, ids) in [
        (&["--user", "ALICE"][..], &[16, 17][..]),
        (&["--user", r"LAB\alice"], &[16, 17]),
        (&["--share", "HOME"], &[18]),
        (&["--client", r"\\10.0.0.6"], &[19]),
        (&["--path", "*.docx"], &[18]),
        (&["--path", "//127.0.0.1/home"], &[18]),
        (&["--path", "projects", "--user", "alice", "--share", "alpha"], &[16, 17]),
        (&["--user", "dave"], &[]),
    ] {
        let output = run(&[&["files", "-f", "jsonl", &fs1], filter].concat());
        assert_eq!(output.status.code(), Some(0), "{filter:?}: {}", stderr(&output));
        let mut listed: Vec<u64> = lines(&output).iter().map(|line| line["id"].as_u64().unwrap()).collect();
        listed.sort_unstable();
        assert_eq!(listed, ids, "{filter:?}");
    }
    assert_eq!(run(&["files", "--path", "", &fs1]).status.code(), Some(2));
}

#[test]
fn several_servers_are_asked_in_one_command() {
    let ((fs1, _one), (fs2, _two)) = (windows(), windows());
    for (command, rows) in [("files", 4), ("shares", 6)] {
        let single = lines(&run(&[command, "-f", "jsonl", &fs1])).len();
        assert!(single >= rows, "{command}: {single}");
        let output = run(&[command, "-f", "jsonl", &fs1, &fs2, &crate::support::refusing_port()]);
        assert_eq!(output.status.code(), Some(1), "{command}: one server does not answer");
        let lines = lines(&output);
        for server in [&fs1, &fs2] {
            let of_server = lines.iter().filter(|line| line["server"] == server.as_str());
            assert_eq!(of_server.count(), single, "{command} {server}");
        }
        assert_eq!(lines.iter().filter(|line| line["error"]["kind"] == "connect").count(), 1, "{command}");
        let table = stdout(&run(&[command, &fs1, &fs2]));
        assert!(table.contains(&fs1) && table.contains(&fs2), "{table}");
    }
}

#[test]
fn table_has_totals_and_hostile_names_are_escaped() {
    let (fs1, handle) = windows();
    let mut files = handle.host().files().snapshot().to_vec();
    files[0].path = Some("D:\\\u{1b}[2J\u{202e}evil,\"x\".txt".into());
    handle.host().files().replace(files);
    let table = stdout(&run(&["files", &fs1]));
    assert!(table.contains("4 open files, 3 users, 1 lock (level 3)"), "{table}");
    assert!(table.contains(r"D:\\u{1b}[2J\u{202e}evil") && !table.contains('\u{1b}'), "{table}");
    let csv = stdout(&run(&["files", "-f", "csv", "--columns", "path", "--path", "evil", &fs1]));
    assert_eq!(csv, "path\r\n\"D:\\\u{1b}[2J\u{202e}evil,\"\"x\"\".txt\"\r\n", "{csv:?}");
}

#[test]
fn shares_show_more_to_administrators() {
    let (fs1, _handle) = windows();
    let output = run(&["shares", "-f", "jsonl", &fs1]);
    let shares = lines(&output);
    let named = |name: &str| shares.iter().find(|share| share["name"] == name).unwrap();
    let expected = format!(
        r#"{{"server":"{fs1}","level":2,"name":"alpha","type":"disk","hidden":false,"comment":"","path":"D:\\projects\\alpha","current_users":1,"max_users":20}}"#
    );
    assert!(stdout(&output).contains(&expected), "{}", stdout(&output));
    assert_eq!((&named("IPC$")["type"], &named("C$")["hidden"]), (&"ipc".into(), &true.into()));
    assert!(named("home")["max_users"].is_null(), "no limit");
    let mut command = netsession(&["shares", "-f", "jsonl", &fs1]);
    command.env("NETSESSION_LOGIN", r"LAB\alice").env("NETSESSION_PASSWORD", "Wonderland1");
    let shares = lines(&command.output().unwrap());
    assert_eq!(shares.len(), 6);
    assert!(shares.iter().all(|share| share["level"] == 1 && share["path"].is_null()), "{shares:?}");
}

#[test]
fn nothing_is_closed_without_a_yes() {
    let (fs1, handle) = windows();
    let output = run(&["close", "file", &fs1, "16"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("there is no terminal to ask on"), "{}", stderr(&output));
    let output = run(&["close", "file", &fs1, "16", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "file 16: D:\\projects\\alpha\\report.xlsx of alice: would be closed\n");
    let output = run(&["close", "session", &fs1, "--client", "10.0.0.5", "--user", "alice", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!((handle.host().files().snapshot().len(), handle.host().sessions().snapshot().len()), (4, 4));
}

#[test]
fn closed_file_and_unlisted_id() {
    let (fs1, handle) = windows();
    let output = run(&["close", "file", &fs1, "16", "16", "99", "--yes", "-f", "jsonl"]);
    assert_eq!(output.status.code(), Some(1), "an id that is not listed");
    let lines = lines(&output);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!((&lines[0]["closed"], &lines[0]["outcome"]), (&true.into(), &"closed".into()));
    assert_eq!((&lines[1]["closed"], &lines[1]["outcome"]), (&false.into(), &"not_listed".into()));
    assert_eq!(handle.host().files().snapshot().len(), 3);
    let output = run(&["close", "file", &fs1, "17", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn checks_keep_other_files_open() {
    let (fs1, handle) = windows();
    for (check, value) in [("--user", "bob"), ("--path", r"D:\projects"), ("--path", "report.xlsx")] {
        let output = run(&["close", "file", &fs1, "16", "--yes", check, value]);
        assert_eq!(output.status.code(), Some(1), "{check} {value}");
        assert!(stdout(&output).contains("left alone"), "{}", stdout(&output));
    }
    assert_eq!(handle.host().files().snapshot().len(), 4);
    for (id, check, value) in [
        ("16", "--path", "d:/PROJECTS/alpha/report.xlsx"),
        ("18", "--path", r"\\127.0.0.1\home\carol\Größe und Maße.docx"),
    ] {
        let output = run(&["close", "file", &fs1, id, "--yes", check, value]);
        assert_eq!(output.status.code(), Some(0), "{check} {value}: {}", stdout(&output));
    }
}

/// Neither on stdout nor on stderr.
#[test]
fn servers_that_fail_have_no_open_files_to_count() {
    let (fs1, _first) =
        server(shipped("windows").unwrap().with_fault(Fault::new(Step::Enumerate, FaultKind::Close)));
    let (fs2, _second) =
        server(shipped("windows").unwrap().with_fault(Fault::new(Step::Enumerate, FaultKind::Close)));
    let (fs3, _third) = windows();
    for command in ["files", "list", "shares"] {
        for servers in [&[&*fs1][..], &[&fs1, &fs2]] {
            let output = run(&[&[command], servers].concat());
            assert_eq!(
                (output.status.code(), stdout(&output)),
                (Some(1), String::new()),
                "{command} {servers:?}"
            );
            let text = stderr(&output);
            for counted in ["no open files", "no sessions", "0 "] {
                let counted = text.lines().any(|line| line.contains(counted) && !line.contains("answered"));
                assert!(!counted, "{command} {servers:?}: {text}");
            }
            assert_eq!(
                text.contains("2 servers: 0 answered, 2 failed (2 closed)"),
                servers.len() == 2,
                "{text}"
            );
        }
        // One that answers has them.
        let output = run(&[command, &fs1, &fs3]);
        assert_eq!(output.status.code(), Some(1));
        let text = stderr(&output);
        assert!(text.contains("2 servers: 1 answered, 1 failed (1 closed)\n  "), "{command}: {text}");
    }
}

#[test]
fn unknown_outcome_is_null_and_sent_once() {
    // The listing of the command, the one right before the request, and then the request.
    let fault = Fault { skip: 3, ..Fault::new(Step::Enumerate, FaultKind::Close) };
    let (fs1, handle) = server(shipped("windows").unwrap().with_fault(fault));
    let output = run(&["close", "file", &fs1, "16", "--yes", "-f", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert!(json[0]["closed"].is_null() && json[0]["outcome"] == "unknown_outcome", "{json}");
    let message = json[0]["message"].as_str().unwrap();
    // The fault spares the first requests of the connection that the command makes to list again.
    assert!(message.ends_with("; it is listed no longer"), "{message}");
    assert_eq!(handle.host().files().snapshot().len(), 3, "it was carried out, once");
}

/// The answer did not come: on a new connection the command lists again, and says what it sees.
#[test]
fn unknown_outcome_is_listed_again() {
    for command in
        [&["close", "file", "16"][..], &["close", "session", "--client", "10.0.0.5", "--user", "alice"]]
    {
        // The last request of the four, and nothing after it.
        let fault = Fault { skip: 3, times: Some(1), ..Fault::new(Step::Enumerate, FaultKind::Close) };
        let (fs1, handle) = server(shipped("windows").unwrap().with_fault(fault));
        let mut command = command.to_vec();
        command.insert(2, &fs1);
        let output = run(&[&command, &["--yes"][..]].concat());
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        assert!(
            stdout(&output).ends_with(": unknown outcome: it is listed no longer\n"),
            "{}",
            stdout(&output)
        );
        assert_eq!(handle.host().traffic().changes(), 1, "{command:?}");
    }
}

/// Level 2 has ids alone.
#[test]
fn id_that_does_not_say_which_file_it_is_is_left_alone() {
    let mut scenario = shipped("windows").unwrap();
    scenario.files.levels = vec![2];
    let (fs1, handle) = server(scenario);
    for more in [&["--yes"][..], &["--dry-run"], &["--yes", "--path", r"D:\projects\alpha\report.xlsx"]] {
        let output = run(&[&["close", "file", &fs1, "16"][..], more].concat());
        assert_eq!(output.status.code(), Some(1), "{more:?}");
        let text = stdout(&output);
        assert!(text.contains("file 16: left alone: the server lists no path with it"), "{text}");
    }
    assert_eq!((handle.host().files().snapshot().len(), handle.host().traffic().changes()), (4, 0));

    let (fs1, handle) = windows();
    let mut files = handle.host().files().snapshot().to_vec();
    files.push(FileInfo { path: Some(r"D:\another".into()), ..files[0].clone() });
    handle.host().files().replace(files);
    let output = run(&["close", "file", &fs1, "16", "--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("several files with this id"), "{}", stdout(&output));
    assert_eq!(handle.host().traffic().changes(), 0);
}

/// A listed session of this user from this client.
fn listed(client: &str, user: &str) -> SessionInfo {
    SessionInfo { client: client.into(), user: Some(user.into()), ..SessionInfo::default() }
}

#[test]
fn own_account_from_a_computer_that_is_listed_by_name_is_left_alone() {
    let (fs1, handle) = windows();
    handle.host().sessions().replace(vec![listed("WS-01", "admin")]);
    let close = |more: &[&str]| {
        run(&[&["close", "session", &fs1, "--client", "WS-01", "--user", "admin"][..], more].concat())
    };
    for more in [&["--yes"][..], &["--dry-run"]] {
        let output = close(more);
        assert_eq!(output.status.code(), Some(1), "{more:?}: {}", stdout(&output));
        let text = stdout(&output);
        assert!(text.contains("session of this program, or cannot be told from it"), "{text}");
    }
    // As where it is the own one for certain.
    let line = &lines(&close(&["--yes", "-f", "jsonl"]))[0];
    assert_eq!((&line["closed"], line["outcome"].as_str()), (&Value::Bool(false), Some("changed")));
    assert_eq!(handle.host().traffic().changes(), 0);
}

/// A listing shows what may be meant; what is ended must be meant for certain.
#[test]
fn session_that_may_be_another_one_is_left_alone() {
    for (sessions, client, user, text) in [
        (
            &[listed("ws5.lab.example", "bob"), listed("ws5.other.example", "bob")][..],
            "ws5",
            "bob",
            "there are sessions from ws5.lab.example and from ws5.other.example: name the computer",
        ),
        (
            &[listed("10.0.0.6", r"LAB\bob"), listed("10.0.0.6", r"OTHER\bob")],
            "10.0.0.6",
            "bob",
            r"there are sessions of LAB\bob and of OTHER\bob: name the user as it is listed",
        ),
        (
            &[listed("10.0.0.6", r"OTHER\bob")],
            "10.0.0.6",
            "bob@hg.test",
            r"OTHER\bob may be another user than bob@hg.test: name it as it is listed",
        ),
    ] {
        let (fs1, handle) = windows();
        handle.host().sessions().replace(sessions.to_vec());
        let close = |client: &str, user: &str| {
            run(&["close", "session", &fs1, "--client", client, "--user", user, "--yes"])
        };
        let output = close(client, user);
        assert_eq!(output.status.code(), Some(1), "{client} {user}");
        assert!(stdout(&output).contains(text), "{}", stdout(&output));
        assert_eq!(handle.host().traffic().changes(), 0);
        // As it is listed.
        let first = &sessions[0];
        let output = close(&first.client, first.user.as_deref().unwrap());
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(handle.host().sessions().snapshot().len(), sessions.len() - 1);
    }
}

/// Another program was faster, after the listing right before the request: 2 of Samba, 2314 of Windows. A session: 2312.
#[test]
fn what_goes_between_listing_and_request_is_already_closed() {
    for name in ["windows", "samba"] {
        let scenario = || {
            let mut scenario = shipped(name).unwrap();
            scenario.session_del.access = Access::Administrators;
            scenario.with_fault(Fault { skip: 3, ..Fault::new(Step::Enumerate, FaultKind::AlreadyGone) })
        };
        assert_eq!(scenario().files.missing_id, if name == "samba" { 2 } else { 2314 });
        let client =
            scenario().sessions().iter().find(|s| s.user.as_deref() == Some("alice")).unwrap().client.clone();
        let session = ["close", "session", "--client", &client, "--user", "alice"];
        for command in [&["close", "file", "16"][..], &session] {
            for (format, text) in [("table", "already closed"), ("jsonl", r#""outcome":"already_gone""#)] {
                let (fs1, handle) = server(scenario());
                let mut command = command.to_vec();
                command.insert(2, &fs1);
                let output = run(&[&command, &["--yes", "-f", format][..]].concat());
                assert_eq!(output.status.code(), Some(0), "{command:?}: {}", stderr(&output));
                assert!(stdout(&output).contains(text), "{command:?}: {}", stdout(&output));
                assert_eq!(handle.host().traffic().changes(), 1, "{name} {command:?}");
            }
        }
    }
}

/// Whatever comes instead of an answer: the kept connection puts no request again that changes something.
#[test]
fn request_that_fails_is_not_sent_again() {
    let kinds = [
        FaultKind::RpcFault(0x1C00_0002),
        FaultKind::Status(0xC000_00B0), // STATUS_PIPE_DISCONNECTED
        FaultKind::Status(0xC000_035C), // STATUS_NETWORK_SESSION_EXPIRED
        FaultKind::Reset,
        FaultKind::Stall,
    ];
    let file = ["close", "file", "16"].as_slice();
    let session = &["close", "session", "--client", "10.0.0.5", "--user", "alice"];
    for kind in kinds {
        // For a file: the listings of files and of sessions, the one right before the request, and then the request. For
        // a session: the listing, the check before the question, the one right before the request, and the request.
        for (command, skip) in [(file, 3), (session, 3)] {
            let fault = Fault { skip, times: Some(1), ..Fault::new(Step::Enumerate, kind.clone()) };
            let (fs1, handle) = server(shipped("windows").unwrap().with_fault(fault));
            let mut command = command.to_vec();
            command.insert(2, &fs1);
            let output = run(&[&command, &["--yes", "-f", "jsonl", "--timeout", "12s"][..]].concat());
            assert_eq!(output.status.code(), Some(1), "{kind:?}: {}", stdout(&output));
            assert_eq!(handle.host().traffic().changes(), 1, "{kind:?} {command:?}");
            let line = &lines(&output)[0];
            let expected = match kind {
                FaultKind::RpcFault(_) => (Value::from(false), "status"),
                _ => (Value::Null, "unknown_outcome"),
            };
            assert_eq!((&line["closed"], line["outcome"].as_str().unwrap()), (&expected.0, expected.1));
        }
    }
}

#[test]
fn session_needs_both_names_and_never_the_own_one() {
    let (fs1, handle) = server(shipped("samba").unwrap());
    for names in [["--client", "", "--user", "alice"], ["--client", "127.0.0.1", "--user", ""]] {
        let output = run(&[&["close", "session", &fs1, "--yes"], &names[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{names:?}");
    }
    let output = run(&["close", "session", &fs1, "--client", "127.0.0.1", "--user", "admin", "--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("session of this program"), "{}", stdout(&output));
    let output = run(&["close", "session", &fs1, "--client", "127.0.0.1", "--user", "alice", "--yes"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("Domain Admins"), "{}", stderr(&output));
    assert_eq!(handle.host().sessions().snapshot().len(), 3);
    let output = run(&["close", "session", "@all", "--client", "a", "--user", "b", "--yes"]);
    assert_eq!(output.status.code(), Some(2));
}

/// As in every command that asks servers.
#[test]
#[cfg(feature = "kerberos")]
fn log_on_with_ntlm_instead_of_kerberos_is_told() {
    let (fs1, _handle) = windows();
    let mut command = netsession(&["close", "file", &fs1, "16", "--dry-run"]);
    command.env("NETSESSION_LOGIN", "admin@LAB.TEST").env("NETSESSION_PASSWORD", "Passw0rd!");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("log-on with NTLM instead of Kerberos"), "{}", stderr(&output));
}

#[test]
fn check_without_a_name_is_refused_before_anything_is_sent() {
    for (option, name, said) in [
        ("--path", "", "--path is empty: leave it out to close by the id alone"),
        ("--user", "", "--user is empty: leave it out to close by the id alone"),
        ("--user", r"LAB\", r"--user LAB\: there is no user behind the domain"),
    ] {
        // No server has this name: it would be another error.
        let output = run(&["close", "file", "fs1.invalid", "16", "--yes", option, name]);
        assert_eq!(output.status.code(), Some(2), "{option} {name}");
        assert_eq!(stderr(&output).trim_end(), format!("netsession: {said}"));
    }
}
