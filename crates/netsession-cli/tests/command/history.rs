//! `netsession record` and `netsession history`, against the double.
#![cfg(all(unix, feature = "demo"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use netsession_history::{Outcome, Recorder, Round, Session, Settings};
use netsession_testserver::{Server, scenario};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::recording::{Recording, history, rows, wait_for};
use crate::support::windows::{add_zoe, windows};
use crate::support::{netsession, stderr, stdout};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    (folder, store)
}

#[test]
fn sessions_that_come_and_go_are_answered_while_they_are_recorded() {
    let ((fs1, handle), (_folder, store)) = (windows(), folder());
    let recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    add_zoe(handle.host());
    let rows = wait_for(&store, &["--user", "zoe"], |rows| !rows.is_empty());
    let keys: Vec<_> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys.join(" "),
        "client client_name client_type connected_seconds flags from from_exact idle_seconds level opens server \
         transport until until_exact user"
    );
    assert_eq!((&rows[0]["client"], &rows[0]["until"]), (&"10.9.9.9".into(), &Value::Null));
    assert_eq!(handle.host().sessions().remove(|session| session.user.as_deref() == Some("zoe")), 1);
    let rows = wait_for(&store, &["--user", "zoe"], |rows| rows[0]["until"].is_string());
    assert_eq!((&rows[0]["from_exact"], &rows[0]["until_exact"]), (&true.into(), &true.into()));
    assert_eq!(rows.len(), 1);

    // One process records.
    let second = netsession(&["record", "--store", store.to_str().unwrap(), &fs1]).output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    let text = stderr(&second);
    assert!(text.contains(&format!("store is in use: process {} on ", recording.process())), "{text}");

    // The one that records erases, and goes on.
    let forgotten = history(&store, &["forget", "--user", "ZOE"]);
    assert_eq!(stdout(&forgotten), "erased 1 interval of ZOE\n", "{forgotten:?}");
    assert!(!std::fs::read(&store).unwrap().windows(3).any(|bytes| bytes == b"zoe"));

    let (code, text) = recording.end("-TERM");
    assert_eq!((code, text.as_str()), (Some(0), ""));
    // Ends are not known any more.
    assert!(rows_of_all(&store).iter().all(|row| row["until"].is_string() && row["until_exact"] == false));
}

fn rows_of_all(store: &Path) -> Vec<Value> {
    let rows = rows(store, &[]);
    assert!(!rows.is_empty());
    rows
}

#[test]
fn server_that_goes_away_leaves_a_gap_in_words() {
    let ((fs1, handle), (_folder, store)) = (windows(), folder());
    let recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    drop(handle);
    wait_for(&store, &[], |rows| {
        rows.iter().all(|row| row["until_exact"] == false && row["until"].is_string())
    });
    // Not in the second of the last answer, in which the gap begins: times are whole seconds.
    let expected = format!("{fs1} did not answer since 20");
    while !stderr(&history(&store, &["--at", "now"])).contains(&expected) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, text) = recording.end("-INT");
    assert_eq!(code, Some(130));
    assert_eq!(text.matches("netsession: ").count(), 1, "told once: {text}");
}

/// On Windows a user without rights may list sessions and no files.
#[test]
fn files_that_a_server_does_not_list_are_told_and_leave_a_gap() {
    let ((fs1, _handle), (_folder, store)) = (windows(), folder());
    let alice = |arguments: &[&str]| {
        Recording::start_as(r"LAB\alice", "Wonderland1", &store, &[&["--files", &fs1], arguments].concat())
    };
    let recording = alice(&[]);
    let expected = format!("netsession: {fs1} did not list its open files since 20");
    while !stderr(&history(&store, &["--files", "--at", "now"])).contains(&expected) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!stderr(&history(&store, &["--at", "now"])).contains("open files"), "sessions are listed");
    let (code, text) = recording.end("-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(text.matches("netsession: ").count(), 1, "told once: {text}");
    assert!(text.contains("refuse") || text.contains("denied"), "{text}");
    let (code, text) = alice(&["--for", "10s"]).wait();
    assert_eq!(code, Some(1), "{text}");
}

/// An empty answer alone would look as if nobody had the file open.
#[test]
fn files_that_were_never_recorded_are_told() {
    let ((fs1, _handle), (_folder, store)) = (windows(), folder());
    let _recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    let never = format!("open files of {fs1} were never recorded");
    let output = history(&store, &["--path", "budget"]);
    let said = stderr(&output);
    assert!(said.contains("no open file was recorded that matches") && said.contains(&never), "{said}");
    assert!(stdout(&output).is_empty() && output.status.success(), "{output:?}");
    assert!(stderr(&history(&store, &["--files", "-f", "json"])).contains(&never));
    assert!(!stderr(&history(&store, &[])).contains("open files"));
}

