//! Lines for people: `15:04:05  fs1  disconnected  LAB\alice  10.0.0.5, after 2h 5m`.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use netsession::{Ended, OpenFile, Session, WatchEvent, WatchedSession};

use super::event::Event;
use crate::process::Terminal;
use crate::text::fit::{cut, cut_middle, width};
use crate::text::{escaped, human_time};

/// As long as the longest name of an event.
const EVENT: usize = "disconnected".len();
/// Most of a line for the name of a server, and of a user.
const SERVER: usize = 24;
const USER: usize = 16;
/// Below this the end of a line says nothing: then it is as long as it is.
const LEAST: usize = 12;

/// How lines are written.
pub(super) struct Lines {
    terminal: Terminal,
    zone: TimeZone,
    server: usize,
}

impl Lines {
    /// Lines about these servers, with the time of day where this machine is.
    pub(super) fn new(servers: &[String], terminal: Terminal) -> Self {
        Self::in_zone(servers, terminal, TimeZone::system())
    }

    pub(super) fn in_zone(servers: &[String], terminal: Terminal, zone: TimeZone) -> Self {
        let longest = servers.iter().map(|server| width(&escaped(server))).max().unwrap_or_default();
        Self { terminal, zone, server: longest.min(SERVER) }
    }

    /// The line of an event, with its end.
    pub(super) fn line(&self, event: &Event) -> String {
        let server = escaped(&event.server);
        let head = format!("{} {}  ", self.time(event), padded(&cut(&server, self.server), self.server));
        let used = width(&head).saturating_add(EVENT).saturating_add(2);
        let room = self.terminal.width.map(|width| usize::from(width).saturating_sub(used).max(LEAST));
        let what = what(event, room);
        let name = if what.is_empty() { event.name().to_owned() } else { padded(event.name(), EVENT) };
        let name = if self.terminal.colour { coloured(&event.what, &name) } else { name };
        format!("{head}{name}{what}\n")
    }

    /// The time of day on a terminal, where people look on; the date as well in what is kept. With `~` if the moment is
    /// not known.
    fn time(&self, event: &Event) -> String {
        let Ok(time) = Timestamp::try_from(event.time) else { return String::new() };
        let time = time.to_zoned_datetime(self.zone.clone());
        let form = if self.terminal.width.is_some() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        let mark = match &event.what {
            WatchEvent::Disconnected { ended, .. } | WatchEvent::Closed { ended, .. } if !ended.is_exact => {
                "~"
            }
            _ => " ",
        };
        format!("{}{mark}", time.strftime(form))
    }
}

/// Who, from where, what, with blanks in front; empty where there is nothing to say.
fn what(event: &Event, room: Option<usize>) -> String {
    match &event.what {
        WatchEvent::Connected(session) | WatchEvent::Active(session) => person(&session.session, "", room),
        WatchEvent::Disconnected { session, ended } => {
            let after = length(session, *ended).map(|time| format!(", after {}", human_time(time)));
            person(&session.session, &after.unwrap_or_default(), room)
        }
        WatchEvent::Idle(session) => {
            let idle = session.session.idle().map(|idle| format!(", for {}", human_time(idle)));
            person(&session.session, &idle.unwrap_or_default(), room)
        }
        WatchEvent::Opened(file) | WatchEvent::Closed { file, .. } => path(&file.file, room),
        WatchEvent::Unreachable(error) => format!("  {}", error.kind()),
        _ => String::new(),
    }
}

/// `LAB\alice  10.0.0.5`. Never cut: an address says nothing without its end. Where there is no room for columns, there
/// are none.
fn person(session: &Session, more: &str, room: Option<usize>) -> String {
    let (user, client) = (named(session.user().unwrap_or_default()), named(session.client()));
    let aligned = format!("  {}  {client}{more}", padded(&user, USER));
    match room {
        Some(room) if width(&aligned) > room.saturating_add(2) => format!("  {user} {client}{more}"),
        _ => aligned,
    }
}

/// A name as it is shown, `-` where there is none.
fn named(name: &str) -> Cow<'_, str> {
    if name.is_empty() { "-".into() } else { escaped(name) }
}

/// `LAB\alice  D:\projects\report.xlsx`: the path for users, where there is one. The name of the file is never cut.
fn path(file: &OpenFile, room: Option<usize>) -> String {
    let user = padded(&named(file.user().unwrap_or_default()), USER);
    let path = match file.unc().or(file.path()) {
        Some(path) => escaped(path),
        None => format!("id {}", file.id()).into(),
    };
    let Some(room) = room else { return format!("  {user}  {path}") };
    let room = room.saturating_sub(width(&user)).saturating_sub(2).max(LEAST);
    let name = path.rfind('\\').map_or(0, |slash| slash.saturating_add(1));
    let path = cut_middle(&path, name, room).unwrap_or_else(|| cut(&path, room));
    format!("  {user}  {path}")
}

/// How long a session was there, as far as it is known.
fn length(session: &WatchedSession, ended: Ended) -> Option<Duration> {
    let end: SystemTime = if ended.is_exact { ended.before } else { ended.after };
    end.duration_since(session.start?).ok()
}

fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// What comes is green, what goes is dim, what fails is red.
fn coloured(what: &WatchEvent, name: &str) -> String {
    let style = match what {
        WatchEvent::Connected(_) | WatchEvent::Opened(_) | WatchEvent::Reachable => {
            AnsiColor::Green.on_default()
        }
        WatchEvent::Disconnected { .. } | WatchEvent::Closed { .. } => Style::new().dimmed(),
        WatchEvent::Unreachable(_) => AnsiColor::Red.on_default(),
        _ => AnsiColor::Yellow.on_default(),
    };
    format!("{style}{name}{style:#}")
}
