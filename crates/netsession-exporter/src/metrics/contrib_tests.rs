//! What `contrib/` and the documentation say of metrics, held against those that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use netsession::{ErrorKind, Level, Listing, Session, SessionFlags, Timings};
use serde_json::{Map, Value};

use super::{ExporterCounters, ExporterMetrics, ExpositionFormat, ServerMetrics};
use crate::file_stats::{FileStats, ShareFiles};
use crate::probe_recorder::RecorderMetrics;
use crate::query::ProbeResult;
use crate::settings::Settings;
use crate::stats::ListingStats;

const RULES: &str = include_str!("../../../../contrib/prometheus/rules.yml");
const RULE_TESTS: &str = include_str!("../../../../contrib/prometheus/rules.test.yml");
const DASHBOARD: &str = include_str!("../../../../contrib/grafana/netsession.json");
const DOCUMENTATION: &str = include_str!("../../../../docs/exporter.md");

/// Labels that Prometheus adds.
const OF_PROMETHEUS: [&str; 2] = ["job", "instance"];

/// The name of each metric, and the names of its labels.
type Metrics = BTreeMap<String, BTreeSet<String>>;

/// Every metric that a server or the exporter can have.
fn existing() -> Metrics {
    let settings = Settings { user_labels: 1, client_labels: 1, ..Settings::default() };
    let session = Session::builder("10.0.0.5")
        .user("alice")
        .opens(1)
        .connected(Duration::from_secs(1))
        .idle(Duration::ZERO)
        .flags(SessionFlags::default())
        .build();
    let listing = Listing::builder("fs1", Level::L502).sessions([session]).build();
    let shares = ShareFiles { named: vec![("projects".into(), 1)], other: 0 };
    let files = FileStats { locks: Some(1), by_share: Some(shares) };
    let stats = ListingStats { files: Some(files), ..ListingStats::new(&listing, &settings) };
    let mut timings = Timings::default();
    timings.resolve = Some(Duration::ZERO);
    let counters = Arc::new(ExporterCounters::new());
    let own = ExporterMetrics {
        counters,
        targets: 1,
        patterns: 1,
        blocked_accounts: 1,
        held_accounts: 1,
        kept_connections: 1,
        recorder: Some(RecorderMetrics::default()),
    };
    let format = ExpositionFormat::Text;
    let text = [
        format.render(ServerMetrics(Arc::new(ProbeResult::new(Ok(stats), timings)))),
        format.render(ServerMetrics(Arc::new(ProbeResult::without_query(ErrorKind::TimedOut)))),
        format.render(own),
    ]
    .concat();
    let text = String::from_utf8(text).unwrap();
    let mut metrics = Metrics::from([("up".to_owned(), BTreeSet::new())]);
    for sample in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = sample.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
        metrics.entry(name.to_owned()).or_default().extend(labels);
    }
    assert!(metrics.len() > 40, "{metrics:?}");
    metrics
}

/// The expressions of the rules, and the names that the rules record.
fn rules(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut expressions, mut recorded) = (Vec::<String>::new(), Vec::new());
    let mut is_folded = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(name) = trimmed.strip_prefix("- record: ") {
            recorded.push(name.to_owned());
        } else if let Some(expression) = trimmed.trim_start_matches("- ").strip_prefix("expr: ") {
            expressions.push(expression.to_owned());
            is_folded = expression == ">-";
        } else if is_folded && line.starts_with("          ") {
            expressions.last_mut().unwrap().push_str(&format!(" {trimmed}"));
        } else {
            is_folded = false;
        }
    }
    (expressions, recorded)
}

/// Visits every object, however deep.
fn objects<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| objects(item, visit)),
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|item| objects(item, visit));
        }
        _ => {}
    }
}

/// Every `expr` and every query of a variable.
fn of_dashboard(dashboard: &Value) -> Vec<String> {
    let mut expressions = Vec::new();
    objects(dashboard, &mut |object| {
        let texts = ["expr", "query"].into_iter().filter_map(|key| object.get(key)?.as_str());
        expressions.extend(texts.map(str::to_owned));
    });
    expressions
}

/// The expression of each query that names its lines, with that name: `{{kind}}`.
fn legends(dashboard: &Value) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    objects(dashboard, &mut |object| {
        let text = |key| object.get(key).and_then(Value::as_str);
        found.extend(text("expr").zip(text("legendFormat")));
    });
    found
}

/// The words of an expression outside quotes, each with what follows it.
fn words(expression: &str) -> Vec<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let mut words = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|c: char| is_part(c) || c == '"') {
        rest = &rest[start..];
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted.split_once('"').map_or("", |(_, after)| after);
            continue;
        }
        let (word, after) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        words.push((word, after));
        rest = after;
    }
    words
}

/// The metrics that an expression names, each with its labels and the values that they must have.
fn selectors(expression: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let is_metric = |word: &str| word == "up" || word.contains("netsession_") || word.starts_with("process_");
    let mut found: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for (word, after) in words(expression).into_iter().filter(|(word, _)| is_metric(word)) {
        // INVARIANT: no value in our expressions has a comma or a brace.
        let braces = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let labels = braces.map_or("", |(labels, _)| labels).split(',');
        let labels = labels.filter_map(|label| label.split_once('='));
        found.push((word, labels.map(|(name, value)| (name.trim().trim_end_matches('!'), value)).collect()));
    }
    found
}

