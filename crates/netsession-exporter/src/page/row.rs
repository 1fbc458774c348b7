use std::fmt::Write as _;
use std::time::SystemTime;

use super::escape::escape;
use crate::cache::LastResult;
use crate::query::ProbeResult;

/// The names of the columns. `data-number` marks those that the script sorts as numbers.
pub(super) const TABLE_HEAD: &str = "<table>\n<thead><tr><th data-key=\"target\">Target</th>\
    <th data-key=\"state\">State</th><th data-key=\"since\" data-number>Since</th>\
    <th class=\"number\" data-key=\"level\" data-number>Level</th>\
    <th class=\"number\" data-key=\"sessions\" data-number>Sessions</th>\
    <th class=\"number\" data-key=\"users\" data-number>Users</th>\
    <th class=\"number\" data-key=\"files\" data-number>Open files</th>\
    <th data-key=\"answer\" data-number>Last probe</th></tr></thead>\n<tbody>\n";

/// The state of a target, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Failing,
    Pending,
    Up,
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    target: &'a str,
    last: Option<&'a LastResult>,
}

impl<'a> Row<'a> {
    pub(super) fn new(last: &'a LastResult) -> Self {
        Self { target: &last.target, last: Some(last) }
    }

    /// A target that was not probed since the configuration was loaded.
    pub(super) fn pending(target: &'a str) -> Self {
        Self { target, last: None }
    }

    pub(super) fn target(&self) -> &'a str {
        self.target
    }

    pub(super) fn state(&self) -> State {
        match self.result().map(|result| &result.stats) {
            None => State::Pending,
            Some(Ok(_)) => State::Up,
            Some(Err(_)) => State::Failing,
        }
    }

    pub(super) fn sessions(&self) -> Option<usize> {
        self.result().and_then(|result| Some(result.stats.as_ref().ok()?.sessions))
    }

    fn result(&self) -> Option<&'a ProbeResult> {
        self.last.map(|last| last.result.as_ref())
    }

    pub(super) fn write(&self, html: &mut String, now: SystemTime) {
        let class = match self.state() {
            State::Failing => "failing",
            State::Pending => "pending",
            State::Up => "up",
        };
        let encoded = percent_encoding::utf8_percent_encode(self.target, percent_encoding::NON_ALPHANUMERIC);
        let name = escape(self.target);
        // Writing to a string does not fail.
        let _ = write!(
            html,
            "<tr class=\"{class}\"><td data-value=\"{name}\"><a href=\"/probe?target={encoded}\">{name}</a>\
             <a class=\"log\" href=\"/probe?target={encoded}&amp;debug=true\">log</a></td>"
        );
        self.write_state(html);
        write_time(html, "Since", now, self.last.map(|last| last.since), "");
        let stats = self.result().and_then(|result| result.stats.as_ref().ok());
        write_number(html, "Level", stats.map(|stats| stats.level));
        write_number(html, "Sessions", self.sessions());
        write_number(html, "Users", stats.and_then(|stats| stats.users));
        write_number(html, "Open files", stats.and_then(|stats| stats.open_files));
        write_time(html, "Last probe", now, self.result().map(|result| result.finished), " ago");
        html.push_str("</tr>\n");
    }

    fn write_state(&self, html: &mut String) {
        let (words, kind) = match self.result().map(|result| &result.stats) {
            None => ("\u{25cb} not probed yet".to_owned(), "not probed yet"),
            Some(Ok(_)) => ("\u{25cf} up".to_owned(), "up"),
            // The sign tells it from the others where colours do not.
            Some(Err(kind)) => (format!("\u{2716} failing: {kind}"), kind.as_str()),
        };
        // Writing to a string does not fail.
        let _ = write!(html, "<td data-value=\"{kind}\"><span class=\"state\">{words}</span>");
        if let Some(failure) = self.result().and_then(|result| result.failure.as_ref()) {
            let _ = write!(html, "<span class=\"why\">{}</span>", escape(&failure.text));
            if let Some(advice) = &failure.advice {
                let _ = write!(html, "<span class=\"advice\">{}</span>", escape(advice));
            }
        }
        html.push_str("</td>");
    }
}

/// A cell without a value is empty: the level does not carry it, or there was no answer.
fn write_number(html: &mut String, name: &str, value: Option<impl ToString>) {
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    // Writing to a string does not fail.
    let _ = write!(html, "<td class=\"number\" data-name=\"{name}\">{value}</td>");
}

fn write_time(html: &mut String, name: &str, now: SystemTime, time: Option<SystemTime>, after: &str) {
    let Some(time) = time else {
        let _ = write!(html, "<td class=\"when\" data-name=\"{name}\" data-value=\"\"></td>");
        return;
    };
    // A clock that was set back.
    let seconds = now.duration_since(time).unwrap_or_default().as_secs();
    let (words, unit) = rounded(seconds);
    let _ = write!(
        html,
        "<td class=\"when\" data-name=\"{name}\" data-value=\"{seconds}\">{words} {unit}{after}</td>"
    );
}

/// A time as people say it.
pub(super) fn ago(now: SystemTime, time: SystemTime) -> String {
    let (count, unit) = rounded(now.duration_since(time).unwrap_or_default().as_secs());
    format!("{count} {unit} ago")
}

/// In the largest unit of which there are at least two.
fn rounded(seconds: u64) -> (u64, &'static str) {
    const UNITS: [(u64, &str); 3] = [(24 * 60 * 60, "days"), (60 * 60, "h"), (60, "min")];
    let unit = UNITS.iter().find(|(length, _)| seconds / length >= 2);
    unit.map_or((seconds, "s"), |(length, unit)| (seconds / length, *unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_down() {
        for (seconds, expected) in [
            (0, (0, "s")),
            (119, (119, "s")),
            (120, (2, "min")),
            (7_199, (119, "min")),
            (7_200, (2, "h")),
            (172_800, (2, "days")),
            (8_640_000, (100, "days")),
        ] {
            assert_eq!(rounded(seconds), expected);
        }
    }
}
