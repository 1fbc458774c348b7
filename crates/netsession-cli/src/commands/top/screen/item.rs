//! What a row shows, and what it is sorted and filtered by.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::column::Column;
use super::group::Group;
use super::server::Server;
use super::update::{Event, Failure, FileItem, SessionItem};
use super::value::Value;

/// Of a server whose account was refused.
const IS_LAST: &str = "it is not asked any more";
/// Bars of a server's sparkline.
const BARS: usize = 8;

/// The contents of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    Session(&'a Server, &'a SessionItem),
    File(&'a Server, &'a FileItem),
    Server(&'a Server),
    Failure(&'a Server),
    /// The server answers, and refuses to list its files.
    FilesFailure(&'a Server, &'a Failure),
    MoreFailures(usize),
    Change(&'a Server, &'a ChangeLine),
    Group(&'a Group),
}

/// A line of the changes.
#[derive(Debug)]
pub(super) struct ChangeLine {
    pub(super) number: u64,
    pub(super) time: SystemTime,
    pub(super) server: usize,
    pub(super) event: Event,
}

impl<'a> Item<'a> {
    pub(super) fn value(self, column: Column, now: SystemTime) -> Value<'a> {
        match self {
            Self::Session(server, item) => session(server, item, column, now),
            Self::File(server, item) => file(server, item, column),
            Self::Server(server) => server_value(server, column, now),
            Self::Failure(server) | Self::FilesFailure(server, _) if column == Column::Server => {
                Value::from_text(Some(&server.name))
            }
            Self::Failure(_) | Self::FilesFailure(..) | Self::MoreFailures(_) => Value::Empty,
            Self::Change(server, line) => change(server, line, column, now),
            Self::Group(group) => group_value(group, column),
        }
    }

    /// The names that `/` looks into.
    pub(super) fn names(self) -> [&'a str; 5] {
        let session = |server: &'a Server, item: &'a SessionItem| {
            [&*server.name, item.session.client(), item.session.user().unwrap_or_default(), "", ""]
        };
        let file = |server: &'a Server, item: &'a FileItem| {
            let text = |text: Option<&'a str>| text.unwrap_or_default();
            let file = &item.file;
            [&*server.name, text(file.client()), text(file.user()), text(file.path()), text(file.unc())]
        };
        match self {
            Self::Session(server, item) => session(server, item),
            Self::File(server, item) => file(server, item),
            Self::Server(server) | Self::Failure(server) => [&server.name, server.state(), "", "", ""],
            Self::FilesFailure(server, failure) => [&server.name, failure.kind.as_str(), "", "", ""],
            Self::MoreFailures(_) => [""; 5],
            Self::Group(group) => [&group.name, "", "", "", ""],
            Self::Change(server, line) => match &line.event {
                Event::Connected(item) | Event::Disconnected(item) => session(server, item),
                Event::Opened(item) | Event::Closed(item) => file(server, item),
                Event::Unreachable(failure) => [&server.name, failure.kind.as_str(), "", "", ""],
                Event::Reachable => [&server.name, "", "", "", ""],
            },
        }
    }

    /// A text for the line at the bottom: what has no room in the row.
    pub(super) fn detail(self) -> Cow<'a, str> {
        match self {
            Self::Session(server, item) => {
                let session = &item.session;
                let user = session.user().filter(|user| !user.is_empty()).unwrap_or("(no user)");
                let flags: Vec<_> = session.flags().map(|flags| flags.names().collect()).unwrap_or_default();
                let flags = if flags.is_empty() { String::new() } else { format!(", {}", flags.join(", ")) };
                let own = if item.is_own { ", your own session" } else { "" };
                format!("{user} from {} on {}{flags}{own}", session.client(), server.name).into()
            }
            Self::File(server, item) => {
                let file = &item.file;
                let path = file.unc().or_else(|| file.path()).unwrap_or("(path not listed)");
                let access: Vec<_> = file.access().map(|access| access.names().collect()).unwrap_or_default();
                let access =
                    if access.is_empty() { String::new() } else { format!(" [{}]", access.join(", ")) };
                format!("{}: {path}{access}", server.name).into()
            }
            Self::Server(server) | Self::Failure(server) => server_detail(server).into(),
            Self::FilesFailure(server, failure) => {
                let paragraphs = failure.paragraphs().join("; ");
                format!("{}: files refused: {paragraphs}", server.name).into()
            }
            Self::MoreFailures(_) => "3 shows all servers".into(),
            Self::Group(group) => (&*group.name).into(),
            Self::Change(server, line) => {
                let what = match &line.event {
                    Event::Connected(item) | Event::Disconnected(item) => {
                        Item::Session(server, item).detail()
                    }
                    Event::Opened(item) | Event::Closed(item) => Item::File(server, item).detail(),
                    Event::Unreachable(failure) => failure.text.clone().into(),
                    Event::Reachable => (&*server.name).into(),
                };
                format!("{}: {what}", line.event.name()).into()
            }
        }
    }
}

impl Item<'_> {
    /// What went wrong, whole, where the row stands for that.
    pub(super) fn problem(self) -> Option<Vec<String>> {
        match self {
            Self::Server(server) | Self::Failure(server) => match (&server.failure, &server.files_failure) {
                (Some(failure), _) => {
                    let end = server.is_last.then(|| IS_LAST.to_owned());
                    Some(failure.paragraphs().into_iter().chain(end).collect())
                }
                (None, Some(failure)) => Some(refused_files(server, failure)),
                (None, None) => None,
            },
            Self::FilesFailure(server, failure) => Some(refused_files(server, failure)),
            Self::Change(_, line) => match &line.event {
                Event::Unreachable(failure) => Some(failure.paragraphs()),
                _ => None,
            },
            Self::Session(..) | Self::File(..) | Self::MoreFailures(_) | Self::Group(_) => None,
        }
    }
}

