//! A disk that is full: nothing is lost, and recording goes on.
#![cfg(unix)]

use std::process::Command;

use netsession_history::{Error, History, Query, Recorder};
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::support::{answer, folder, seconds, session, settings, start};

/// The process may write no larger file than this.
fn limit_files(bytes: Option<u64>) {
    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, rustix::process::Rlimit { current: bytes, ..limit }).unwrap();
}

/// In a process of its own, because the limit is for the whole process.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let (folder, t) = (folder(), start());
    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    let mut rounds = 0;
    let mut next = |recorder: &mut Recorder| -> Result<(), Error> {
        let sessions = (0..500).map(|n| session(&format!("u{n}-{rounds}"), "10.0.0.5", 5)).collect();
        recorder.add(answer("fs1", t + seconds(rounds * 30), sessions));
        rounds += 1;
        recorder.commit()
    };
    limit_files(Some(1 << 20));
    let mut refused = 0;
    while refused < 5 {
        match next(&mut recorder) {
            Ok(()) => assert_eq!(refused, 0, "it does not get emptier"),
            Err(error) => {
                assert!(error.is_disk_full(), "{error} {error:?}");
                refused += 1;
            }
        }
        // What is stored can be read meanwhile.
        History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
    }
    limit_files(None);
    next(&mut recorder).unwrap();
    let sessions = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
    assert_eq!(sessions.len(), usize::try_from(rounds).unwrap() * 500);
    println!("nothing is lost");
}

#[test]
fn disk_that_is_full_loses_nothing() {
    // The signal would end the process before the error is seen.
    let script = "trap '' XFSZ; exec \"$0\" full::child --ignored --exact --nocapture";
    let output =
        Command::new("sh").args(["-c", script]).arg(std::env::current_exe().unwrap()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing is lost"), "{output:?}");
}
