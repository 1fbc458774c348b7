//! What a question costs: a sample of `cargo bench -p netsession-benches --bench history`, which a lost index breaks.

use std::fs;
use std::time::SystemTime;

use netsession_history::{History, Query, Recorder};

use crate::support::{Folder, answer, folder, seconds, session, settings, start};

/// Of one server each round.
const SESSIONS: u64 = 50;
/// Intervals of the user who is looked for, in every store.
const WANTED: u64 = 20;

/// A store of which each round lasts a minute. The names are the same however many rounds it has.
fn filled(start: SystemTime, rounds: u64) -> Folder {
    let folder = folder();
    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    for round in 0..rounds {
        let sessions = (0..SESSIONS).map(|number| {
            let user = if number == 0 && round < WANTED { "wanted" } else { &*format!("user{number}") };
            session(user, &format!("10.0.0.{number}"), 5)
        });
        let time = start + seconds(round * 120);
        recorder.add(answer("fs1", time, sessions.collect()));
        recorder.add(answer("fs1", time + seconds(60), Vec::new()));
    }
    recorder.commit().unwrap();
    folder
}

/// Bytes that this thread has read from files so far: proc_pid_io(5).
fn bytes_read() -> u64 {
    let counts = fs::read_to_string("/proc/thread-self/io").unwrap();
    counts.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// Bytes of the file that a question reads, once the file is open.
fn cost(folder: &Folder, query: Query<'_>, rows: u64) -> u64 {
    let mut history = History::open(&folder.store).unwrap();
    let before = bytes_read();
    let found = history.sessions(&query).unwrap();
    assert_eq!(u64::try_from(found.len()).unwrap(), rows);
    bytes_read() - before
}

/// A scan of all intervals would read ten times as much.
#[test]
fn question_to_ten_times_the_intervals_reads_about_the_same() {
    let start = start();
    let (small, large) = (filled(start, 60), filled(start, 600));
    let middle = start + seconds(30 * 120 + 30);
    let user = || Query::default().user(|user| user == "wanted");
    let at = || Query::at(middle);
    let questions: [(&str, &dyn Fn() -> Query<'static>, u64); 2] =
        [("--user", &user, WANTED), ("--at", &at, SESSIONS)];
    for (what, query, rows) in questions {
        let [few, many] = [&small, &large].map(|folder| cost(folder, query(), rows));
        assert!(many < few * 2, "{what}: {few} bytes of 3,000 intervals, {many} of 30,000");
    }
}
