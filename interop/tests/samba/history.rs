//! `netsession record` and `netsession history` against Samba, and a script that writes down who comes and goes when.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::{List, binary};
use netsession_interop::process;
use netsession_interop::proxy::Proxy;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

/// Samba tells whole seconds, and its clock reads a moment before or after.
const JITTER: f64 = 2.0;
/// The store has whole seconds.
const ROUNDING: f64 = 1.0;
/// Between two rounds, in seconds.
const INTERVAL: f64 = 0.5;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program],
        "history::intervals_are_what_happened",
        intervals_are_what_happened,
    );
}

/// A recorder that goes on until this is dropped.
struct Recording(Child);

impl Drop for Recording {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What one user did.
struct Visit {
    user: &'static str,
    /// Before it logged on, and when that was stored.
    begun: (f64, f64),
    /// Before its connection was closed, and when that was stored.
    ended: (f64, f64),
}

fn intervals_are_what_happened() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let proxy = Proxy::to(samba.address()).start()?;
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("store");
    let list = List::of_command("record", proxy.address().to_string())?.login(ADMIN);
    let mut command = list.args(&["--interval", &format!("{}ms", INTERVAL * 1e3), "--files"]).into_command();
    let _recording = Recording(command.arg("--store").arg(&store).stdout(Stdio::null()).spawn()?);
    wait_for(&store, &[], |rows| !rows.is_empty())?;

    let mut truth = Vec::new();
    for (number, who) in [ALICE, BOB, ALICE].into_iter().enumerate() {
        let before = now();
        let held = Holder::open(samba.address(), who, 1)?;
        wait_for(&store, &["--user", who.name], |rows| rows.iter().any(|row| row["until"].is_null()))?;
        let begun = (before, now());
        wait_for(&store, &["--files", "--user", who.name], |rows| {
            rows.iter().any(|row| row["until"].is_null())
        })?;
        let before = now();
        drop(held);
        let visits = if number == 2 { 2 } else { 1 };
        wait_for(&store, &["--user", who.name], |rows| {
            rows.len() == visits && rows.iter().all(|row| row["until"].is_string())
        })?;
        let ended = (before, now());
        truth.push(Visit { user: who.name, begun, ended });
    }
    for who in [ALICE, BOB] {
        let rows = rows(&store, &["--user", who.name])?.unwrap_or_default();
        let visits: Vec<_> = truth.iter().filter(|visit| visit.user == who.name).collect();
        ensure!(rows.len() == visits.len(), "{rows:?}");
        for (row, visit) in rows.iter().zip(visits) {
            let (from, until) = (seconds(&row["from"])?, seconds(&row["until"])?);
            ensure!(row["from_exact"] == true && row["until_exact"] == true, "{row}");
            for (time, (before, stored)) in [(from, visit.begun), (until, visit.ended)] {
                ensure!(time >= before - JITTER && time <= stored + ROUNDING, "{row}: {before} to {stored}");
            }
        }
        let files = self::rows(&store, &["--files", "--user", who.name])?.unwrap_or_default();
        ensure!(files.len() == rows.len(), "{files:?}");
    }
    // All of it over one connection.
    ensure!(proxy.traces().len() == 1, "{} connections", proxy.traces().len());
    Ok(())
}

/// The rows that are stored, with the own connections of the recorder left out; none before the store is there.
fn rows(store: &Path, arguments: &[&str]) -> Result<Option<Vec<Value>>> {
    let mut command = Command::new(binary()?);
    let output = command.args(["history", "-f", "json", "--store"]).arg(store).args(arguments).output()?;
    match output.status.code() {
        Some(0) => Ok(Some(serde_json::from_slice(&output.stdout)?)),
        Some(2) if String::from_utf8_lossy(&output.stderr).contains("does not exist") => Ok(None),
        _ => anyhow::bail!("{output:?}"),
    }
}

/// Looks at what is stored until it is as wanted.
fn wait_for(store: &Path, arguments: &[&str], wanted: impl Fn(&[Value]) -> bool) -> Result<()> {
    let begun = Instant::now();
    loop {
        let rows = rows(store, arguments)?.unwrap_or_default();
        if wanted(&rows) {
            return Ok(());
        }
        ensure!(begun.elapsed() < process::PATIENCE, "{arguments:?}: {rows:?}");
        sleep(Duration::from_millis(100));
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Of a time of RFC 3339, by the system's `date`.
fn seconds(time: &Value) -> Result<f64> {
    let output = Command::new("date").arg("-d").arg(time.as_str().context("no time")?).arg("+%s").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
