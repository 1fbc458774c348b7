//! One object a line: time, event and server, then the keys of `list` or of `files`, or the error.

use std::time::SystemTime;

use anyhow::Result;
use netsession::{Ended, Level, Session, WatchEvent, WatchedFile, WatchedSession};

use super::event::Event;
use crate::commands::files::FileRow;
use crate::commands::list::SessionRow;
use crate::output::{Value, json_around, json_error_after};

/// The line of an event. What ended was there at `after`, and not at `time`; `exact` is false if the server was unreachable
/// in between. Both are null in the other events: a program finds the same keys in every line of a session or a file.
pub(super) fn line(event: &Event) -> Result<Vec<u8>> {
    let head = [("time", time(event.time)), ("event", event.name().into())];
    let server = event.server.as_str();
    let session = |session: &WatchedSession, ended: Option<Ended>| {
        let level = event.level.unwrap_or(Level::L0);
        let row = SessionRow::new(level, Session::clone(&session.session), false);
        json_around(&head, server, &row, &tail(ended))
    };
    let file = |file: &WatchedFile, ended: Option<Ended>| {
        let level = event.files_level.unwrap_or_default();
        json_around(&head, server, &FileRow::new(level, (*file.file).clone()), &tail(ended))
    };
    match &event.what {
        WatchEvent::Connected(it) | WatchEvent::Idle(it) | WatchEvent::Active(it) => session(it, None),
        WatchEvent::Disconnected { session: it, ended } => session(it, Some(*ended)),
        WatchEvent::Opened(it) => file(it, None),
        WatchEvent::Closed { file: it, ended } => file(it, Some(*ended)),
        WatchEvent::Unreachable(error) => json_error_after(&head, server, Some(error)),
        _ => json_error_after(&head, server, None),
    }
}

fn tail(ended: Option<Ended>) -> [(&'static str, Value<'static>); 2] {
    [
        ("after", ended.map(|ended| time(ended.after)).into()),
        ("exact", ended.map(|ended| ended.is_exact).into()),
    ]
}

/// RFC 3339 in UTC, always as long, so that texts sort like times. A clock beyond the year 9999 stands still.
fn time(time: SystemTime) -> Value<'static> {
    let time = jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::MAX);
    format!("{time:.3}").into()
}
