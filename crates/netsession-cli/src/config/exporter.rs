use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::requirements;
use super::value::{Reader, home};
use crate::model::{ExporterSection, HistoryKeys, PatternRule};
use crate::text::{size, store_limit};

pub(super) const KEYS: [&str; 22] = [
    "patterns",
    "timeout",
    "min_interval",
    "concurrency",
    "log_ons_at_once",
    "keep_connections",
    "max_connections",
    "idle_limits",
    "connected_limits",
    "user_labels",
    "client_labels",
    "files",
    "shares",
    requirements::KEYS[0],
    requirements::KEYS[1],
    requirements::KEYS[2],
    "max_sessions",
    "max_memory",
    HISTORY[0],
    HISTORY[1],
    HISTORY[2],
    HISTORY[3],
];
const HISTORY: [&str; 4] = ["history", "history_interval", "history_retain", "history_max_size"];

/// No scrape waits longer.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(5 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Sessions stay for months.
const LONGEST_LIMIT: Duration = Duration::from_secs(10_000 * 60 * 60);
/// Every one of them is a series for each server.
const MOST_LABELS: usize = 1000;
const MOST_LIMITS: usize = 20;

/// The table, and the names of credentials in it with their places.
pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
) -> (ExporterSection, Vec<(String, Range<usize>)>) {
    let (mut exporter, mut names) = (ExporterSection::default(), Vec::new());
    let Some(table) = reader.table(value, "exporter") else { return (exporter, names) };
    reader.only(table, &KEYS, "the exporter");
    if let Some(value) = table.get("patterns") {
        patterns(reader, value, &mut exporter, &mut names);
    }
    exporter.requirements = requirements::read(reader, table);
    let mut duration = |key: &str, longest| reader.duration(table.get(key)?, key, longest);
    exporter.timeout = duration("timeout", LONGEST_TIMEOUT);
    exporter.min_interval = duration("min_interval", DAY);
    let mut number = |key: &str, limits| reader.number(table.get(key)?, key, limits);
    exporter.concurrency = number("concurrency", 1..=10_000);
    exporter.log_ons_at_once = number("log_ons_at_once", 1..=100);
    exporter.max_connections = number("max_connections", 1..=100_000);
    exporter.user_labels = number("user_labels", 0..=MOST_LABELS);
    exporter.client_labels = number("client_labels", 0..=MOST_LABELS);
    exporter.max_sessions = number("max_sessions", 1..=1_000_000);
    exporter.max_memory =
        table.get("max_memory").and_then(|value| reader.parsed(value, "max_memory", size::parse));
    exporter.idle_limits = table.get("idle_limits").map(|value| limits(reader, value, "idle_limits"));
    exporter.connected_limits =
        table.get("connected_limits").map(|value| limits(reader, value, "connected_limits"));
    exporter.keep_connections =
        table.get("keep_connections").and_then(|value| reader.boolean(value, "keep_connections"));
    exporter.files = table.get("files").and_then(|value| reader.boolean(value, "files"));
    exporter.shares = table.get("shares").map(|value| shares(reader, value));
    if let Some(value) = table.get("shares").filter(|_| exporter.files != Some(true)) {
        reader.fault(&value.span(), "shares needs files = true");
    }
    exporter.history = history(reader, table, folder);
    (exporter, names)
}

/// The store, and how it is kept.
fn history(reader: &mut Reader<'_>, table: &DeTable<'_>, folder: &Path) -> HistoryKeys {
    let [store, of_interval, of_retain, of_max_size] = HISTORY;
    if !table.contains_key(store) {
        for (key, value) in [of_interval, of_retain, of_max_size].map(|key| (key, table.get(key))) {
            if let Some(value) = value {
                reader.fault(&value.span(), format!("{key} needs history, the file"));
            }
        }
    }
    HistoryKeys {
        path: table
            .get(store)
            .and_then(|value| reader.string(value, store))
            .map(|path| folder.join(home(&path))),
        interval: table.get(of_interval).and_then(|value| reader.duration(value, of_interval, DAY)),
        retain: table
            .get(of_retain)
            .and_then(|value| reader.parsed(value, of_retain, store_limit::retention)),
        max_size: table
            .get(of_max_size)
            .and_then(|value| reader.parsed(value, of_max_size, store_limit::max_size)),
    }
}

/// In order, and each once: they become labels.
fn shares(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Vec<String> {
    let names = reader.strings(value, "shares");
    if names.len() > MOST_LABELS {
        reader.fault(&value.span(), format!("shares has more than {MOST_LABELS}"));
    }
    let mut shares = Vec::new();
    for (name, span) in names {
        let name = name.to_lowercase();
        if let Some(why) = share_fault(&name) {
            reader.fault(&span, format!("each of shares: {why}"));
        } else if !shares.contains(&name) {
            shares.push(name);
        }
    }
    shares
}

fn share_fault(name: &str) -> Option<String> {
    match name {
        "" => Some("is empty".into()),
        "other" => Some("other is the sum of the shares that are not named".into()),
        hidden if hidden.ends_with('$') => {
            Some(format!("{hidden}: a file counts for the share that users see, not for a hidden one"))
        }
        path if path.contains(['\\', '/']) => Some(format!("{path}: use the name of the share alone")),
        _ => None,
    }
}

fn patterns(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    exporter: &mut ExporterSection,
    names: &mut Vec<(String, Range<usize>)>,
) {
    for rule in reader.array(value, "patterns", "an array of tables") {
        let Some(table) = reader.table(rule, "each of patterns") else { continue };
        reader.only(table, &["match", "credentials"], "a pattern");
        let mut string = |key: &str| match table.get(key) {
            Some(value) => reader.string(value, key).map(|text| (text, value.span())),
            None => {
                reader.fault(&rule.span(), format!("a pattern without {key}"));
                None
            }
        };
        let (Some((pattern, of_pattern)), Some((credentials, span))) =
            (string("match"), string("credentials"))
        else {
            continue;
        };
        names.push((credentials.clone(), span));
        match pattern.parse() {
            Ok(pattern) => exporter.patterns.push(PatternRule { pattern, credentials }),
            Err(why) => reader.fault(&of_pattern, format!("{pattern}: {why}")),
        }
    }
}

/// In order, and each once: they become labels.
fn limits(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, what: &str) -> Vec<Duration> {
    let array = reader.array(value, what, "an array of durations");
    if array.len() > MOST_LIMITS {
        reader.fault(&value.span(), format!("{what} has more than {MOST_LIMITS}"));
    }
    let of_each = format!("each of {what}");
    let mut limits: Vec<_> =
        array.into_iter().filter_map(|item| reader.duration(item, &of_each, LONGEST_LIMIT)).collect();
    limits.sort_unstable();
    limits.dedup();
    limits
}
