//! What the path may be, and who may use it.

use std::fs;
use std::path::Path;

use netsession_history::{Error, History, Query, Recorder, forget};

use crate::support::{answer, filled, folder, record, seconds, session, settings, start};

fn refusal(path: &Path) -> (String, String) {
    let reader = History::open(path).err().map(|error| error.to_string()).unwrap_or_default();
    let writer = Recorder::open(path, settings()).err().map(|error| error.to_string()).unwrap_or_default();
    (reader, writer)
}

#[test]
fn second_recorder_is_told_who_records() {
    let folder = folder();
    let recorder = record(&folder, []);
    let error = Recorder::open(&folder.store, settings()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&format!("in use: process {} on ", std::process::id())), "{text}");
    assert!(text.ends_with(" s, records into it"), "{text}");
    drop(recorder);
    Recorder::open(&folder.store, settings()).unwrap();
}

#[test]
fn missing_store_is_named_and_not_made_by_a_reader() {
    let folder = folder();
    let error = History::open(&folder.store).unwrap_err();
    assert!(error.to_string().ends_with("history does not exist"), "{error}");
    assert!(matches!(forget(&folder.store, "a", |_| true, seconds(1)), Err(Error::Missing(_))));
    assert_eq!(fs::read_dir(folder.store.parent().unwrap()).unwrap().count(), 0);
}

#[test]
fn folder_is_refused() {
    let folder = folder();
    fs::create_dir(&folder.store).unwrap();
    let (reader, writer) = refusal(&folder.store);
    assert!(reader.ends_with("history is a folder, not a file"), "{reader}");
    assert_eq!(reader, writer);
}

#[cfg(unix)]
#[test]
fn link_is_refused() {
    let folder = folder();
    filled(&folder, 1);
    let link = folder.store.with_file_name("link");
    std::os::unix::fs::symlink(&folder.store, &link).unwrap();
    let (reader, writer) = refusal(&link);
    assert!(reader.ends_with("link is a link, not a file"), "{reader}");
    assert_eq!(reader, writer);
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = folder();
    for content in ["x", "SQLite format 3\0 and more", &"long text ".repeat(100_000)] {
        fs::write(&folder.store, content).unwrap();
        let (reader, writer) = refusal(&folder.store);
        assert!(reader.ends_with("history is not a store of netsession"), "{reader}");
        assert_eq!(reader, writer);
        assert_eq!(fs::read_to_string(&folder.store).unwrap(), content);
    }
}

#[test]
fn database_of_another_program_is_refused_and_left_alone() {
    let folder = folder();
    let database = redb::Database::create(&folder.store).unwrap();
    let transaction = database.begin_write().unwrap();
    let table = redb::TableDefinition::<&str, u64>::new("netsession");
    transaction.open_table(table).unwrap().insert("format", 1).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (reader, writer) = refusal(&folder.store);
    assert!(reader.ends_with("history is not a store of netsession"), "{reader}");
    assert_eq!(reader, writer);
}

#[test]
fn newer_format_is_refused_in_words() {
    let folder = folder();
    filled(&folder, 1);
    let database = redb::Database::open(&folder.store).unwrap();
    let transaction = database.begin_write().unwrap();
    let table = redb::TableDefinition::<[u8; 14], &[u8]>::new("netsession");
    transaction.open_table(table).unwrap().insert([0; 14], [0, 0, 0, 7].as_slice()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (reader, writer) = refusal(&folder.store);
    assert!(
        reader.ends_with("history has format 7, and this version reads up to 1: use a newer netsession"),
        "{reader}"
    );
    assert_eq!(reader, writer);
}

#[test]
fn empty_file_becomes_a_store_of_the_recorder_alone() {
    let folder = folder();
    fs::write(&folder.store, "").unwrap();
    let reader = History::open(&folder.store).unwrap_err().to_string();
    assert!(reader.ends_with("history is not a store of netsession"), "{reader}");
    drop(record(&folder, []));
    assert!(History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap().is_empty());
}

#[test]
fn empty_file_is_no_store_of_which_something_is_erased() {
    let folder = folder();
    fs::write(&folder.store, "").unwrap();
    let error = forget(&folder.store, "alice", |_| true, seconds(1)).unwrap_err();
    assert!(matches!(error, Error::NotAStore(_)), "{error}");
    assert_eq!(fs::read(&folder.store).unwrap(), b"");
}

#[cfg(unix)]
#[test]
fn removed_or_replaced_store_is_noticed_and_left_alone() {
    for replaced in [false, true] {
        let folder = folder();
        let t = start();
        let mut recorder = record(&folder, [answer("fs1", t, vec![session("alice", "c", 5)])]);
        fs::rename(&folder.store, folder.store.with_file_name("moved")).unwrap();
        if replaced {
            fs::write(&folder.store, "other").unwrap();
        }
        recorder.add(answer("fs1", t + seconds(30), vec![]));
        for error in [recorder.commit().unwrap_err(), recorder.forget(|_| true).unwrap_err()] {
            assert!(matches!(error, Error::Replaced(_)), "{error}");
        }
        assert_eq!(fs::read_to_string(&folder.store).ok().as_deref(), replaced.then_some("other"));
    }
}

/// The rewritten file is another one, and its own.
#[test]
fn rewritten_store_is_recorded_into() {
    let folder = folder();
    let mut recorder = record(&folder, [answer("fs1", start(), vec![session("alice", "c", 5)])]);
    recorder.forget(|user| user == "alice").unwrap();
    recorder.add(answer("fs1", start() + seconds(30), vec![session("bob", "c", 5)]));
    recorder.commit().unwrap();
    drop(recorder);
    let stored = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
    let users: Vec<_> = stored.iter().map(|interval| interval.item.user.as_deref()).collect();
    assert_eq!(users, [Some("bob")]);
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut recorder = record(&folder, [answer("fs1", start(), vec![session("alice", "c", 5)])]);
    for entry in fs::read_dir(folder.store.parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    recorder.forget(|_| true).unwrap();
    assert_eq!(mode(&folder.store), 0o600);
    // An administrator who lets a group read it keeps that.
    fs::set_permissions(&folder.store, fs::Permissions::from_mode(0o640)).unwrap();
    recorder.forget(|_| true).unwrap();
    assert_eq!(mode(&folder.store), 0o640);
    drop(recorder);
    // `touch` makes a file that others may read.
    fs::write(&folder.store, "").unwrap();
    fs::set_permissions(&folder.store, fs::Permissions::from_mode(0o644)).unwrap();
    drop(record(&folder, []));
    assert_eq!(mode(&folder.store), 0o600);
}

/// A store that was copied while it was recorded, to where nothing can be written.
#[cfg(unix)]
#[test]
fn copy_on_media_that_cannot_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, other) = (folder(), folder());
    let recorder = record(&folder, [answer("fs1", start(), vec![session("alice", "c", 5)])]);
    let copy = other.store.clone();
    fs::copy(&folder.store, &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o400)).unwrap();
    let before = fs::read(&copy).unwrap();
    let mut history = History::open(&copy).unwrap();
    let sessions = history.sessions(&Query::default()).unwrap();
    assert_eq!((sessions.len(), sessions[0].until_exact), (1, false));
    assert!(history.recorded_by().is_none());
    assert_eq!(fs::read(&copy).unwrap(), before, "a reader writes nothing");
    assert_eq!(fs::read_dir(copy.parent().unwrap()).unwrap().count(), 1);
    drop(recorder);
}
