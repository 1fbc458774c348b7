//! What is recorded is what is answered.

use netsession_history::{GapCause, History, Interval, Outcome, Query, Recorder, Round, Session};

use crate::support::{answer, failure, file, folder, record, seconds, session, settings, start};

fn users(intervals: &[Interval<Session>]) -> Vec<&str> {
    intervals.iter().filter_map(|interval| interval.item.user.as_deref()).collect()
}

#[test]
fn session_that_ended_is_found_by_time_user_client_and_server() {
    let (folder, t) = (folder(), start());
    let recorder = record(
        &folder,
        [
            answer("fs1", t, vec![session("LAB\\alice", "10.0.0.5", 100), session("bob", "10.0.0.6", 50)]),
            answer("fs2", t, vec![session("carol", "10.0.0.5", 100)]),
            answer("fs1", t + seconds(30), vec![session("bob", "10.0.0.6", 80)]),
        ],
    );
    let mut history = History::open(&folder.store).unwrap();
    let mut find = |query: Query<'_>| history.sessions(&query).unwrap();
    assert_eq!(users(&find(Query::at(t - seconds(101)))), [""; 0]);
    assert_eq!(users(&find(Query::at(t - seconds(60)))), ["LAB\\alice", "carol"]);
    assert_eq!(users(&find(Query::at(t + seconds(10)))), ["LAB\\alice", "bob", "carol"]);
    assert_eq!(users(&find(Query::at(t + seconds(30)))), ["bob", "carol"]);
    assert_eq!(users(&find(Query::between(t - seconds(80), t - seconds(70)))), ["LAB\\alice", "carol"]);
    assert_eq!(users(&find(Query::default().user(|user| user == "LAB\\alice"))), ["LAB\\alice"]);
    assert_eq!(users(&find(Query::default().client(|client| client == "10.0.0.5"))), ["LAB\\alice", "carol"]);
    assert_eq!(users(&find(Query::default().server(|server| server == "fs2"))), ["carol"]);
    let alice = find(Query::default().user(|user| user == "LAB\\alice")).remove(0);
    assert_eq!((alice.server.as_str(), alice.from, alice.from_exact), ("fs1", t - seconds(100), true));
    assert_eq!((alice.until, alice.until_exact), (Some(t + seconds(30)), true));
    let mut expected = session("LAB\\alice", "10.0.0.5", 0);
    // The length of the interval stands for it.
    expected.connected = None;
    assert_eq!(alice.item, expected);
    drop(recorder);
}

#[test]
fn session_that_lasts_has_no_end_and_no_numbers_that_change() {
    let (folder, t) = (folder(), start());
    let recorder = record(&folder, [answer("fs1", t, vec![session("alice", "10.0.0.5", 100)])]);
    let alice = History::open(&folder.store).unwrap().sessions(&Query::at(t)).unwrap().remove(0);
    assert_eq!((alice.until, alice.item.opens, alice.item.idle), (None, None, None));
    // Where no process records any more, it is known up to the last answer.
    drop(recorder);
    let mut history = History::open(&folder.store).unwrap();
    let alice = history.sessions(&Query::at(t)).unwrap().remove(0);
    assert_eq!((alice.until, alice.until_exact), (Some(t), false));
    assert!(history.sessions(&Query::at(t + seconds(1))).unwrap().is_empty());
    let gaps = history.gaps(&Query::at(t + seconds(1))).unwrap();
    assert_eq!((gaps[0].from, gaps[0].until, &gaps[0].cause), (t, None, &GapCause::NotRecorded));
}

#[test]
fn gap_is_told_and_what_may_have_lasted_in_it_is_found() {
    let (folder, t) = (folder(), start());
    let recorder = record(
        &folder,
        [
            answer("fs1", t, vec![session("alice", "10.0.0.5", 100)]),
            failure("fs1", t + seconds(30)),
            answer("fs1", t + seconds(60), vec![]),
        ],
    );
    let mut history = History::open(&folder.store).unwrap();
    let alice = history.sessions(&Query::at(t + seconds(40))).unwrap().remove(0);
    assert_eq!((alice.until, alice.until_exact), (Some(t), false));
    let gaps = history.gaps(&Query::at(t + seconds(40))).unwrap();
    assert_eq!((gaps[0].from, gaps[0].until), (t, Some(t + seconds(60))));
    assert_eq!(gaps[0].cause, GapCause::Failed("no route to host".into()));
    assert!(history.gaps(&Query::at(t + seconds(61))).unwrap().is_empty());
    drop(recorder);
}

