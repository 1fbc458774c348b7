//! What `netsession history` prints of a store that `netsession record` has written.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

use super::servers::{least, objects, start, windows};
use crate::support::recording::{Recording, history, wait_for};

/// Of one store.
struct Recorded {
    sessions: Vec<Value>,
    files: Vec<Value>,
    stats: Vec<Value>,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    with_store(|store| Recorded {
        sessions: all_formats(store, &[]),
        files: all_formats(store, &["--files"]),
        stats: [&["stats", "-f", "json"][..], &["stats", "-f", "json", "--until", "2000-01-01"]]
            .iter()
            .map(|stats| serde_json::from_slice(&history(store, stats).stdout).unwrap())
            .collect(),
    })
});

pub(super) fn sessions() -> Vec<Value> {
    RECORDED.sessions.clone()
}

pub(super) fn files() -> Vec<Value> {
    RECORDED.files.clone()
}

pub(super) fn stats() -> Vec<Value> {
    RECORDED.stats.clone()
}

/// With a store in which sessions and files of two servers last, and some of them have ended.
pub(super) fn with_store<T>(ask: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let ((fs1, handle), (fs2, _other)) = (start(windows()), start(least()));
    let recording = Recording::start(&store, &["--files", &fs1, &fs2]);
    for server in [&fs1, &fs2] {
        wait_for(&store, &["--files"], |rows| rows.iter().any(|row| row["server"] == server.as_str()));
    }
    let host = handle.host();
    assert_eq!(host.sessions().remove(|session| session.user.as_deref() == Some("carol")), 1);
    assert_eq!(host.files().remove(|file| file.user.as_deref() == Some("carol")), 1);
    for files in [&[][..], &["--files"]] {
        let of_carol = [&["--user", "carol"], files].concat();
        wait_for(&store, &of_carol, |rows| rows.iter().any(|row| row["until"].is_string()));
    }
    let answer = ask(&store);
    recording.kill();
    answer
}

fn all_formats(store: &Path, options: &[&str]) -> Vec<Value> {
    [&["-f", "json"][..], &["-f", "jsonl"], &["export"]]
        .iter()
        .flat_map(|format| objects(&history(store, &[format, options].concat())))
        .collect()
}
