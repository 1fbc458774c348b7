//! The start page, for people.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::Settings;
use crate::answer::Answer;
use crate::targets::Allowed;

/// More rows are of no use to anybody.
const MOST_ROWS: usize = 1000;

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <title>netsession exporter</title>\n</head>\n<body>\n<h1>netsession exporter</h1>\n\
    <p><a href=\"/metrics\">Metrics</a> of the exporter itself.</p>\n";

/// Targets with what became of them last: those with an entry, and those that were asked by a pattern.
pub(crate) fn render(
    allowed: &Allowed,
    settings: &Settings,
    last: Vec<(String, Arc<Answer>)>,
    now: SystemTime,
) -> Vec<u8> {
    let mut rows: Vec<(&str, Option<&Answer>)> =
        last.iter().map(|(key, answer)| (key.as_str(), Some(answer.as_ref()))).collect();
    let known: std::collections::HashSet<_> = last.iter().map(|(key, _)| key.as_str()).collect();
    rows.extend(allowed.names().filter(|name| !known.contains(name)).map(|name| (name, None)));
    rows.sort_unstable_by_key(|(key, _)| (!allowed.is_named(key), *key));
    let more = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);

    let mut html = HEAD.to_owned();
    html.push_str("<table>\n<tr><th>Target</th><th>Last result</th><th>Sessions</th><th>When</th></tr>\n");
    for (key, answer) in rows {
        row(&mut html, key, answer, now);
    }
    html.push_str("</table>\n");
    // Writing to a string does not fail.
    let _ = write!(html, "{}", if more > 0 { format!("<p>and {more} more</p>\n") } else { String::new() });
    for rule in &settings.patterns {
        let _ = writeln!(html, "<p>Also: <code>{}</code></p>", escaped(&rule.pattern.to_string()));
    }
    html.push_str("</body>\n</html>\n");
    html.into_bytes()
}

fn row(html: &mut String, key: &str, answer: Option<&Answer>, now: SystemTime) {
    let (result, sessions, when) = match answer {
        None => ("not asked yet", String::new(), String::new()),
        Some(answer) => {
            let ago = now.duration_since(answer.at).unwrap_or_default();
            let when = format!("{} s ago", Duration::as_secs(&ago));
            match &answer.result {
                Ok(summary) => ("up", summary.sessions.to_string(), when),
                Err(kind) => (kind.as_str(), String::new(), when),
            }
        }
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        html,
        "<tr><td><a href=\"/probe?target={}\">{}</a></td><td>{result}</td><td>{sessions}</td><td>{when}</td></tr>",
        percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC),
        escaped(key),
    );
}

/// As text of HTML: nothing that a name has in it is taken for markup, or seen otherwise than it is.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // Bidirectional and zero-width characters would hide what a name is.
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
    use netsession::{Credentials, ErrorKind, Level, Listing};

    use super::*;
    use crate::summary::Summary;
    use crate::{Rule, Target};

    fn settings() -> Settings {
        let credentials =
            Credentials::ntlm(r"LAB\admin".parse().unwrap(), netsession::Password::new("hunter2"));
        let target = |name: &str| Target {
            name: name.into(),
            address: "10.0.0.5".into(),
            credentials: credentials.clone(),
        };
        let rule = Rule { pattern: "nas*.example.com".parse().unwrap(), credentials: credentials.clone() };
        Settings {
            targets: vec![target("fs1"), target("fs2"), target("fs&'3"), target("fs4")],
            patterns: vec![rule],
            ..Settings::default()
        }
    }

    #[test]
    fn targets_and_their_last_result() {
        let settings = settings();
        let now = SystemTime::now();
        let listing = Listing::builder("fs1", Level::L1).build();
        let mut up = Answer::of(Ok(Summary::of(&listing, &settings)), Default::default());
        up.at = now - Duration::from_secs(7);
        let mut down = Answer::without_server(ErrorKind::LogOnBlocked);
        down.at = now + Duration::from_secs(7);
        let down = Arc::new(down);
        let last = vec![
            ("nas1.example.com".to_owned(), Arc::clone(&down)),
            ("fs2".to_owned(), Arc::clone(&down)),
            ("fs1".to_owned(), Arc::new(up)),
            ("<script>\u{202e}\"&\n".to_owned(), down),
        ];
        let html = String::from_utf8(render(&Allowed::new(&settings), &settings, last, now)).unwrap();
        assert!(!html.contains("hunter2") && !html.contains("<script>"), "{html}");
        insta::assert_snapshot!(html);
    }

    #[test]
    fn a_page_has_an_end() {
        let last: Vec<_> = (0..1500)
            .map(|number| (format!("fs{number}"), Arc::new(Answer::without_server(ErrorKind::Closed))))
            .collect();
        let html = render(&Allowed::new(&Settings::default()), &Settings::default(), last, SystemTime::now());
        let html = String::from_utf8(html).unwrap();
        assert_eq!(html.matches("<tr>").count(), MOST_ROWS + 1);
        assert!(html.contains("and 500 more"));
    }
}
