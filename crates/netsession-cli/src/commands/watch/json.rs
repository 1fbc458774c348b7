//! One object a line: time, event and server, then the keys of `list` or of `files`.

use std::time::SystemTime;

use anyhow::Result;
use netsession::{Ended, Level, Session, WatchEvent, WatchedFile, WatchedSession};

use super::event::Event;
use crate::commands::files::FileRow;
use crate::commands::list::SessionRow;
use crate::output::{Value, json_around, json_error_after};

/// The line of an event. What ended has `after` and `exact` as well: it was there at `after`, and not at `time`; `exact`
/// is false if the server was unreachable in between.
pub(super) fn line(event: &Event) -> Result<Vec<u8>> {
    let head = [("time", time(event.time)), ("event", event.name().into())];
    let server = event.server.as_str();
    let session = |session: &WatchedSession, tail: &[(&str, Value<'_>)]| {
        let level = event.level.unwrap_or(Level::L0);
        json_around(&head, server, &SessionRow::new(level, Session::clone(&session.session), false), tail)
    };
    let file = |file: &WatchedFile, tail: &[(&str, Value<'_>)]| {
        let level = event.files_level.unwrap_or_default();
        json_around(&head, server, &FileRow::new(level, (*file.file).clone()), tail)
    };
    match &event.what {
        WatchEvent::Connected(it) | WatchEvent::Idle(it) | WatchEvent::Active(it) => session(it, &[]),
        WatchEvent::Disconnected { session: it, ended } => session(it, &tail(*ended)),
        WatchEvent::Opened(it) => file(it, &[]),
        WatchEvent::Closed { file: it, ended } => file(it, &tail(*ended)),
        WatchEvent::Unreachable(error) => json_error_after(&head, server, Some(error)),
        _ => json_error_after(&head, server, None),
    }
}

fn tail(ended: Ended) -> [(&'static str, Value<'static>); 2] {
    [("after", time(ended.after)), ("exact", ended.is_exact.into())]
}

/// RFC 3339 in UTC, always as long, so that texts sort like times.
fn time(time: SystemTime) -> Value<'static> {
    jiff::Timestamp::try_from(time).map_or(Value::Null, |time| format!("{time:.3}").into())
}
