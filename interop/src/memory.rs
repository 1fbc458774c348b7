//! What servers with very many sessions cost the program: peak memory of whole processes, and the limits of each.

use std::fmt;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use tempfile::NamedTempFile;

use crate::account::DOUBLE_ADMIN;
use crate::compare::measure::run;
use crate::double::Double;
use crate::exporter::{Exporter, value};
use crate::netsession::List;
use crate::port;
use crate::recorder::Recorder;

/// Well above what a busy machine takes, and below what the exporter lets a scrape take.
const TIMEOUT: Duration = Duration::from_secs(280);
/// `max_memory` of the exporter by default, and what the process takes beside answers.
const EXPORTER_MIB: u64 = 256 + 16;
/// `record` with 100,000 sessions: 64 MiB beyond the sessions, which are 23.7 MiB (docs/performance.md).
const RECORD_MIB: u64 = 87;
/// The first, which is all new, and five in which nothing changes.
const ROUNDS: usize = 6;

/// One measurement.
#[derive(Debug)]
struct Row {
    sessions: String,
    command: &'static str,
    peak_kib: u64,
    /// In MiB.
    limit: Option<u64>,
}

/// All of them.
#[derive(Debug)]
pub struct Report {
    rows: Vec<Row>,
}

/// Measures everything, one after the other.
pub fn measure() -> Result<Report> {
    let mut rows = Vec::new();
    for (sessions, csv, table) in [(100_000, None, None), (900_000, Some(256), Some(512))] {
        let server = server(sessions)?;
        for (command, arguments, limit) in [
            ("`netsession list -f csv`", &["-f", "csv"][..], csv),
            ("`netsession list`, a table", &[], table),
        ] {
            let peak_kib = list(&server, arguments)?;
            rows.push(Row { sessions: thousands(sessions), command, peak_kib, limit });
        }
    }
    for (sessions, targets, command, limit) in [
        (100_000, 1, "`netsession exporter`, one probe", 48),
        (900_000, 4, "`netsession exporter`, four probes at once", EXPORTER_MIB),
    ] {
        let peak_kib = probe(sessions, targets)?;
        let times = if targets > 1 { format!("{targets} × ") } else { String::new() };
        let sessions = format!("{times}{}", thousands(sessions));
        rows.push(Row { sessions, command, peak_kib, limit: Some(limit) });
    }
    let sessions = 100_000;
    let peak_kib = record(&server(sessions)?)?;
    let limit = Some(RECORD_MIB);
    rows.push(Row {
        sessions: thousands(sessions),
        command: "`netsession record`, six rounds",
        peak_kib,
        limit,
    });
    Ok(Report { rows })
}

fn thousands(sessions: usize) -> String {
    format!("{},000", sessions / 1000)
}

/// A server with this many sessions, of which no two are alike, on four addresses.
fn server(sessions: usize) -> Result<Double> {
    let mut scenario = NamedTempFile::with_suffix(".toml")?;
    write!(
        scenario,
        "description = \"many sessions\"\n[session-enum.levels]\n502 = \"anyone\"\n\
         [[user]]\nname = \"{}\"\npassword = \"{}\"\nadministrator = true\n\
         [[session]]\nclient = \"10.0.{{n}}\"\nuser = \"user{{n}}\"\nopens = 3\ntime-seconds = 3600\n\
         idle-seconds = 12\nrepeat = {sessions}\n",
        DOUBLE_ADMIN.name, DOUBLE_ADMIN.password
    )?;
    let path = scenario.path().to_str().context("a path that is no text")?;
    Double::start_on(path, SocketAddr::from((Ipv4Addr::LOCALHOST, port::free())), 4)
}

fn list(server: &Double, arguments: &[&str]) -> Result<u64> {
    let timeout = format!("{}s", TIMEOUT.as_secs());
    let list =
        List::new(server.address())?.login(DOUBLE_ADMIN).args(&["--timeout", &timeout]).args(arguments);
    Ok(run(&list.into_command())?.peak_kib)
}

fn record(server: &Double) -> Result<u64> {
    let mut recorder = Recorder::start(server.address(), DOUBLE_ADMIN)?;
    recorder.wait_for_rounds(ROUNDS)?;
    Ok(u64::try_from(recorder.peak_kib()?)?)
}

/// Each target once, at the same time.
fn probe(sessions: usize, targets: u8) -> Result<u64> {
    let server = server(sessions)?;
    let port = server.address().parse::<SocketAddr>()?.port();
    let targets: Vec<String> = (1..=targets).map(|last| format!("127.0.0.{last}:{port}")).collect();
    let config = format!(
        "[credentials]\nlab = {{ login = '{}', password_file = 'lab.password' }}\n[exporter]\nmax_sessions = 1_000_000\n\
         [[exporter.patterns]]\nmatch = '127.0.0.*:{port}'\ncredentials = 'lab'\n",
        DOUBLE_ADMIN.name
    );
    let exporter = Exporter::start(&config, &[("lab", DOUBLE_ADMIN)])?;
    let ask = |target: &String| -> Result<()> {
        let response = exporter.probe(target, TIMEOUT)?;
        let found = value(&response.body, "netsession_sessions").unwrap_or_default();
        ensure!(found >= sessions as f64, "{target}: {}", response.body);
        Ok(())
    };
    thread::scope(|scope| {
        let probes: Vec<_> = targets.iter().map(|target| scope.spawn(|| ask(target))).collect();
        probes.into_iter().try_for_each(|probe| probe.join().map_err(|_| anyhow!("a probe panicked"))?)
    })?;
    Ok(u64::try_from(exporter.peak_kib()?)?)
}

impl Report {
    /// Fails where more was taken than is promised.
    pub fn ensure_fine(&self) -> Result<()> {
        for row in &self.rows {
            let is_fine = row.limit.is_none_or(|limit| row.peak_kib <= limit * 1024);
            ensure!(is_fine, "{} sessions, {}: beyond its limit:\n{self}", row.sessions, row.command);
        }
        Ok(())
    }

    /// For the page of measurements.
    pub fn section(&self) -> String {
        format!(
            "## Memory\n\n\
             Made by `cargo xtask memory --write` on {} {}. What a server with very many sessions costs at level 502: the peak\n\
             of the whole process. The exporter has `max_sessions = 1_000_000`; its limit with four servers is `max_memory`, 256 MiB, and\n\
             the program. The command fails beyond a limit.\n\n\
             {self}\n\
             A session takes 48 bytes and its texts while it is held by `list`, and about 30 bytes in the exporter, which keeps none; an\n\
             answer takes 32 bytes for each session as it comes in ([why](decisions/memory.md)).\n\n\
             CI has samples with 30,000 sessions (`memory::many_sessions` for each format and for the exporter, and\n\
             `memory::one_budget_for_all_servers` and `memory::one_budget_for_all_targets_of_the_exporter`, in `interop/tests/double/memory.rs`).\n",
            std::env::consts::OS,
            std::env::consts::ARCH,
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| sessions | command | peak MiB | limit, MiB |\n|---:|---|---:|---:|")?;
        for Row { sessions, command, peak_kib, limit } in &self.rows {
            let (peak, limit) = (*peak_kib as f64 / 1024.0, limit.map(|limit| limit.to_string()));
            writeln!(f, "| {sessions} | {command} | {peak:.1} | {} |", limit.unwrap_or_default())?;
        }
        Ok(())
    }
}