#[test]
fn restart_goes_on_with_what_was_there() {
    let (folder, t) = (folder(), start());
    drop(record(&folder, [answer("fs1", t, vec![session("alice", "10.0.0.5", 100)])]));
    let recorder = record(
        &folder,
        [
            answer("fs1", t + seconds(500), vec![session("alice", "10.0.0.5", 600)]),
            answer("fs1", t + seconds(530), vec![]),
        ],
    );
    let mut history = History::open(&folder.store).unwrap();
    let sessions = history.sessions(&Query::default()).unwrap();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!((sessions[0].from, sessions[0].until), (t - seconds(100), Some(t + seconds(530))));
    let gaps = history.gaps(&Query::default()).unwrap();
    assert_eq!((gaps.len(), &gaps[0].cause), (1, &GapCause::NotRecorded));
    drop(recorder);
}

#[test]
fn files_have_intervals_of_their_own() {
    let (folder, t) = (folder(), start());
    let round = |time, files: Vec<_>| Round::new("fs1", time, Outcome::answered(vec![], Some(Ok(files))));
    let recorder = record(
        &folder,
        [
            round(t, vec![file(1, "C:\\a", "alice")]),
            round(t + seconds(30), vec![file(1, "C:\\a", "alice"), file(2, "C:\\b", "alice")]),
            // The number of the first one is given again.
            round(t + seconds(60), vec![file(1, "C:\\c", "bob"), file(2, "C:\\b", "alice")]),
            round(t + seconds(90), vec![]),
        ],
    );
    let mut history = History::open(&folder.store).unwrap();
    let files = history.files(&Query::default()).unwrap();
    let shown: Vec<_> = files
        .iter()
        .map(|file| {
            let since_start = |time: std::time::SystemTime| time.duration_since(t).unwrap().as_secs();
            (
                file.item.path.as_deref().unwrap(),
                since_start(file.from),
                file.from_exact,
                file.until.map(since_start),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [("C:\\a", 0, false, Some(60)), ("C:\\b", 30, true, Some(90)), ("C:\\c", 60, true, Some(90))]
    );
    let bobs = history.files(&Query::default().user(|user| user == "bob")).unwrap();
    assert_eq!(bobs.len(), 1);
    drop(recorder);
}

#[test]
fn reader_sees_each_commit_while_another_process_records() {
    let (folder, t) = (folder(), start());
    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    for round in 0..20 {
        recorder.add(answer("fs1", t + seconds(round * 30), vec![session("alice", "10.0.0.5", 5)]));
        recorder.commit().unwrap();
        let mut history = History::open(&folder.store).unwrap();
        assert_eq!(history.sessions(&Query::default()).unwrap().len(), usize::try_from(round).unwrap() + 1);
        assert_eq!(history.recorded_by().and_then(|holder| holder.pid), Some(std::process::id()));
    }
}

#[test]
fn open_reader_keeps_its_view_while_the_store_is_written_and_rewritten() {
    let (folder, t) = (folder(), start());
    let mut recorder = record(&folder, [answer("fs1", t, vec![session("alice", "10.0.0.5", 5)])]);
    let mut history = History::open(&folder.store).unwrap();
    for round in 1..50 {
        recorder.add(answer("fs1", t + seconds(round * 30), vec![session("bob", "10.0.0.6", 5)]));
        recorder.commit().unwrap();
    }
    recorder.forget(|user| user == "bob").unwrap();
    assert_eq!(users(&history.sessions(&Query::default()).unwrap()), ["alice"]);
    assert_eq!(History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap().len(), 1);
}
