//! What is erased is in no byte of the file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

use netsession_history::{Error, History, Query, Recorder, Settings, forget};

use crate::support::{Folder, answer, filled, folder, record, seconds, session, settings, start};

fn has_bytes(path: &Path, text: &str) -> bool {
    fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
}

fn count(folder: &Folder, user: &str) -> usize {
    let mut history = History::open(&folder.store).unwrap();
    history.sessions(&Query::default().user(|name| name == user)).unwrap().len()
}

#[test]
fn user_is_gone_from_the_file_and_the_others_stay() {
    let folder = folder();
    filled(&folder, 200);
    let (before, all) = (count(&folder, "user7"), History::open(&folder.store).unwrap());
    let all = {
        let mut all = all;
        all.sessions(&Query::default()).unwrap().len()
    };
    assert!(before > 0 && has_bytes(&folder.store, "user7"));
    let erased = forget(&folder.store, "user7", |user| user == "user7", seconds(1)).unwrap();
    assert_eq!(usize::try_from(erased).unwrap(), before);
    assert!(!has_bytes(&folder.store, "user7"));
    assert!(has_bytes(&folder.store, "user8"));
    let after = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap().len();
    assert_eq!(after, all - before);
}

#[test]
fn running_recorder_erases_on_request() {
    let (folder, t) = (folder(), start());
    let mut recorder = record(
        &folder,
        [
            answer("fs1", t, vec![session("alice", "10.0.0.5", 5), session("bob", "10.0.0.6", 5)]),
            answer("fs1", t + seconds(30), vec![session("alice", "10.0.0.5", 35)]),
        ],
    );
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let erased = forget(&folder.store, "alice", |_| panic!("not by this process"), seconds(600));
            is_done.store(true, Ordering::SeqCst);
            erased
        });
        while !is_done.load(Ordering::SeqCst) {
            recorder.maintain(|wanted, user| wanted == user).unwrap();
        }
        assert_eq!(asking.join().unwrap().unwrap(), 1);
    });
    assert!(!has_bytes(&folder.store, "alice"));
    assert_eq!(count(&folder, "bob"), 1);
    // She is still connected: recorded again from now on, and not as if it were since her log-on.
    recorder.add(answer("fs1", t + seconds(60), vec![session("alice", "10.0.0.5", 65)]));
    recorder.commit().unwrap();
    let mut history = History::open(&folder.store).unwrap();
    let alice = history.sessions(&Query::default().user(|user| user == "alice")).unwrap().remove(0);
    assert_eq!((alice.from, alice.from_exact), (t + seconds(30), false));
    // Nothing but the store and its lock stays behind.
    let names: Vec<_> = fs::read_dir(folder.store.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Beside the store, once one is there.
fn wait_for_request(folder: &Folder) -> PathBuf {
    loop {
        let entries =
            fs::read_dir(folder.store.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let is_request = |path: &PathBuf| path.to_string_lossy().contains(".forget-");
        if let Some(request) = entries.into_iter().find(is_request) {
            return request;
        }
        thread::yield_now();
    }
}

/// Root erases what a service records: the service reads the request, and goes on to read and to write its store.
#[test]
#[cfg(unix)]
fn store_that_root_erases_from_keeps_its_owner() {
    use std::os::unix::fs::{MetadataExt as _, chown};

    use crate::skip::skip;
    if !rustix::process::geteuid().is_root() {
        return skip("only root can give a file to another user");
    }
    let owner = |path: &Path| fs::metadata(path).map(|metadata| (metadata.uid(), metadata.gid())).unwrap();
    let folder = folder();
    filled(&folder, 200);
    let lock = PathBuf::from(format!("{}.lock", folder.store.display()));
    fs::remove_file(&lock).unwrap();
    chown(&folder.store, Some(65534), Some(65533)).unwrap();
    forget(&folder.store, "user7", |user| user == "user7", seconds(1)).unwrap();
    assert_eq!([owner(&folder.store), owner(&lock)], [(65534, 65533); 2]);

    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    thread::scope(|scope| {
        let asking = scope.spawn(|| forget(&folder.store, "user8", |_| true, seconds(600)));
        assert_eq!(owner(&wait_for_request(&folder)), (65534, 65533));
        recorder.maintain(|wanted, user| wanted == user).unwrap();
        assert!(asking.join().unwrap().unwrap() > 0);
    });
    assert_eq!(owner(&folder.store), (65534, 65533));
}

/// A request of a user whose files the recorder may not read.
#[test]
fn request_that_cannot_be_read_goes_and_who_asked_is_told() {
    let folder = folder();
    let mut recorder = record(&folder, []);
    let request = PathBuf::from(format!("{}.forget-1-1", folder.store.display()));
    fs::write(&request, [0xff]).unwrap();
    recorder.maintain(|_, _| false).unwrap();
    assert!(!request.exists());
    thread::scope(|scope| {
        let asking = scope.spawn(|| forget(&folder.store, "alice", |_| true, seconds(600)));
        fs::write(wait_for_request(&folder), [0xff]).unwrap();
        recorder.maintain(|_, _| false).unwrap();
        let error = asking.join().unwrap().unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    });
}

#[test]
fn request_that_is_not_carried_out_in_time_names_the_recorder() {
    let folder = folder();
    let recorder = record(&folder, []);
    let error = forget(&folder.store, "alice", |_| true, seconds(0)).unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
    assert!(error.to_string().contains("it does so after its next round"), "{error}");
    drop(recorder);
}

#[test]
fn retention_erases_what_ended_before() {
    let folder = folder();
    let now = SystemTime::now();
    let day = 86_400;
    drop(record(
        &folder,
        [
            answer("fs1", now - seconds(20 * day), vec![session("old", "10.0.0.5", 5)]),
            answer("fs1", now - seconds(20 * day - 30), vec![]),
            answer("fs1", now - seconds(60), vec![session("new", "10.0.0.5", 5)]),
            answer("fs1", now - seconds(30), vec![]),
        ],
    ));
    let mut short = settings();
    short.retain = Some(seconds(10 * day));
    let mut recorder = Recorder::open(&folder.store, short).unwrap();
    recorder.maintain(|_, _| false).unwrap();
    assert!(!has_bytes(&folder.store, "old"));
    assert_eq!(count(&folder, "new"), 1);
}

/// A clock that is years ahead must not empty the store.
#[test]
fn retention_waits_where_everything_looks_too_old() {
    let folder = folder();
    let (now, day) = (SystemTime::now(), 86_400);
    drop(record(
        &folder,
        [
            answer("fs1", now - seconds(20 * day), vec![session("old", "10.0.0.5", 5)]),
            answer("fs1", now - seconds(20 * day - 30), vec![]),
        ],
    ));
    let mut short = settings();
    short.retain = Some(seconds(10 * day));
    let mut recorder = Recorder::open(&folder.store, short).unwrap();
    recorder.maintain(|_, _| false).unwrap();
    assert_eq!(count(&folder, "old"), 1);
}

/// A bound below what is connected: all of that stays, and the file is not written again and again.
#[cfg(unix)]
#[test]
fn listing_above_the_bound_stays_and_is_told() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = folder();
    let mut settings: Settings = settings();
    settings.max_size = Some(1 << 20);
    let mut recorder = Recorder::open(&folder.store, settings).unwrap();
    let now = SystemTime::now();
    let listing = |round: u64, count: u64| -> Vec<_> {
        let user = |n: u64| session(&format!("user{n:0>60}"), &format!("client{n:0>60}"), 5 + round);
        (0..count).map(user).collect()
    };
    let mut files = std::collections::BTreeSet::new();
    for round in 0..8 {
        recorder.add(answer("fs1", now + seconds(round), listing(round, 6000 + round)));
        recorder.commit().unwrap();
        recorder.maintain(|_, _| false).unwrap();
        files.insert(fs::metadata(&folder.store).unwrap().ino());
        assert!(recorder.is_full(), "{round}");
        let stored = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
        assert_eq!(u64::try_from(stored.len()).unwrap(), 6000 + round);
    }
    assert!(files.len() <= 2, "rewritten once: {files:?}");
    // They end, and go first.
    for round in 8..12 {
        recorder.add(answer("fs1", now + seconds(round), listing(round, 10)));
        recorder.commit().unwrap();
        recorder.maintain(|_, _| false).unwrap();
    }
    assert!(!recorder.is_full());
    assert!(fs::metadata(&folder.store).unwrap().len() < 2 << 20);
    let stored = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
    assert!(stored.iter().filter(|session| session.until.is_none()).count() == 10, "{}", stored.len());
}

#[test]
fn size_is_bounded_and_the_oldest_go_first() {
    const MAX: u64 = 1 << 20;
    let folder = folder();
    let mut settings: Settings = settings();
    settings.max_size = Some(MAX);
    let mut recorder = Recorder::open(&folder.store, settings).unwrap();
    let t = start();
    let mut largest = 0;
    for round in 0..60 {
        let sessions =
            (0..400).map(|n| session(&format!("u{n}"), &format!("c{n}"), 5 + (n + round) % 7)).collect();
        recorder.add(answer("fs1", t + seconds(round * 3600), sessions));
        recorder.commit().unwrap();
        recorder.maintain(|_, _| false).unwrap();
        largest = largest.max(fs::metadata(&folder.store).unwrap().len());
    }
    assert!(largest < MAX * 22 / 10, "{largest}");
    let mut history = History::open(&folder.store).unwrap();
    let sessions = history.sessions(&Query::default()).unwrap();
    assert!(sessions.len() < 60 * 400, "something went");
    assert!(sessions.len() > 5000, "{} is worth the space", sessions.len());
    let oldest = sessions.iter().map(|session| session.from).min().unwrap();
    let newest = sessions.iter().map(|session| session.from).max().unwrap();
    assert!(oldest > t + seconds(3600), "the oldest went");
    assert!(newest > t + seconds(58 * 3600));
}
