//! Times in which nothing is known, in words.

use std::io::Write;

use anyhow::Result;
use jiff::Timestamp;
use netsession_history::{Gap, GapCause, History, Server};

use super::window::Window;
use crate::output::error_line;
use crate::process::say;
use crate::text::{count, moment};

/// More lines say less.
const SHOWN: usize = 10;

/// Says on stderr what an answer cannot know.
pub(super) fn tell(history: &History, window: &Window, is_files: bool, err: &mut dyn Write) -> Result<()> {
    for line in lines(history, window, is_files)? {
        say(err, &error_line(&line));
    }
    Ok(())
}

/// A line for each gap that touches the answer, for servers whose record begins later, and for those whose files were never
/// recorded. Gaps of files alone touch an answer about files.
fn lines(history: &History, window: &Window, is_files: bool) -> Result<Vec<String>> {
    // A store of years has many: only those that are shown become text.
    let gaps = history.gaps(&window.query())?;
    let is_told = |gap: &&Gap| !is_trailing(gap, window) && !is_empty(gap) && (is_files || !is_of_files(gap));
    let gaps: Vec<_> = gaps.iter().filter(is_told).collect();
    // Where the answer has no begin, its end may still be before the record.
    let servers = history.servers();
    let asked = || servers.iter().filter(|server| window.has_server(&server.name));
    let later: Vec<String> = match window.since.or(window.until) {
        Some(since) => {
            let is_told = |server: &Server| gaps.iter().any(|gap| gap.server == server.name);
            asked().filter_map(|server| recorded_later(server, since, window, is_told(server))).collect()
        }
        None => Vec::new(),
    };
    let has_no_files = |server: &&Server| {
        let is_told = || gaps.iter().any(|gap| gap.server == server.name && is_of_files(gap));
        is_files && server.first.is_some() && server.last_files.is_none() && !is_told()
    };
    let without_files = asked().filter(has_no_files).map(|server| {
        format!("open files of {} were never recorded: netsession record --files records them", server.name)
    });
    let later = Vec::from_iter(without_files.chain(later));
    let future = window.since.filter(|since| is_future(*since, &servers, window));
    let future =
        future.map(|since| format!("{} is in the future: nothing is known of it", window.local(since)));
    let all = gaps.len().saturating_add(later.len());
    let mut lines: Vec<_> = future.into_iter().collect();
    lines.extend(gaps.into_iter().take(SHOWN).map(|gap| text(gap, window)));
    lines.extend(later);
    lines.truncate(SHOWN);
    if let Some(hidden) = all.checked_sub(SHOWN).filter(|hidden| *hidden > 0) {
        lines.push(format!("and {}", count(hidden, "more gap")));
    }
    Ok(lines)
}

/// That a record ended is no gap within the answer where no later time is asked for.
fn is_trailing(gap: &Gap, window: &Window) -> bool {
    let is_before = |since: Timestamp| Timestamp::try_from(gap.from).is_ok_and(|from| since <= from);
    gap.until.is_none()
        && gap.cause == GapCause::NotRecorded
        && window.until.is_none()
        && window.since.is_none_or(is_before)
}

fn is_of_files(gap: &Gap) -> bool {
    matches!(gap.cause, GapCause::FilesFailed(_))
}

/// Times are whole seconds: nothing is within a gap that has none.
fn is_empty(gap: &Gap) -> bool {
    gap.until == Some(gap.from) && gap.cause != GapCause::ClockSet
}

/// A store of a machine whose clock is ahead knows of times that are still to come here.
fn is_future(time: Timestamp, servers: &[Server], window: &Window) -> bool {
    let is_known = |server: &Server| {
        server.last.is_some_and(|last| Timestamp::try_from(last).is_ok_and(|last| time <= last))
    };
    time > window.now() && !servers.iter().any(is_known)
}

/// The line about a server whose first answer came after `since`, or never. If it never answered and a gap of it is printed, the
/// gap says so.
fn recorded_later(server: &Server, since: Timestamp, window: &Window, has_gap: bool) -> Option<String> {
    let Some(first) = server.first else {
        return (!has_gap).then(|| format!("{} has never answered", server.name));
    };
    let first = Timestamp::try_from(first).ok()?;
    (first > since).then(|| format!("{} is recorded since {}", server.name, window.local(first)))
}

fn text(gap: &Gap, window: &Window) -> String {
    let server = &gap.server;
    let span = span(gap, window);
    match &gap.cause {
        GapCause::Failed(cause) => format!("{server} did not answer {span}: {cause}"),
        GapCause::FilesFailed(cause) => {
            format!("{server} did not list its open files {span}: {cause}")
        }
        GapCause::ClockSet => {
            format!("the clock of the recording machine was set: times of {server} {span} may be wrong")
        }
        GapCause::NotRecorded | GapCause::Late => format!("{server} was not asked {span}"),
    }
}

/// `from 2026-11-24 02:10:00 to 02:40:00`: the day once.
fn span(gap: &Gap, window: &Window) -> String {
    let zoned = |time| window.zoned(Timestamp::try_from(time).unwrap_or(Timestamp::MAX));
    let from = zoned(gap.from);
    let Some(until) = gap.until.map(zoned) else { return format!("since {}", moment::local(&from)) };
    let until = if until.date() == from.date() {
        until.strftime("%H:%M:%S").to_string()
    } else {
        moment::local(&until)
    };
    format!("from {} to {until}", moment::local(&from))
}
