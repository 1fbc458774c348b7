//! The start page, for administrators: the state of each target at a glance.

mod escape;
mod policy;
mod row;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::SystemTime;

use netsession::Account;

use crate::advice::{RELOAD_WAY, lift};
use crate::allowlist::Allowlist;
use crate::cache::LastResult;
use crate::settings::Settings;
use escape::escape;
use row::{Row, State, ago};

pub(crate) use policy::CONTENT_SECURITY_POLICY;

/// Maximum rows of the table. A longer page would be slow in a browser.
const MAX_ROWS: usize = 1000;

const STYLE: &str = include_str!("style.css");
/// Sorts and filters. Without it the page has the same content.
const SCRIPT: &str = include_str!("script.js");

/// What the page shows beside the targets.
#[derive(Debug)]
pub(crate) struct PageStatus {
    pub(crate) now: SystemTime,
    /// When the configuration was loaded.
    pub(crate) loaded: SystemTime,
    /// Whether a later load of it has failed.
    pub(crate) is_reload_failed: bool,
    /// Accounts that are not used, because a server refused them.
    pub(crate) blocked: Vec<Account>,
    /// Accounts that are not used, because log-ons have no answer.
    pub(crate) held: Vec<Account>,
}

/// All targets with their last results, those that fail first: those with an entry in the configuration, and those that a
/// pattern allows and that were probed.
pub(crate) fn render(
    allowlist: &Allowlist,
    settings: &Settings,
    last_results: &[LastResult],
    status: &PageStatus,
) -> Vec<u8> {
    let probed: HashSet<_> = last_results.iter().map(|last| last.target.as_str()).collect();
    let listed: Vec<_> = allowlist.names().map(|name| name.to_string()).collect();
    let pending = listed.iter().filter(|name| !probed.contains(name.as_str())).map(|name| Row::pending(name));
    let mut rows: Vec<_> = last_results.iter().map(Row::new).chain(pending).collect();
    rows.sort_unstable_by_key(|row| (row.state(), row.target()));
    let count = |state| rows.iter().filter(|row| row.state() == state).count();
    let sessions: usize = rows.iter().filter_map(Row::sessions).sum();

    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>netsession exporter</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>netsession exporter</h1>\n<nav><a href=\"/metrics\">Metrics of the exporter</a>\
         <a href=\"/targets\">Targets</a><a href=\"/config\">Configuration</a></nav>\n\
         <span class=\"faint\">version {}, configuration loaded {}</span></header>\n",
        env!("CARGO_PKG_VERSION"),
        ago(status.now, status.loaded),
    );
    write_alerts(&mut html, settings, status);
    // Writing to a string does not fail.
    let _ = write!(
        html,
        "<ul class=\"sums\"><li class=\"good\"><b>{}</b>up</li><li class=\"{}\"><b>{}</b>failing</li><li><b>{}</b>not probed yet</li>\
         <li><b>{sessions}</b>sessions</li></ul>\n\
         <div id=\"tools\" hidden><input id=\"find\" type=\"search\" placeholder=\"Filter targets\" \
         aria-label=\"Filter targets\">\n<select id=\"state\" aria-label=\"State\"><option value=\"\">every state\
         </option>\n<option>failing</option><option>up</option><option value=\"pending\">not probed yet</option>\
         </select>\n<span id=\"shown\" class=\"faint\"></span></div>\n",
        count(State::Up),
        if count(State::Failing) > 0 { "bad" } else { "good" },
        count(State::Failing),
        count(State::Pending),
    );
    let hidden = rows.len().saturating_sub(MAX_ROWS);
    html.push_str(row::TABLE_HEAD);
    for row in rows.iter().take(MAX_ROWS) {
        row.write(&mut html, status.now);
    }
    html.push_str("</tbody>\n</table>\n");
    if hidden > 0 {
        let _ = writeln!(html, "<p>and {hidden} more, which the filter does not find</p>");
    }
    write_patterns(&mut html, settings);
    let _ = write!(html, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    html.into_bytes()
}

fn write_alerts(html: &mut String, settings: &Settings, status: &PageStatus) {
    if status.is_reload_failed {
        html.push_str(
            "<p class=\"alert\" role=\"alert\">The last reload of the configuration failed: see the log. The old one \
             is in use.</p>\n",
        );
    }
    for account in &status.blocked {
        let _ = writeln!(
            html,
            "<p class=\"alert\" role=\"alert\">{} is not used: a server has refused it. Correct the password or the \
             account, then {}.</p>",
            escape(&account.to_string()),
            lift(settings)
        );
    }
    for account in &status.held {
        let _ = writeln!(
            html,
            "<p class=\"alert\" role=\"alert\">{} is not used: log-ons have no answer, and each may have been a wrong one. It is \
             used again when an answer comes, after 35 minutes, or after a reload {RELOAD_WAY}. The log names the server.</p>",
            escape(&account.to_string())
        );
    }
}

