//! Probes of the double, and what the store says of them.

use std::sync::Arc;
use std::time::Duration;

use netsession::{Credentials, Password};
use netsession_history::{File, GapCause, History, Interval, Query};
use netsession_testserver::{Scenario, Server, ServerHandle, scenario};
use tempfile::TempDir;

use super::*;
use crate::{Exporter, Target};

const BUDGET: Duration = Duration::from_secs(60);

/// An exporter that records.
struct Recording {
    folder: TempDir,
    recorder: ProbeRecorder,
    exporter: Exporter,
}

impl Recording {
    fn start(targets: &[(&str, &str)], change: impl FnOnce(&mut crate::Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recorder = ProbeRecorder::open(folder.path().join("history"), Settings::default()).unwrap();
        let target = |(name, address): &(&str, &str)| {
            let credentials = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"));
            Target::new(name.parse().unwrap(), credentials).address(address.parse().unwrap())
        };
        let targets = targets.iter().map(target).collect();
        let mut settings =
            crate::Settings { targets, recorder: Some(recorder.clone()), ..crate::Settings::default() };
        change(&mut settings);
        Self { folder, recorder, exporter: Exporter::new(settings) }
    }

    /// Whether the target is up.
    async fn probe(&self, target: &str) -> bool {
        self.exporter.probe(target, BUDGET).await.unwrap().stats.is_ok()
    }

    /// What is recorded, after the end of it.
    async fn history(&self) -> History {
        assert!(self.recorder.close().await);
        History::open(self.folder.path().join("history")).unwrap()
    }
}

fn double(scenario: Scenario) -> (String, ServerHandle) {
    let (address, server) = Server::start(scenario).unwrap();
    (address.to_string(), server)
}

fn windows() -> (String, ServerHandle) {
    double(scenario::shipped("windows").unwrap())
}

fn of_user<'i>(
    intervals: &'i [Interval<netsession_history::Session>],
    user: &str,
) -> &'i Interval<netsession_history::Session> {
    let mut found = intervals.iter().filter(|interval| interval.item.user.as_deref() == Some(user));
    let first = found.next().unwrap();
    assert!(found.next().is_none(), "{user}: {intervals:?}");
    first
}

#[tokio::test]
async fn intervals_are_those_of_the_probes_without_a_second_log_on() {
    let (address, server) = double(scenario::shipped("windows").unwrap().without_own_session());
    let recording = Recording::start(&[("FS1", &address)], |_| ());
    assert!(recording.probe("fs1").await);
    let sessions = server.host().sessions();
    let bob = sessions.snapshot().iter().find(|one| one.user.as_deref() == Some("bob")).unwrap().clone();
    sessions.remove(|one| one.user.as_deref() == Some("bob"));
    let mut dave = bob;
    (dave.client, dave.user, dave.time) = ("10.0.0.9".into(), Some("dave".into()), Some(0));
    sessions.add(dave);
    assert!(recording.probe(r"\\fs1").await);
    let traffic = server.host().traffic();
    assert_eq!((traffic.connections(), traffic.log_ons()), (1, 1));

    let mut history = recording.history().await;
    let intervals = history.sessions(&Query::default()).unwrap();
    assert!(intervals.iter().all(|one| one.server == "fs1"), "{intervals:?}");
    assert_eq!(intervals.len(), 5, "{intervals:?}");
    let (alice, bob, dave) =
        (of_user(&intervals, "alice"), of_user(&intervals, "bob"), of_user(&intervals, "dave"));
    assert_eq!((alice.until_exact, alice.from_exact, alice.item.level), (false, true, 502));
    assert_eq!((bob.until_exact, bob.from_exact, bob.item.opens), (true, true, Some(0)));
    assert_eq!((dave.until_exact, dave.from_exact, &*dave.item.client), (false, true, "10.0.0.9"));
    assert!(dave.from <= bob.until.unwrap() && alice.from < dave.from, "{intervals:?}");
}