fn check(expression: &str, existing: &Metrics, recorded: &[String]) {
    let kinds: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let found = selectors(expression);
    for (metric, labels) in &found {
        if recorded.iter().any(|name| name == metric) {
            continue;
        }
        let known = existing.get(*metric).unwrap_or_else(|| panic!("no metric {metric}: {expression}"));
        for (label, value) in labels {
            assert!(
                known.contains(*label) || OF_PROMETHEUS.contains(label),
                "{metric} has no {label}: {expression}"
            );
            let values = value.trim_matches(|c| matches!(c, '~' | '"')).split('|');
            for kind in values.filter(|_| *label == "kind") {
                assert!(kinds.contains(&kind), "no kind {kind}: {expression}");
            }
        }
    }
    // by (…), without (…) and on (…) name labels of some metric in it.
    for keyword in ["by (", "without (", "on ("] {
        for list in expression.split(keyword).skip(1) {
            let list = list.split(')').next().unwrap_or_default();
            for label in list.split(',').map(str::trim).filter(|label| !label.is_empty()) {
                let is_known = OF_PROMETHEUS.contains(&label)
                    || found
                        .iter()
                        .any(|(metric, _)| existing.get(*metric).is_some_and(|known| known.contains(label)));
                assert!(is_known, "no label {label}: {expression}");
            }
        }
    }
}

/// Whether a metric of the expression has the label, or Prometheus adds it.
fn has_label(expression: &str, label: &str, existing: &Metrics) -> bool {
    let has = |metric: &str| existing.get(metric).is_some_and(|known| known.contains(label));
    let is_made = expression.contains(&format!("count_values(\"{label}\""));
    is_made || OF_PROMETHEUS.contains(&label) || selectors(expression).iter().any(|(metric, _)| has(metric))
}

/// What is shown of a series: a label that it has not is shown as nothing, and no error.
#[test]
fn legends_and_annotations_name_labels_that_exist() {
    let (existing, dashboard) = (existing(), serde_json::from_str(DASHBOARD).unwrap());
    let mut labels = 0;
    for (expression, legend) in legends(&dashboard) {
        for label in legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim())) {
            labels += 1;
            assert!(has_label(expression, label, &existing), "no label {label}: {legend}: {expression}");
        }
    }
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let annotations: Vec<_> = RULES.split("$labels.").skip(1).collect();
    for rest in &annotations {
        let label = rest.split(|c| !is_part(c)).next().unwrap_or_default();
        // Of node_textfile_mtime_seconds.
        let exists = label == "file"
            || OF_PROMETHEUS.contains(&label)
            || existing.values().any(|known| known.contains(label));
        assert!(exists, "no label {label}");
    }
    assert!(labels > 10 && annotations.len() > 10, "{labels} {}", annotations.len());
}

#[test]
fn rules_and_dashboard_name_metrics_and_labels_that_exist() {
    let existing = existing();
    let (mut expressions, recorded) = rules(RULES);
    assert!(expressions.len() > 12 && recorded.len() > 3, "{expressions:?}");
    expressions.extend(of_dashboard(&serde_json::from_str(DASHBOARD).unwrap()));
    expressions.extend(rules(RULE_TESTS).0);
    let series = RULE_TESTS.lines().filter_map(|line| line.trim().strip_prefix("- series: "));
    expressions.extend(series.map(str::to_owned));
    assert!(expressions.len() > 60, "{}", expressions.len());
    for expression in &expressions {
        check(expression, &existing, &recorded);
    }
}

/// A metric that no one finds is of no use.
#[test]
fn every_metric_is_documented_and_most_are_on_the_dashboard() {
    // Those that the dashboard leaves out: they need a choice in the configuration, or are of the process.
    const NOT_SHOWN: [&str; 5] =
        ["netsession_user_", "netsession_client_", "netsession_clients", "netsession_exporter_", "process_"];
    for metric in existing().keys() {
        let name = metric.strip_suffix("_remainder").unwrap_or(metric);
        let is_documented = DOCUMENTATION.contains(&format!("`{name}`"))
            || DOCUMENTATION.contains(&format!("`{name}{{"))
            || metric.starts_with("process_");
        assert!(is_documented || metric == "up", "{metric} is not in docs/exporter.md");
        let is_shown =
            NOT_SHOWN.iter().any(|start| metric.starts_with(start)) || DASHBOARD.contains(metric.as_str());
        assert!(is_shown, "{metric} is not on the dashboard");
    }
}

/// Who is woken by an alert looks for what to do.
#[test]
fn every_alert_is_documented_with_its_delay() {
    let alerts: Vec<_> = RULES.split("- alert: ").skip(1).collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in alerts {
        let name = alert.lines().next().unwrap_or_default();
        let delay = alert.lines().find_map(|line| line.trim().strip_prefix("for: "));
        let delay = delay.map_or("at once".to_owned(), |delay| delay.replace('m', " min"));
        let row = format!("\n| `{name}` | {delay} | ");
        assert!(DOCUMENTATION.contains(&row), "docs/exporter.md has no {row:?}");
    }
}

#[test]
#[should_panic(expected = "no metric netsession_none")]
fn metric_that_does_not_exist_is_found() {
    check(r#"sum by (job) (rate(netsession_none{kind="x"}[5m])) > 0"#, &existing(), &[]);
}

#[test]
#[should_panic(expected = "no kind logon_none")]
fn kind_that_does_not_exist_is_found() {
    check(r#"netsession_error{job="$job", kind=~"logon_refused|logon_none"} == 1"#, &existing(), &[]);
}

#[test]
#[should_panic(expected = "netsession_sessions has no share")]
fn label_that_does_not_exist_is_found() {
    check(r#"netsession_sessions{share="x"}"#, &existing(), &[]);
}