fn write_patterns(html: &mut String, settings: &Settings) {
    if settings.patterns.is_empty() {
        return;
    }
    let patterns: Vec<_> = settings
        .patterns
        .iter()
        .map(|rule| format!("<code>{}</code>", escape(&rule.pattern.to_string())))
        .collect();
    let _ = writeln!(html, "<p class=\"faint\">Also allowed: {}</p>", patterns.join(", "));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use netsession::{Credentials, ErrorKind, Level, Listing, Session};

    use super::*;
    use crate::query::{Failure, ProbeResult};
    use crate::settings::{Rule, Target};
    use crate::stats::ListingStats;

    fn settings() -> Settings {
        let credentials =
            Credentials::ntlm(r"LAB\admin".parse().unwrap(), netsession::Password::new("hunter2"));
        let target = |name: &str| {
            Target::new(name.parse().unwrap(), credentials.clone()).address("10.0.0.5".parse().unwrap())
        };
        let rule = Rule::new("nas*.example.com".parse().unwrap(), credentials.clone());
        Settings {
            targets: vec![target("fs1"), target("fs2"), target("fs&'3"), target("fs4")],
            patterns: vec![rule],
            ..Settings::default()
        }
    }

    fn status(now: SystemTime) -> PageStatus {
        PageStatus {
            now,
            loaded: now - Duration::from_secs(7200),
            is_reload_failed: false,
            blocked: Vec::new(),
            held: Vec::new(),
        }
    }

    fn down(finished: SystemTime) -> Arc<ProbeResult> {
        let failure = Failure {
            text: "fs2: log-on <b>refused</b>".into(),
            without_server: "log-on <b>refused</b>".into(),
            advice: Some("check the password & \u{202e}the account".into()),
        };
        let result = ProbeResult::without_query(ErrorKind::LogOnBlocked);
        Arc::new(ProbeResult { failure: Some(failure), finished, ..result })
    }

    #[test]
    fn targets_with_last_results() {
        let settings = settings();
        let now = SystemTime::now();
        let seconds = Duration::from_secs;
        let session = Session::builder("10.0.0.5").user("alice").opens(3).build();
        let listing = Listing::builder("fs1", Level::L1).sessions([session]).build();
        let up = ProbeResult::new(Ok(ListingStats::new(&listing, &settings)), Default::default());
        let up = Arc::new(ProbeResult { finished: now - seconds(7), ..up });
        let last = |target: &str, result: &Arc<ProbeResult>, since| LastResult {
            target: target.to_owned(),
            result: Arc::clone(result),
            since,
        };
        let down = down(now + seconds(7));
        let last = vec![
            last("nas1.example.com", &down, now - seconds(90)),
            last("fs2", &down, now - seconds(5 * 3600)),
            last("fs1", &up, now - seconds(3 * 86_400)),
            last("<script>\u{202e}\"&\n", &down, now),
        ];
        let blocked = vec![r"LAB\admin<".parse().unwrap()];
        let held = vec![r"LAB\stalled".parse().unwrap()];
        let status = PageStatus { is_reload_failed: true, blocked, held, ..status(now) };
        let html = String::from_utf8(render(&Allowlist::new(&settings), &settings, &last, &status)).unwrap();
        assert!(!html.contains("hunter2") && html.matches("<script>").count() == 1, "{html}");
        let html = html.replace(STYLE, "STYLE").replace(SCRIPT, "SCRIPT");
        insta::assert_snapshot!(html.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn rows_are_limited_and_those_that_fail_stay() {
        let now = SystemTime::now();
        let mut settings = settings();
        let target = settings.targets[0].clone();
        settings.targets = (0..1500)
            .map(|number| Target { name: format!("fs{number}").parse().unwrap(), ..target.clone() })
            .collect();
        let last = [LastResult { target: "zz".into(), result: down(now), since: now }];
        let html = render(&Allowlist::new(&settings), &settings, &last, &status(now));
        let html = String::from_utf8(html).unwrap();
        assert_eq!(html.matches("<tr class").count(), MAX_ROWS);
        assert!(html.contains("and 501 more") && html.contains(">zz</a>"));
    }
}
