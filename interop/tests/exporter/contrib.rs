//! What `contrib/` has for users is what is tested.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_interop::process;
use netsession_interop::prometheus::{contrib, promtool};
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

use crate::stage;

/// Above it systemd calls a service no longer OK.
const MOST_EXPOSED: f64 = 2.0;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Prometheus], "contrib::scrape_configurations_are_valid", || {
        // Files that they name are not there, which promtool would not have.
        let checked = ["check", "config", "--syntax-only"];
        for file in ["netsession.yml", "sharded.yml", "textfile.yml", "tls.yml"] {
            promtool(&[&checked[..], &[file]].concat(), "")?;
        }
        Ok(())
    });
    suite.test(&[Need::Prometheus], "contrib::rules_are_valid_and_pass_their_tests", || {
        promtool(&["check", "rules", "rules.yml"], "")?;
        let said = promtool(&["test", "rules", "rules.test.yml"], "")?;
        ensure!(said.contains("SUCCESS"), "{said}");
        every_alert_is_tested()
    });
    suite.test(&[Need::PythonYaml], "contrib::loki_reads_keys_that_watch_writes", loki);
    suite.test(&[Need::SystemdAnalyze], "contrib::unit_is_valid_and_hardened", unit);
}

fn every_alert_is_tested() -> Result<()> {
    let read = |file: &str| fs::read_to_string(contrib("prometheus").join(file));
    let (rules, tests) = (read("rules.yml")?, read("rules.test.yml")?);
    let named = |start: &str| -> Vec<String> {
        rules.lines().filter_map(|line| line.trim().strip_prefix(start)).map(str::to_owned).collect()
    };
    let (alerts, records) = (named("- alert: "), named("- record: "));
    ensure!(alerts.len() > 5 && records.len() > 3, "{alerts:?} {records:?}");
    for alert in alerts {
        ensure!(tests.contains(&format!("alertname: {alert}\n")), "{alert} has no test");
    }
    for record in records {
        ensure!(tests.contains(&format!("expr: {record}\n")), "{record} has no test");
    }
    Ok(())
}

/// Neither Promtail nor Vector is installed: the files are read as YAML and TOML, and what they take out of a line must be a key
/// of every schema of a line of `netsession watch`.
fn loki() -> Result<()> {
    let promtail = parsed("loki/promtail.yml", "yaml.safe_load(file)")?;
    let stages = promtail.pointer("/scrape_configs/0/pipeline_stages").context("no stages")?;
    let stage = |name: &str| {
        let stages = stages.as_array().into_iter().flatten();
        stages.filter_map(|stage| stage.get(name)).next().with_context(|| format!("no stage {name}"))
    };
    let read = stage("json")?["expressions"].as_object().context("no expressions")?;
    let mut keys: Vec<String> = read.values().filter_map(Value::as_str).map(str::to_owned).collect();
    ensure!(keys.len() == read.len(), "{read:?}");
    // What later stages use was read before.
    let labels = stage("labels")?.as_object().context("no labels")?;
    let time = stage("timestamp")?["source"].as_str().context("no time")?;
    for used in labels.keys().map(String::as_str).chain([time]) {
        ensure!(read.contains_key(used), "{used} is not read from the line");
    }
    ensure!(labels.keys().eq(["event", "server"]), "{labels:?}: one stream for each person");

    let vector = parsed("loki/vector.toml", "tomllib.loads(file.read())")?;
    let program = vector.pointer("/transforms/changes/source").and_then(Value::as_str).context("no remap")?;
    // Of the event of Vector's exec source, and what Loki reads the time from.
    let own = ["stream", "message", "timestamp"];
    let paths = program.split([' ', '(', ')', ',', '\n']).filter_map(|word| word.strip_prefix('.'));
    let paths: Vec<&str> =
        paths.map(|path| path.trim_end_matches('!')).filter(|path| !path.is_empty()).collect();
    ensure!(paths.contains(&"time"), "{paths:?}");
    keys.extend(paths.into_iter().filter(|path| !own.contains(path)).map(str::to_owned));
    let labels = vector.pointer("/sinks/loki/labels").and_then(Value::as_object).context("no labels")?;
    for (label, value) in labels.iter().filter(|(label, _)| *label != "job") {
        let template = value.as_str().context("no text")?;
        let key = template.strip_prefix("{{ ").and_then(|text| text.strip_suffix(" }}"));
        ensure!(key == Some(label), "{label}: {template}");
        keys.push(label.clone());
    }
    for schema in ["watch-session", "watch-file", "watch-server"] {
        let schema = format!("../docs/schema/{schema}.json");
        let read: Value = serde_json::from_str(&fs::read_to_string(contrib(&schema))?)?;
        for key in &keys {
            let is_there =
                read["required"].as_array().is_some_and(|required| required.contains(&key.as_str().into()));
            ensure!(is_there, "{schema} has no {key}");
        }
    }
    let wanted = ["event", "server", "time"];
    ensure!(wanted.iter().all(|key| keys.iter().filter(|read| read == key).count() >= 2), "{keys:?}");
    Ok(())
}

