//! `netsession exporter`, as a service manager runs it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::account::Account;
use crate::http::{self, Response};
use crate::netsession;
use crate::process;
use crate::shared::lock;

/// One that runs until this is dropped.
#[derive(Debug)]
pub struct Exporter {
    child: Child,
    address: String,
    said: Arc<Mutex<String>>,
    _folder: TempDir,
}

impl Exporter {
    /// Starts it with this configuration, on a free port; passwords are in the files `NAME.password` beside it.
    pub fn start(config: &str, accounts: &[(&str, Account)]) -> Result<Self> {
        Self::start_with(config, accounts, &[])
    }

    /// As [`Exporter::start`], with these variables in its environment.
    pub fn start_with(
        config: &str,
        accounts: &[(&str, Account)],
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("exporter.toml");
        fs::write(&path, config)?;
        for (name, account) in accounts {
            let path = folder.path().join(format!("{name}.password"));
            fs::write(&path, account.password)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
        let mut child = Command::new(netsession::binary()?)
            .args(["exporter", "--listen", "127.0.0.1:0", "--config"])
            .arg(&path)
            .env_remove("KRB5CCNAME")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start netsession exporter")?;
        let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?);
        let mut line = String::new();
        stderr.read_line(&mut line)?;
        let address = line.split("listening on ").nth(1).and_then(|rest| rest.split(';').next());
        let address = address.map(str::to_owned);
        let said = Arc::new(Mutex::new(line));
        let hears = Arc::clone(&said);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                *lock(&hears) += &(line + "\n");
            }
        });
        let mut exporter = Self { child, address: String::new(), said, _folder: folder };
        exporter.address = address.with_context(|| format!("it does not listen: {}", exporter.said()))?;
        Ok(exporter)
    }

    /// Address and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How many threads it has.
    pub fn threads(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/task", self.child.id()))?.count())
    }

    /// Everything that it has said.
    pub fn said(&self) -> String {
        lock(&self.said).clone()
    }

    /// `/probe` of a target, of which 200 is wanted; with the seconds that Prometheus would wait.
    pub fn probe(&self, target: &str, timeout: Duration) -> Result<Response> {
        let header = format!("X-Prometheus-Scrape-Timeout-Seconds: {}", timeout.as_secs_f64());
        let path = format!("/probe?target={}", http::encoded(target));
        let response = http::get(&self.address, &path, &[&header])?;
        ensure!(response.status == 200, "{target}: {response:?}");
        Ok(response)
    }

    /// One of its own metrics.
    pub fn own(&self, sample: &str) -> Result<f64> {
        let response = http::get(&self.address, "/metrics", &[])?;
        value(&response.body, sample).with_context(|| format!("no {sample}: {}", response.body))
    }

    /// What it has in memory now.
    pub fn resident_kib(&self) -> Result<usize> {
        process::resident_kib(self.child.id())
    }

    /// The most that it has had in memory.
    pub fn peak_kib(&self) -> Result<usize> {
        process::peak_kib(self.child.id())
    }

    /// How many descriptors it has open now.
    pub fn descriptors(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }
}

/// The value of a sample of text.
pub fn value(metrics: &str, sample: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