fn refused_files(server: &Server, failure: &Failure) -> Vec<String> {
    let heading = format!("{} refused to list its open files.", server.name);
    [heading].into_iter().chain(failure.paragraphs()).collect()
}

/// The text of the failure, what to do, and whether it goes on.
fn server_detail(server: &Server) -> String {
    let Some(failure) = &server.failure else {
        if server.answered.is_none() {
            return format!("{}: it has not answered yet", server.name);
        }
        let level = server.level.map(|level| format!(": level {level}")).unwrap_or_default();
        let files = server.files_failure.as_ref();
        let files = files.map(|failure| format!("; files refused: {}", failure.paragraphs().join("; ")));
        return format!("{}{level}{}", server.name, files.unwrap_or_default());
    };
    let advice = failure.advice.as_deref().map(|advice| format!("; {advice}")).unwrap_or_default();
    let end = if server.is_last { format!("; {IS_LAST}") } else { String::new() };
    format!("{}{advice}{end}", failure.text)
}

fn session<'a>(server: &'a Server, item: &'a SessionItem, column: Column, now: SystemTime) -> Value<'a> {
    let session = &item.session;
    match column {
        Column::Server => Value::from_text(Some(&server.name)),
        Column::Client => Value::from_text(Some(session.client())),
        Column::User => Value::from_text(session.user()),
        Column::Opens => Value::from_number(session.opens()),
        Column::Connected => Value::from_time(connected(item, now)),
        Column::Idle => Value::from_time(session.idle().filter(|_| server.tells_idle())),
        _ => Value::Empty,
    }
}

/// Goes on between two answers.
pub(super) fn connected(item: &SessionItem, now: SystemTime) -> Option<Duration> {
    match item.start {
        Some(start) => Some(now.duration_since(start).unwrap_or_default()),
        None => item.session.connected(),
    }
}

fn file<'a>(server: &'a Server, item: &'a FileItem, column: Column) -> Value<'a> {
    let file = &item.file;
    match column {
        Column::Server => Value::from_text(Some(&server.name)),
        Column::Id => Value::Number(file.id().into()),
        Column::User => Value::from_text(file.user()),
        Column::Client => Value::from_text(file.client()),
        Column::Access => file.access().map_or(Value::Unknown, |access| {
            Value::Text(access.names().collect::<Vec<_>>().join(",").into())
        }),
        Column::Locks => Value::from_number(file.locks()),
        Column::Path => file.path().map_or(Value::Unknown, Value::Path),
        _ => Value::Empty,
    }
}

fn server_value(server: &Server, column: Column, now: SystemTime) -> Value<'_> {
    let known = |value| if server.answered.is_some() { value } else { Value::Empty };
    match column {
        Column::Server => Value::from_text(Some(&server.name)),
        Column::State => Value::from_text(Some(server.state())),
        Column::Sessions => known(Value::from_count(server.sessions.known.len())),
        Column::Users => {
            known(server.users.as_ref().map_or(Value::Unknown, |users| Value::from_count(users.len())))
        }
        Column::Opens => known(Value::from_number(server.opens)),
        // Milliseconds: `human_time` knows whole seconds.
        Column::Took => match u64::try_from(server.took.as_millis()) {
            Ok(took) if server.answered.is_some() && server.failure.is_none() => Value::Millis(took),
            _ => Value::Empty,
        },
        Column::PerMinute => known(Value::Number(server.rate.per_minute(now))),
        Column::Bars => Value::Bars(server.rate.bars(BARS, now)),
        _ => Value::Empty,
    }
}

fn change<'a>(server: &'a Server, line: &'a ChangeLine, column: Column, now: SystemTime) -> Value<'a> {
    match (column, &line.event) {
        (Column::Ago, _) => Value::from_time(Some(now.duration_since(line.time).unwrap_or_default())),
        (Column::Event, event) => Value::from_text(Some(event.name())),
        (Column::Server, _) => Value::from_text(Some(&server.name)),
        (Column::User, Event::Connected(item) | Event::Disconnected(item)) => {
            Value::from_text(item.session.user())
        }
        (Column::User, Event::Opened(item) | Event::Closed(item)) => Value::from_text(item.file.user()),
        (Column::Client, Event::Connected(item) | Event::Disconnected(item)) => {
            Value::from_text(Some(item.session.client()))
        }
        (Column::Client, Event::Opened(item) | Event::Closed(item)) => {
            item.file.client().map_or(Value::Empty, |client| Value::from_text(Some(client)))
        }
        (Column::Object, Event::Opened(item) | Event::Closed(item)) => {
            item.file.path().map_or(Value::Empty, Value::Path)
        }
        (Column::Object, Event::Unreachable(failure)) => Value::from_text(Some(failure.kind.as_str())),
        _ => Value::Empty,
    }
}

fn group_value(group: &Group, column: Column) -> Value<'_> {
    match column {
        Column::User | Column::Client => Value::from_text(Some(&group.name)),
        Column::Sessions | Column::Files => Value::from_count(group.rows),
        Column::Users | Column::Clients => group.others.map_or(Value::Unknown, Value::from_count),
        Column::Servers => Value::from_count(group.servers),
        Column::Opens | Column::Locks => Value::from_number(group.sum),
        Column::Connected => Value::from_time(group.connected),
        Column::Idle => Value::from_time(group.idle),
        _ => Value::Empty,
    }
}