/// A file of `contrib` as JSON, read by Python with this expression.
fn parsed(name: &str, read: &str) -> Result<Value> {
    let script = format!(
        "import json, sys, tomllib, yaml\nwith open(sys.argv[1], encoding='utf-8') as file: print(json.dumps({read}))"
    );
    let mut command = Command::new("/usr/bin/python3");
    let outcome = process::run(command.args(["-c", &script]).arg(contrib(name)), process::PATIENCE)?;
    ensure!(outcome.code == Some(0), "{name}: {}", outcome.stderr);
    Ok(serde_json::from_slice(&outcome.stdout)?)
}

fn unit() -> Result<()> {
    for (name, memory) in
        [("netsession-exporter", "512M"), ("netsession-watch", "1536M"), ("netsession-record", "1536M")]
    {
        hardened(name, memory).with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn hardened(name: &str, memory: &str) -> Result<()> {
    let text = fs::read_to_string(contrib(&format!("systemd/{name}.service")))?;
    for limit in [&format!("\nMemoryMax={memory}\n"), "\nTasksMax=512\n", "\nLimitCORE=0\n"] {
        ensure!(text.contains(limit), "no {limit}");
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(format!("{name}.service"));
    // The program is not installed where the tests are run.
    fs::write(&path, text.replace("/usr/bin/netsession ", "/bin/true "))?;
    let analyze = |arguments: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        process::run(command.args(arguments).arg(&path), process::PATIENCE)
    };
    let verified = analyze(&["verify", "--man=no"])?;
    ensure!(verified.code == Some(0) && verified.stderr.trim().is_empty(), "{verified:?}");
    let rated = analyze(&["security", "--offline=true", "--no-pager"])?;
    let said = String::from_utf8(rated.stdout.clone())?;
    let exposure = said.split("Overall exposure level").nth(1).and_then(|rest| rest.split(": ").nth(1));
    let exposure: f64 = exposure.and_then(|rest| rest.split(' ').next()).context("no rating")?.parse()?;
    ensure!(exposure < MOST_EXPOSED, "{rated:?}");
    Ok(())
}

/// Each against the Prometheus of the tests, with what its variables stand for.
pub(crate) fn dashboard() -> Result<()> {
    let stage = stage::shared()?;
    let dashboard: Value = serde_json::from_slice(&fs::read(contrib("grafana/netsession.json"))?)?;
    let mut expressions = Vec::new();
    collect(&dashboard["panels"], &mut expressions);
    ensure!(expressions.len() > 20, "{} expressions", expressions.len());
    let begun = Instant::now();
    for expression in expressions {
        let query = expression
            .replace("$job", "netsession")
            .replace("$instance", ".*")
            .replace("$exporter", "netsession-exporter")
            .replace("$__rate_interval", "1m");
        ensure!(!query.contains('$'), "a variable that is not known: {query}");
        loop {
            let samples = stage.prometheus.query(&query).with_context(|| expression.clone())?;
            if samples.iter().any(|(_, value)| value.is_finite()) {
                break;
            }
            ensure!(begun.elapsed() < process::PATIENCE, "no data: {query}: {samples:?}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    Ok(())
}

/// Every `expr`, however deep.
fn collect(value: &Value, expressions: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, expressions)),
        Value::Object(object) => {
            expressions.extend(object.get("expr").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|item| collect(item, expressions));
        }
        _ => {}
    }
}