#[test]
fn recording_ends_where_its_store_is_removed() {
    let ((fs1, _handle), (_folder, store)) = (windows(), folder());
    let recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    std::fs::remove_file(&store).unwrap();
    let (code, text) = recording.wait();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("store was removed or replaced while it was recorded into"), "{text}");
    assert!(!store.exists());
}

#[test]
fn questions_of_a_store_that_is_not_there_or_makes_no_sense() {
    let (_folder, store) = folder();
    for (arguments, expected) in [
        (&[][..], "store does not exist: netsession record writes it, and --store names another one"),
        (&["stats"], "store does not exist"),
        (&["forget", "--user", "x"], "store does not exist"),
    ] {
        let output = history(&store, arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    std::fs::write(&store, "no store").unwrap();
    let below = store.join("x");
    let below = below.to_str().unwrap();
    for arguments in [
        &["history", "--store", below][..],
        &["history", "forget", "--user", "x", "--store", below],
        &["record", "--store", below, "fs1"],
    ] {
        let output = netsession(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(stderr(&output).matches("Not a directory").count(), 1, "{}", stderr(&output));
    }
    let output = history(&store, &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stderr(&output).ends_with("store is not a store of netsession\n"), "{}", stderr(&output));
    std::fs::remove_file(&store).unwrap();
    let ((fs1, _handle), _) = (windows(), ());
    let recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    for (arguments, expected) in [
        (&["--at", "teatime"][..], "--at \"teatime\": write it as 2026-11-24 15:00"),
        (&["--since", "now", "--until", "yesterday"], "--until is before --since"),
        (&["--user", ""], "--user is empty"),
        (&["--client", r"\\"], "--client is empty: leave it out to see everything"),
        (&["--user", r"LAB\"], r"--user LAB\: there is no user behind the domain"),
        (&["forget", "--user", r"\"], "--user is empty: name the user to erase"),
        (&["forget", "--user", r"LAB\"], r"--user LAB\: there is no user behind the domain"),
        (&["-f", "json", "stats"], "netsession history stats --store FILE"),
        (&["fs9"], "fs9 was never recorded; the store has 127.0.0.1:"),
        (&["--columns", "from,nothing"], "--columns: there is no column \"nothing\""),
        (&["--at", "now", "--since", "now"], "cannot be used with"),
    ] {
        let output = history(&store, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    // What is connected now is no answer to what will be.
    assert!(!rows(&store, &["--at", "now"]).is_empty());
    for option in ["--at", "--since"] {
        let output = history(&store, &[option, "2999-01-01 12:00", "-f", "jsonl"]);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        assert!(stderr(&output).contains("2999-01-01 12:00:00 is in the future"), "{}", stderr(&output));
    }
    recording.end("-TERM");
}

/// A question shows what may be meant; what is erased must be meant for certain.
#[test]
fn user_who_may_be_another_one_is_not_forgotten() {
    let ((fs1, handle), (_folder, store)) = (windows(), folder());
    let mut session = handle.host().sessions().snapshot()[0].clone();
    let users = [r"OTHER\bob", r"LAB\bob", r"LAB\carol"];
    let sessions = users.map(|user| {
        session.user = Some(user.to_owned());
        session.clone()
    });
    handle.host().sessions().replace(sessions.to_vec());
    let recording = Recording::start(&store, &[&fs1]);
    // The recorder's own session is listed as well.
    wait_for(&store, &[], |rows| rows.len() >= users.len());
    recording.end("-TERM");
    assert_eq!(
        rows(&store, &["--user", "bob@hg.test"]).len(),
        2,
        "the DNS name may be that of either domain"
    );
    for (user, said) in [
        ("bob@hg.test", "nothing is stored of bob@hg.test: name the user as netsession history shows it\n"),
        (r"hg.test\bob", "nothing is stored of hg.test"),
        (r"LAB\Bob", "erased 1 interval of LAB"),
        (r"LAB\bob", "nothing is stored of LAB"),
        // Without a domain, of every domain.
        ("bob", "erased 1 interval of bob\n"),
    ] {
        let output = history(&store, &["forget", "--user", user]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(stdout(&output).starts_with(said), "{user}: {}", stdout(&output));
    }
    let left = rows_of_all(&store);
    let bob = |row: &&Value| row["user"].as_str().unwrap().ends_with("bob");
    assert!(left.iter().any(|row| row["user"] == r"LAB\carol"), "{left:?}");
    assert_eq!(left.iter().find(bob), None);
}

#[test]
fn export_and_stats_have_every_session() {
    let scenario = scenario::shipped("windows").unwrap().without_own_session();
    let (address, _handle) = Server::start(scenario).unwrap();
    let (_folder, store) = folder();
    let recording = Recording::start(&store, &["--files", &address.to_string()]);
    let shown = wait_for(&store, &[], |rows| !rows.is_empty());
    wait_for(&store, &["--files"], |rows| !rows.is_empty());
    let lines = stdout(&history(&store, &["export"]));
    assert_eq!(lines.lines().count(), shown.len(), "{lines}");
    let csv = stdout(&history(&store, &["export", "-f", "csv"]));
    assert_eq!(csv.lines().count(), shown.len() + 1, "{csv}");
    assert!(csv.starts_with("server,level,client,user,"), "{csv}");
    let stats: Value = serde_json::from_slice(&history(&store, &["stats", "-f", "json"]).stdout).unwrap();
    assert_eq!(stats["sessions"], shown.len());
    let table = stdout(&history(&store, &["stats"]));
    assert!(table.starts_with(&format!("sessions  {}\n", shown.len())), "{table}");
    assert!(table.contains(" #"), "{table}");
    let table = stdout(&history(&store, &[]));
    assert!(table.ends_with("times in Europe/Berlin\n"), "{table}");
    recording.end("-TERM");
}

/// A store in which each of these servers answered once, with one session from a client of its name.
fn store_of(store: &Path, servers: &[&str]) {
    let mut recorder = Recorder::open(store, Settings::default()).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_705_200);
    for server in servers {
        let outcome = Outcome::answered(vec![Session::new(*server)], None);
        recorder.add(Round::new(*server, time, outcome));
    }
    recorder.commit().unwrap();
}

/// The same server as everywhere else, however it is written, and no other one.
#[test]
fn servers_are_found_in_every_spelling() {
    let (_folder, store) = folder();
    let recorded =
        ["FS1", "fe80::1", "fe80::1%eth0", "fe80::1%ETH0", "10.0.0.5", "10.0.0.5:4455", "no server"];
    store_of(&store, &recorded);
    let clients = |server: &str| -> Vec<String> {
        let rows = rows(&store, &[server]);
        rows.iter().map(|row| row["client"].as_str().unwrap().to_owned()).collect()
    };
    for (typed, expected) in [
        (r"\\fs1:445", "FS1"),
        ("FE80:0::1", "fe80::1"),
        ("FE80:0::1%eth0", "fe80::1%eth0"),
        ("fe80::1%ETH0", "fe80::1%ETH0"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("10.0.0.5:4455", "10.0.0.5:4455"),
    ] {
        assert_eq!(clients(typed), [expected], "{typed}");
        // What is told beside the rows is about the same servers.
        let told = stderr(&history(&store, &["--since", "2000-01-01 00:00", "--files", typed]));
        let others: Vec<_> =
            recorded.iter().filter(|name| told.contains(&format!("of {name} were"))).collect();
        assert_eq!(others, [&expected], "{typed}: {told}");
    }
    let output = history(&store, &["10.0.0.5:4456"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        stderr(&output).contains("10.0.0.5:4456 was never recorded; the store has 10.0.0.5, "),
        "{output:?}"
    );
}

/// A store of one server: an answer each minute, or none.
fn minutes(store: &Path, answers: &[Option<&[&str]>]) {
    let mut recorder = Recorder::open(store, Settings::default()).unwrap();
    for (minute, clients) in (0..).zip(answers) {
        let outcome = match clients {
            Some(clients) => {
                Outcome::answered(clients.iter().map(|client| Session::new(*client)).collect(), None)
            }
            None => Outcome::Failed("timed out".into()),
        };
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_705_200 + 60 * minute);
        recorder.add(Round::new("fs1", time, outcome));
    }
    recorder.commit().unwrap();
}

/// As `--at` does.
#[test]
fn times_that_were_not_recorded_are_told_with_every_option() {
    let (_folder, store) = folder();
    minutes(&store, &[Some(&["10.0.0.1"]), Some(&[])]);
    for (options, expected) in [
        (["--at", "2020-01-01 12:00"], "fs1 is recorded since 2026-11-26 16:00:00"),
        (["--until", "2020-01-01 12:00"], "fs1 is recorded since 2026-11-26 16:00:00"),
        (["--since", "2020-01-01 12:00"], "fs1 is recorded since 2026-11-26 16:00:00"),
        (["--at", "2099-01-01 12:00"], "fs1 was not asked since 2026-11-26 16:01:00"),
        (["--since", "2099-01-01 12:00"], "fs1 was not asked since 2026-11-26 16:01:00"),
        (["--until", "2099-01-01 12:00"], "fs1 was not asked since 2026-11-26 16:01:00"),
    ] {
        for command in [&["stats"][..], &[]] {
            if command == ["stats"] && options[0] == "--at" {
                continue;
            }
            let output = history(&store, &[command, &options].concat());
            assert!(stderr(&output).contains(expected), "{command:?} {options:?} {output:?}");
        }
    }
    assert!(!stderr(&history(&store, &["stats"])).contains("fs1"), "no time was asked for");
}

/// A server whose name was mistyped, asked for beside one that answers.
#[test]
fn server_that_never_answered_is_told() {
    let (_folder, store) = folder();
    minutes(&store, &[None, None]);
    let told = |options: &[&str]| stderr(&history(&store, &[&["fs1"], options].concat()));
    for option in ["--at", "--until"] {
        let text = told(&[option, "2020-01-01 12:00"]);
        assert!(text.ends_with("\nnetsession: fs1 has never answered\n"), "{text}");
    }
    // The gap says it, with its reason.
    let text = told(&["--at", "2026-11-26 16:00:30"]);
    assert!(text.contains("netsession: fs1 did not answer ") && !text.contains("never"), "{text}");
}

/// A recorder that starts again within the second of its last answer.
#[test]
fn gap_of_no_length_is_left_out() {
    let (_folder, store) = folder();
    minutes(&store, &[Some(&["10.0.0.1"])]);
    minutes(&store, &[Some(&["10.0.0.1"])]);
    assert_eq!(stderr(&history(&store, &["--since", "2026-11-26 16:00"])), "");
}

#[test]
fn session_without_a_client_counts_no_client() {
    let (_folder, store) = folder();
    minutes(&store, &[Some(&["10.0.0.1", ""])]);
    let stats: Value = serde_json::from_slice(&history(&store, &["stats", "-f", "json"]).stdout).unwrap();
    assert_eq!((&stats["sessions"], &stats["clients"]), (&2.into(), &1.into()), "{stats}");
}

#[test]
fn days_are_those_on_which_something_was_there() {
    let (_folder, store) = folder();
    // From 16:00 local time on, over 40 hours, and one of them ends after 24.
    let mut answers = vec![Some(&["10.0.0.1", "10.0.0.2"][..]); 24 * 60];
    answers.extend(vec![Some(&["10.0.0.1"][..]); 16 * 60]);
    minutes(&store, &answers);
    let days = |options: &[&str]| -> Vec<(String, u64, u64)> {
        let output = history(&store, &[&["stats", "-f", "json"], options].concat());
        let stats: Value = serde_json::from_slice(&output.stdout).unwrap();
        let day = |day: &Value| {
            (
                day["day"].as_str().unwrap().to_owned(),
                day["sessions"].as_u64().unwrap(),
                day["peak"].as_u64().unwrap(),
            )
        };
        stats["days"].as_array().unwrap().iter().map(day).collect()
    };
    let day = |day: &str, sessions, peak| (format!("2026-11-{day}"), sessions, peak);
    assert_eq!(days(&[])[..2], [day("26", 2, 2), day("27", 2, 2)], "both are there when the 27th begins");
    let until_midnight = days(&["--since", "2026-11-26", "--until", "2026-11-27"]);
    assert_eq!(until_midnight, [day("26", 2, 2)], "nothing is counted on the day that begins then");
}

/// A session that was in one answer alone, before a gap, begins and ends at the same second, in which it is there.
#[test]
fn peak_counts_sessions_of_one_answer() {
    let (_folder, store) = folder();
    minutes(&store, &[Some(&["10.0.0.9"]), Some(&["10.0.0.9", "10.0.0.1"]), None, Some(&["10.0.0.9"])]);
    let stats: Value = serde_json::from_slice(&history(&store, &["stats", "-f", "json"]).stdout).unwrap();
    assert_eq!((&stats["sessions"], &stats["peak"]), (&2.into(), &2.into()), "{stats}");
    assert_eq!(stats["days"][0]["peak"], 2, "{stats}");
}

/// The program aborts on panic; the database panics on a store that was closed and then damaged.
#[test]
fn damaged_store_is_refused_in_words() {
    let ((fs1, _handle), (_folder, store)) = (windows(), folder());
    let recording = Recording::start(&store, &[&fs1]);
    wait_for(&store, &[], |rows| !rows.is_empty());
    recording.end("-TERM");
    let whole = std::fs::read(&store).unwrap();
    let mut refused = 0;
    for page in 1..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096..(page + 1) * 4096].fill(0);
        std::fs::write(&store, damaged).unwrap();
        let output = history(&store, &["-f", "json"]);
        match output.status.code() {
            Some(0) => {}
            Some(1 | 2) => {
                refused += 1;
                let text = stderr(&output);
                assert_eq!(text.lines().count(), 1, "{text}");
                assert!(text.starts_with("netsession: ") && text.contains("damaged"), "{text}");
            }
            _ => panic!("page {page}: {output:?}"),
        }
    }
    assert!(refused > 0);
}
