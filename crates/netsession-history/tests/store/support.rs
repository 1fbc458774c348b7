//! Made-up servers.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession_history::{File, Outcome, Recorder, Round, Session, Settings};
use tempfile::TempDir;

/// A week ago, in whole seconds: retention leaves it alone.
pub(crate) fn start() -> SystemTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    UNIX_EPOCH + Duration::from_secs(now - 7 * 86_400)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) struct Folder {
    _folder: TempDir,
    pub(crate) store: PathBuf,
}

pub(crate) fn folder() -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("history");
    Folder { _folder: folder, store }
}

pub(crate) fn settings() -> Settings {
    Settings::default()
}

pub(crate) fn session(user: &str, client: &str, connected: u64) -> Session {
    let mut session = Session::new(client);
    session.user = Some(user.into());
    session.connected = Some(seconds(connected));
    session.idle = Some(seconds(7));
    session.opens = Some(3);
    session.flags = Some(2);
    session.client_type = Some("".into());
    session.transport = Some("tcp".into());
    session.level = 502;
    session
}

pub(crate) fn file(id: u32, path: &str, user: &str) -> File {
    let mut file = File::new(id);
    file.path = Some(path.into());
    file.user = Some(user.into());
    file.access = Some(1);
    file.level = 3;
    file
}

pub(crate) fn answer(server: &str, time: SystemTime, sessions: Vec<Session>) -> Round {
    Round::new(server, time, Outcome::answered(sessions, None))
}

pub(crate) fn failure(server: &str, time: SystemTime) -> Round {
    Round::new(server, time, Outcome::Failed("no route to host".into()))
}

/// A recorder that took these rounds.
pub(crate) fn record(folder: &Folder, rounds: impl IntoIterator<Item = Round>) -> Recorder {
    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    for round in rounds {
        recorder.add(round);
        recorder.commit().unwrap();
    }
    recorder
}

/// A small store with many intervals, closed.
pub(crate) fn filled(folder: &Folder, rounds: u64) {
    let start = start();
    record(
        folder,
        (0..rounds).map(|round| {
            let sessions = (0..20)
                .filter(|user| (user + round) % 3 != 0)
                .map(|user| session(&format!("user{user}"), &format!("10.0.{}.{user}", round % 250), 5));
            answer(&format!("fs{}", round % 3), start + seconds(round * 10), sessions.collect())
        }),
    );
}