#[tokio::test]
async fn target_that_does_not_answer_is_a_gap() {
    let (address, server) = windows();
    let recording = Recording::start(&[("fs1", &address), ("down", "127.0.0.1:1")], |_| ());
    assert!(recording.probe("fs1").await);
    drop(server);
    assert!(!recording.probe("fs1").await && !recording.probe("down").await);
    let scenario = scenario::shipped("windows").unwrap();
    let (_, _server) = Server::start_on(scenario, &[address.parse().unwrap()]).unwrap();
    assert!(recording.probe("fs1").await);

    let mut history = recording.history().await;
    let mut gaps = history.gaps(&Query::default()).unwrap();
    // Since the end of the recording.
    gaps.retain(|gap| gap.cause != GapCause::NotRecorded);
    let [down, fs1] = gaps.as_slice() else { panic!("{gaps:?}") };
    assert_eq!((down.server.as_str(), down.until, fs1.server.as_str()), ("down", None, "fs1"));
    for gap in [down, fs1] {
        assert!(
            matches!(&gap.cause, GapCause::Failed(why) if why.starts_with("connect: refused (127.0.0.1:")),
            "{gap:?}"
        );
    }
    assert!(fs1.until.is_some_and(|until| fs1.from <= until), "{fs1:?}");
    // A session that is there before and after it goes on.
    let intervals = history.sessions(&Query::default()).unwrap();
    assert!(!of_user(&intervals, "alice").until_exact);
}

#[tokio::test]
async fn every_level_is_recorded_with_what_it_carries() {
    // The exporter asks for no level 2.
    for level in [0, 1, 10] {
        let scenario = format!(
            "description = 'x'\n[session-enum.levels]\n{level} = 'anyone'\n\
             [[user]]\nname = 'admin'\npassword = 'Passw0rd!'\n\
             [[session]]\nclient = '10.0.0.5'\nuser = 'alice'\nopens = 3\ntime-seconds = 60\nidle-seconds = 12\n"
        );
        let (address, _server) = double(scenario.parse().unwrap());
        let recording = Recording::start(&[("fs1", &address)], |_| ());
        assert!(recording.probe("fs1").await, "{level}");
        let intervals = recording.history().await.sessions(&Query::default()).unwrap();
        let [alice] = intervals.as_slice() else { panic!("{level}: {intervals:?}") };
        let user = (level > 0).then_some("alice");
        assert_eq!((alice.item.level, alice.item.user.as_deref()), (level, user), "{level}");
        assert_eq!(alice.from_exact, level > 0, "{level}");
    }
}

/// As `netsession record --files` records them, with one round trip for the files and one for the shares.
#[tokio::test]
async fn files_have_their_share_and_their_computer() {
    let (address, server) = windows();
    let recording = Recording::start(&[("fs1", &address)], |settings| settings.files = true);
    assert!(recording.probe("fs1").await);
    let frames = server.host().traffic().frames();
    assert!(recording.probe("fs1").await);
    assert_eq!(server.host().traffic().frames(), frames + 3);
    let files = recording.history().await.files(&Query::default()).unwrap();
    let report =
        files.iter().find(|file| file.item.path.as_deref() == Some(r"D:\projects\alpha\report.xlsx"));
    let File { user, client, share, unc, .. } = &report.unwrap().item;
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    assert_eq!([text(user), text(client), text(share)], ["alice", "10.0.0.5", "alpha"]);
    assert!(text(unc).ends_with(r"\alpha\report.xlsx"), "{unc:?}");
}

/// On Windows a user without rights may list sessions and no files.
#[tokio::test]
async fn files_that_are_refused_leave_a_gap() {
    let (address, _server) = windows();
    let recording = Recording::start(&[("fs1", &address)], |settings| {
        settings.files = true;
        for target in &mut settings.targets {
            target.credentials =
                Credentials::ntlm(r"LAB\alice".parse().unwrap(), Password::new("Wonderland1"));
        }
    });
    assert!(recording.probe("fs1").await);
    let gaps = recording.history().await.gaps(&Query::default()).unwrap();
    assert!(gaps.iter().any(|gap| matches!(gap.cause, GapCause::FilesFailed(_))), "{gaps:?}");
}

/// What comes in afterwards does not fill the memory.
#[cfg(unix)]
#[tokio::test]
async fn store_that_is_removed_is_not_written_again() {
    let recording = Recording::start(&[], |_| ());
    let path = recording.recorder.path().to_owned();
    std::fs::remove_file(&path).unwrap();
    recording.recorder.record("fs1", Err("no route".into()));
    let gone = RecorderMetrics { waiting_results: 0, lost_results: 1, failed_writes: 1, is_failing: true };
    until(|| recording.recorder.metrics() == gone).await;
    assert_eq!(recording.recorder.0.progress.waiting_bytes(), 0);
    assert!(!recording.recorder.close().await);
    assert!(!path.exists());
}

