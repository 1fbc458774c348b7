//! Every event that `netsession watch` prints.

use std::sync::LazyLock;

use netsession_testserver::{Host, Server};
use serde_json::Value;

use super::servers::{least, start, windows};
use crate::support::watching::Watching;

/// Of one watch, for each of its schemas.
static LINES: LazyLock<Vec<Value>> = LazyLock::new(watch);

/// The lines with one of these events.
pub(super) fn lines(events: &[&str]) -> Vec<Value> {
    let is_wanted = |line: &&Value| line["event"].as_str().is_some_and(|event| events.contains(&event));
    LINES.iter().filter(is_wanted).cloned().collect()
}

fn watch() -> Vec<Value> {
    let ((fs1, handle), (fs2, _other)) = (start(windows()), start(least()));
    let mut without_levels = windows();
    without_levels.session_enum.levels.clear();
    let (fs3, _third) = start(without_levels);
    let mut watch = Watching::start(&["--initial", "--files", "--idle", "3h", &fs1, &fs2, &fs3]);
    let mut lines = Vec::new();
    let mut wait_for = |server: &str, event: &str| {
        let is_wanted = |line: &Value| line["server"] == server && line["event"] == event;
        while !lines.iter().any(is_wanted) {
            lines.push(watch.next());
        }
    };
    for server in [&fs1, &fs2] {
        // Sessions come first.
        wait_for(server, "opened");
    }
    // An error with a code.
    wait_for(&fs3, "unreachable");
    set_idle(handle.host(), 20_000);
    wait_for(&fs1, "idle");
    set_idle(handle.host(), 0);
    wait_for(&fs1, "active");
    assert_eq!(handle.host().sessions().remove(|session| session.user.as_deref() == Some("carol")), 1);
    wait_for(&fs1, "disconnected");
    assert_eq!(handle.host().files().remove(|file| file.user.as_deref() == Some("carol")), 1);
    wait_for(&fs1, "closed");
    drop(handle);
    wait_for(&fs1, "unreachable");
    let (_, _handle) = Server::start_on(windows(), &[fs1.parse().unwrap()]).unwrap();
    wait_for(&fs1, "reachable");
    watch.kill();
    lines
}

/// The session of carol, which else stays as it is.
fn set_idle(host: &Host, seconds: u32) {
    let mut sessions = host.sessions().snapshot().to_vec();
    sessions[2].idle_time = Some(seconds);
    host.sessions().replace(sessions);
}
