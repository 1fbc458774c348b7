//! The start page, for administrators.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use crate::allowlist::Allowlist;
use crate::query::ProbeResult;
use crate::settings::Settings;

/// Maximum rows of the table. A longer page would be slow in a browser.
const MAX_ROWS: usize = 1000;

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <title>netsession exporter</title>\n</head>\n<body>\n<h1>netsession exporter</h1>\n\
    <p><a href=\"/metrics\">Metrics of the exporter itself</a></p>\n";

/// All targets with their last results: first those with an entry in the configuration, then those that a pattern
/// allows and that were probed.
pub(crate) fn render(
    allowlist: &Allowlist,
    settings: &Settings,
    last_results: Vec<(String, Arc<ProbeResult>)>,
    now: SystemTime,
) -> Vec<u8> {
    let mut rows: Vec<(&str, Option<&ProbeResult>)> =
        last_results.iter().map(|(key, result)| (key.as_str(), Some(result.as_ref()))).collect();
    let probed: HashSet<_> = last_results.iter().map(|(key, _)| key.as_str()).collect();
    rows.extend(allowlist.names().filter(|name| !probed.contains(name)).map(|name| (name, None)));
    rows.sort_unstable_by_key(|(key, _)| (!allowlist.is_listed(key), *key));
    let hidden = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);

    let mut html = HEAD.to_owned();
    html.push_str(
        "<table>\n<tr><th>Target</th><th>Last result</th><th>Sessions</th><th>Last probe</th></tr>\n",
    );
    for (key, result) in rows {
        write_row(&mut html, key, result, now);
    }
    html.push_str("</table>\n");
    if hidden > 0 {
        // Writing to a string does not fail.
        let _ = writeln!(html, "<p>and {hidden} more</p>");
    }
    for rule in &settings.patterns {
        let _ = writeln!(html, "<p>Also allowed: <code>{}</code></p>", escape(&rule.pattern.to_string()));
    }
    html.push_str("</body>\n</html>\n");
    html.into_bytes()
}

fn write_row(html: &mut String, key: &str, result: Option<&ProbeResult>, now: SystemTime) {
    let (result, sessions, when) = match result {
        None => ("not probed yet", String::new(), String::new()),
        Some(result) => {
            let ago = now.duration_since(result.finished).unwrap_or_default();
            let when = format!("{} s ago", ago.as_secs());
            match &result.stats {
                Ok(stats) => ("up", stats.sessions.to_string(), when),
                Err(kind) => (kind.as_str(), String::new(), when),
            }
        }
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        html,
        "<tr><td><a href=\"/probe?target={}\">{}</a></td><td>{result}</td><td>{sessions}</td><td>{when}</td></tr>",
        percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC),
        escape(key),
    );
}

/// Escapes markup for HTML, and characters that would make a name look like another one.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Bidirectional and zero-width characters change how a name is displayed.
            c if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}') =>
            {
                // Writing to a string does not fail.
                let _ = write!(html, "{}", c.escape_unicode());
            }
            c => html.push(c),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use netsession::{Credentials, ErrorKind, Level, Listing};

    use super::*;
    use crate::settings::{Connection, Rule, Target};
    use crate::stats::ListingStats;

    fn settings() -> Settings {
        let credentials =
            Credentials::ntlm(r"LAB\admin".parse().unwrap(), netsession::Password::new("hunter2"));
        let target = |name: &str| Target {
            name: name.into(),
            address: "10.0.0.5".parse().unwrap(),
            credentials: credentials.clone(),
            connection: Connection::default(),
        };
        let rule = Rule {
            pattern: "nas*.example.com".parse().unwrap(),
            credentials: credentials.clone(),
            connection: Connection::default(),
        };
        Settings {
            targets: vec![target("fs1"), target("fs2"), target("fs&'3"), target("fs4")],
            patterns: vec![rule],
            ..Settings::default()
        }
    }

    #[test]
    fn targets_with_last_results() {
        let settings = settings();
        let now = SystemTime::now();
        let listing = Listing::builder("fs1", Level::L1).build();
        let mut up = ProbeResult::new(Ok(ListingStats::new(&listing, &settings)), Default::default());
        up.finished = now - Duration::from_secs(7);
        let mut down = ProbeResult::without_query(ErrorKind::LogOnBlocked);
        down.finished = now + Duration::from_secs(7);
        let down = Arc::new(down);
        let last = vec![
            ("nas1.example.com".to_owned(), Arc::clone(&down)),
            ("fs2".to_owned(), Arc::clone(&down)),
            ("fs1".to_owned(), Arc::new(up)),
            ("<script>\u{202e}\"&\n".to_owned(), down),
        ];
        let html = String::from_utf8(render(&Allowlist::new(&settings), &settings, last, now)).unwrap();
        assert!(!html.contains("hunter2") && !html.contains("<script>"), "{html}");
        insta::assert_snapshot!(html);
    }

    #[test]
    fn rows_are_limited() {
        let last: Vec<_> = (0..1500)
            .map(|number| (format!("fs{number}"), Arc::new(ProbeResult::without_query(ErrorKind::Closed))))
            .collect();
        let html =
            render(&Allowlist::new(&Settings::default()), &Settings::default(), last, SystemTime::now());
        let html = String::from_utf8(html).unwrap();
        assert_eq!(html.matches("<tr>").count(), MAX_ROWS + 1);
        assert!(html.contains("and 500 more"));
    }
}