#[cfg(unix)]
async fn until(is_true: impl Fn() -> bool) {
    while !is_true() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A folder that is a file for a while stands for a disk that cannot be written.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn failed_writes_are_counted_until_the_store_is_written_again() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let parent = tempfile::tempdir().unwrap();
    let (folder, moved) = (parent.path().join("state"), parent.path().join("moved"));
    std::fs::create_dir(&folder).unwrap();
    let recorder = ProbeRecorder::open(folder.join("history"), Settings::default()).unwrap();
    std::fs::write(&moved, "").unwrap();
    // At once: for a recorder that finds neither, the store is gone for good.
    let exchange = || renameat_with(CWD, &folder, CWD, &moved, RenameFlags::EXCHANGE).unwrap();
    exchange();
    recorder.record("fs1", Err("no route".into()));
    until(|| recorder.metrics().failed_writes > 1).await;
    let RecorderMetrics { waiting_results, lost_results, is_failing, .. } = recorder.metrics();
    assert_eq!((waiting_results, lost_results, is_failing), (1, 0, true));
    exchange();
    let is_written =
        |RecorderMetrics { is_failing, waiting_results, .. }| !is_failing && waiting_results == 0;
    until(|| is_written(recorder.metrics())).await;
    assert!(recorder.close().await);
    assert_eq!(History::open(folder.join("history")).unwrap().servers().len(), 1);
}

/// A query of the old configuration may still have the store when the process ends.
#[tokio::test]
async fn end_of_the_process_writes_also_the_store_before_a_reload() {
    let recording = Recording::start(&[], |_| ());
    let other = recording.folder.path().join("other");
    let other = ProbeRecorder::open(other, Settings::default()).unwrap();
    recording.exporter.reload(crate::Settings { recorder: Some(other), ..crate::Settings::default() });
    recording.exporter.reload(crate::Settings::default());
    recording.recorder.record("fs1", Err("no route".into()));
    recording.exporter.close_recorders().await;
    let path = recording.recorder.path();
    assert_eq!(History::open(path).unwrap().servers().len(), 1);
    for name in ["history", "other"] {
        ProbeRecorder::open(recording.folder.path().join(name), Settings::default()).unwrap();
    }
}

/// A debug log has a session of its own, and may be older than what is recorded.
#[tokio::test]
async fn debug_probes_are_not_recorded() {
    let (address, _server) = windows();
    let recording = Recording::start(&[("fs1", &address)], |_| ());
    let (result, _) = recording.exporter.probe_with_log("fs1", BUDGET).await.unwrap();
    assert!(result.stats.is_ok());
    assert!(recording.history().await.servers().is_empty());
}

#[tokio::test]
async fn store_that_is_in_use_names_who_has_it() {
    let recording = Recording::start(&[], |_| ());
    let path = recording.recorder.path().to_owned();
    let text = ProbeRecorder::open(&path, Settings::default()).unwrap_err().to_string();
    assert!(text.contains(&format!("is in use: process {}", std::process::id())), "{text}");
    // Another recorder can open a store that was closed. Later probes of the first one are not recorded.
    assert!(recording.recorder.close().await && recording.recorder.close().await);
    let again = ProbeRecorder::open(&path, Settings::default()).unwrap();
    recording.recorder.record("fs1", Err("late".into()));
    assert!(again.close().await);
    std::fs::write(&path, "something else").unwrap();
    let text = ProbeRecorder::open(&path, Settings::default()).unwrap_err().to_string();
    assert!(text.contains("is not a store"), "{text}");
}

/// The store is readable, and a user can be erased, while it is recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn user_is_erased_by_the_exporter() {
    let (address, _server) = windows();
    let recording = Recording::start(&[("fs1", &address)], |_| ());
    assert!(recording.probe("fs1").await);
    let path = recording.recorder.path().to_owned();
    let users = || {
        let intervals = History::open(&path).and_then(|mut history| history.sessions(&Query::default()));
        let users = intervals.unwrap_or_default().into_iter().filter_map(|interval| interval.item.user);
        users.collect::<Vec<_>>()
    };
    while !users().contains(&"alice".into()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let erased = tokio::task::block_in_place(|| {
        netsession_history::forget(&path, "ALICE", |user| user == "alice", BUDGET).unwrap()
    });
    assert_eq!(erased, 1);
    assert!(!users().contains(&"alice".into()) && users().contains(&"bob".into()));
    recording.recorder.close().await;
}
