//! Debian's Prometheus, with the configurations that `contrib/` has for users.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::{http, port, process};

/// One that scrapes until this is dropped.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    address: String,
    folder: TempDir,
}

/// A series of a query's answer: its labels, and its value now.
pub type Sample = (BTreeMap<String, String>, f64);

/// A file of `contrib/`.
pub fn contrib(file: &str) -> PathBuf {
    let interop = Path::new(env!("CARGO_MANIFEST_DIR"));
    interop.parent().unwrap_or(interop).join("contrib").join(file)
}

/// The rules of `contrib/prometheus`, which stand beside each of its configurations.
pub fn rules() -> Result<Vec<u8>> {
    Ok(fs::read(contrib("prometheus/rules.yml"))?)
}

/// A scrape configuration of `contrib/prometheus`, with other addresses, and intervals for the impatient.
pub fn configuration(file: &str, replace: &[(&str, &str)]) -> Result<String> {
    let mut text = fs::read_to_string(contrib("prometheus").join(file))?;
    let usual = [
        ("scrape_interval: 1m", "scrape_interval: 30s"),
        ("scrape_timeout: 15s", "scrape_timeout: 30s"),
        ("evaluation_interval: 1m", "evaluation_interval: 5s"),
    ];
    for (from, to) in usual.iter().chain(replace) {
        ensure!(text.contains(from) || from.starts_with("evaluation"), "{file} has no {from}");
        text = text.replace(from, to);
    }
    Ok(text)
}

impl Prometheus {
    /// With its configuration, the targets, and more files beside it.
    pub fn start(configuration: &str, targets: &[String], files: &[(&str, &[u8])]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("prometheus.yml");
        fs::write(&path, configuration)?;
        fs::create_dir(folder.path().join("targets"))?;
        let mut list = "- targets:\n".to_owned();
        for target in targets {
            writeln!(list, "    - \"{target}\"")?;
        }
        fs::write(folder.path().join("targets/all.yml"), list)?;
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes)?;
        }
        let address = format!("127.0.0.1:{}", port::free());
        let log = fs::File::create(folder.path().join("log"))?;
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", path.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .args([&format!("--web.listen-address={address}"), "--log.level=warn"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start prometheus")?;
        let mut prometheus = Self { child, address, folder };
        prometheus.wait_until_ready()?;
        Ok(prometheus)
    }

    /// What an expression is now. `+Inf` and `NaN` are numbers.
    pub fn query(&self, expression: &str) -> Result<Vec<Sample>> {
        let path = format!("/api/v1/query?query={}", http::encoded(expression));
        let response = http::get(&self.address, &path, &[])?;
        let answer: Value = serde_json::from_str(&response.body).with_context(|| format!("{response:?}"))?;
        ensure!(answer["status"] == "success", "{expression}: {answer}");
        let result = &answer["data"]["result"];
        match answer["data"]["resultType"].as_str() {
            Some("vector") => result.as_array().context("no vector")?.iter().map(sample).collect(),
            Some("scalar") => Ok(vec![(BTreeMap::new(), number(&result[1])?)]),
            other => bail!("{expression}: {other:?}"),
        }
    }

    /// The one value of an expression; none where it has no series.
    pub fn value(&self, expression: &str) -> Result<Option<f64>> {
        let samples = self.query(expression)?;
        ensure!(samples.len() <= 1, "{expression}: {samples:?}");
        Ok(samples.first().map(|(_, value)| *value))
    }

    /// Waits until an expression has a value that is wanted.
    pub fn wait_for(&self, expression: &str, wanted: impl Fn(f64) -> bool) -> Result<()> {
        let begun = Instant::now();
        loop {
            let value = self.value(expression)?;
            if value.is_some_and(&wanted) {
                return Ok(());
            }
            if begun.elapsed() > process::PATIENCE {
                let why = self.why_targets_fail().unwrap_or_default();
                bail!("{expression} is {value:?} after {:?}; {why}\n{}", begun.elapsed(), self.log());
            }
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// What it says of scrapes that went wrong, each once.
    fn why_targets_fail(&self) -> Result<String> {
        let response = http::get(&self.address, "/api/v1/targets?state=active", &[])?;
        let answer: Value = serde_json::from_str(&response.body)?;
        let targets = answer["data"]["activeTargets"].as_array().cloned().unwrap_or_default();
        let mut errors: Vec<_> = targets
            .iter()
            .filter_map(|target| target["lastError"].as_str())
            .filter(|error| !error.is_empty())
            .collect();
        errors.sort_unstable();
        errors.dedup();
        let of_probes = self.query(
            "netsession_error or netsession_up == 0 or {__name__=~'netsession_exporter_(queries_in_flight|held_accounts|blocked_accounts|kept_connections)'}",
        )?;
        let of_probes: Vec<_> = of_probes.iter().take(20).collect();
        Ok(format!("{} targets; errors of scrapes: {errors:?}; of probes: {of_probes:?}", targets.len()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let (address, path) = (self.address.clone(), self.folder.path().join("log"));
        let is_ready = || http::get(&address, "/-/ready", &[]).is_ok_and(|response| response.status == 200);
        let log = || fs::read_to_string(&path).unwrap_or_default();
        process::wait_until_ready(&mut self.child, is_ready, log)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sample(series: &Value) -> Result<Sample> {
    let labels = series["metric"].as_object().context("no labels")?;
    let labels =
        labels.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    Ok((labels.collect(), number(&series["value"][1])?))
}

fn number(value: &Value) -> Result<f64> {
    Ok(value.as_str().context("no number")?.parse()?)
}

/// `promtool` with these arguments, and this to read; it is to find nothing wrong.
pub fn promtool(arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(contrib("prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start promtool")?;
    child.stdin.take().context("no stdin")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "promtool {arguments:?}: {said}");
    Ok(said)
}
