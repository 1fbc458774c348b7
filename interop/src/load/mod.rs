//! An exporter under load: thousands of probes, and its servers killed, stalled and restarted under them.

mod cost;
mod kept;
mod probes;
mod watched;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;

pub use self::kept::{KeptPlan, KeptReport, ensure_small as ensure_kept_is_small, run as measure_kept};
use self::probes::{ProbeResult, Prober, Probes};
pub use self::watched::{
    WatchPlan, WatchReport, ensure_flat as ensure_watch_is_flat, run as measure_watched,
};
use crate::exporter::Exporter;
use crate::fleet::{ACCOUNTS, Fleet};
use crate::port;
use crate::process::PATIENCE;

/// An exporter under thousands of probes, with its servers killed, stalled and restarted.
#[derive(Clone, Copy, Debug, Parser)]
#[command(name = "cargo xtask exporter-load")]
pub struct LoadPlan {
    /// Minimum of probes while servers are disturbed.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub probes: usize,
    /// Addresses of the double.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub targets: usize,
    /// Probes at the same time.
    #[arg(long, value_name = "N", default_value_t = 32)]
    pub askers: usize,
    /// Servers that the exporter asks at the same time.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub concurrency: usize,
    /// Milliseconds by which each reply of a server is late: a network that is not loopback.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub delay_ms: u64,
    /// Minimum of times that the servers are killed, restarted, stalled and resumed; 0 for steady probes alone.
    ///
    /// A log-on to a server that dies stays unanswered: with new connections, many of them hold the account.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub disturbances: usize,
    /// Make a connection and a log-on for each probe (keep_connections = false).
    #[arg(long)]
    pub new_connections: bool,
    /// Seconds that Prometheus waits for a probe, as the exporter is told.
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    pub scrape_timeout: u64,
    /// Seconds after which an answer is late, instead of the scrape timeout. For a machine that is so busy that the probe
    /// itself gets its answer late.
    #[arg(long, value_name = "SECONDS")]
    pub late_after: Option<u64>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    plan: LoadPlan,
    steady: Probes,
    /// Processor time of the exporter for the steady probes.
    cpu: f64,
    disturbed: Probes,
    disturbances: usize,
    baseline: (usize, usize),
    end: (usize, usize),
    recovered: bool,
}

/// Memory may grow by this: what the allocator keeps of the busiest moment.
const TOLERANCE_KIB: usize = 8 * 1024;

/// All of it.
pub fn run(plan: LoadPlan) -> Result<Report> {
    let fleet = Fleet::start_on(port::free(), plan.targets, plan.delay_ms)?;
    let targets = fleet.targets();
    // Servers that die in the middle of a log-on leave it unanswered: with the usual two the account would be held.
    let config = format!(
        "[exporter]\nconcurrency = {}\nkeep_connections = {}\nlog_ons_at_once = 64\n{}",
        plan.concurrency,
        !plan.new_connections,
        fleet.configuration()
    );
    let exporter = Exporter::start(&config, &ACCOUNTS)?;
    let timeout = Duration::from_secs(plan.scrape_timeout);
    let late_after = plan.late_after.map_or(timeout, Duration::from_secs);
    let prober = Prober::new(&exporter, &targets, plan.askers, timeout, late_after);
    // Twice for each target: the second time every level is known, and memory has been where it will be.
    prober.run(|asked| asked >= targets.len() * 2)?;
    let cpu = || exporter.own("process_cpu_seconds_total");
    let before = cpu()?;
    let steady = prober.run(|asked| asked >= plan.probes.min(10_000))?;
    let cpu = cpu()? - before;
    let baseline = settled(&exporter, None)?;

    let (disturbed, disturbances, fleet) = disturb_under_probes(&prober, fleet, &plan)?;
    // Everybody answers again.
    let after = prober.run(|asked| asked >= targets.len() * 2)?;
    let end = settled(&exporter, Some(baseline.1))?;
    drop(fleet);
    let recovered = after.down == 0 && after.late == 0;
    Ok(Report { plan, steady, cpu, disturbed, disturbances, baseline, end, recovered })
}

/// Probes while the servers are disturbed, until both have been done often enough.
fn disturb_under_probes(
    prober: &Prober<'_>,
    fleet: Fleet,
    plan: &LoadPlan,
) -> Result<(Probes, usize, Fleet)> {
    if plan.disturbances == 0 {
        return Ok((Probes::default(), 0, fleet));
    }
    let (enough, port) = (AtomicBool::new(false), fleet.port());
    thread::scope(|scope| {
        let asking =
            scope.spawn(|| prober.run(|asked| asked >= plan.probes && enough.load(Ordering::Relaxed)));
        let mut fleet = fleet;
        let mut disturbances = 0;
        while disturbances < plan.disturbances || !asking.is_finished() && disturbances < plan.probes {
            fleet = disturb(fleet, port, plan, |result| prober.wait_for(result, || asking.is_finished()))?;
            disturbances += 1;
            enough.store(disturbances >= plan.disturbances, Ordering::Relaxed);
        }
        let disturbed = asking.join().ok().context("asking ended early")??;
        Ok((disturbed, disturbances, fleet))
    })
}

/// Kills the servers, restarts them, stalls and resumes them, each once probes show what was done before it.
fn disturb(
    fleet: Fleet,
    port: u16,
    plan: &LoadPlan,
    wait_for: impl Fn(ProbeResult) -> Result<()>,
) -> Result<Fleet> {
    wait_for(ProbeResult::Up)?;
    drop(fleet);
    wait_for(ProbeResult::Down)?;
    let fleet = Fleet::start_on(port, plan.targets, plan.delay_ms)?;
    wait_for(ProbeResult::Up)?;
    fleet.server.stall()?;
    wait_for(ProbeResult::Down)?;
    fleet.server.resume()?;
    Ok(fleet)
}

/// Memory and descriptors when nothing is under way any more, and no more descriptors are open than `expected`.
fn settled(exporter: &Exporter, expected: Option<usize>) -> Result<(usize, usize)> {
    let begun = Instant::now();
    loop {
        let is_idle = exporter.own("netsession_exporter_queries_in_flight")? == 0.0;
        // The connection that asked for that is closed a moment later.
        thread::sleep(Duration::from_millis(300));
        let descriptors = exporter.descriptors()?;
        let is_over = begun.elapsed() > PATIENCE;
        ensure!(is_idle || !is_over, "questions that do not end");
        if is_over || is_idle && expected.is_none_or(|expected| descriptors <= expected) {
            return Ok((exporter.resident_kib()?, descriptors));
        }
    }
}

impl Report {
    /// Fails where something is not as it must be.
    pub fn ensure_fine(&self) -> Result<()> {
        let Self { steady, disturbed, baseline, end, .. } = self;
        ensure!(steady.down == 0, "probes failed while nothing was wrong:\n{self}");
        let is_disturbed = self.plan.disturbances > 0;
        ensure!(!is_disturbed || disturbed.down > 0, "nothing was disturbed:\n{self}");
        ensure!(!is_disturbed || disturbed.up > 0, "nothing was answered between disturbances:\n{self}");
        ensure!(steady.late + disturbed.late == 0, "answers came after Prometheus had given up:\n{self}");
        ensure!(self.recovered, "not all servers answer again:\n{self}");
        ensure!(end.0 < baseline.0 + TOLERANCE_KIB, "memory grew:\n{self}");
        ensure!(end.1 <= baseline.1, "descriptors are lost:\n{self}");
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, steady, cpu, disturbed, disturbances, baseline, end, recovered } = self;
        let LoadPlan { targets, askers, concurrency, delay_ms, new_connections, scrape_timeout, .. } = plan;
        let connections = if *new_connections { "new" } else { "kept" };
        writeln!(
            f,
            "{connections} connections, {targets} targets, {askers} askers, concurrency {concurrency}, replies {delay_ms} ms late, scrape timeout {scrape_timeout} s"
        )?;
        let asked = (steady.up + steady.down) as f64;
        let (rate, each) = (asked / steady.took.as_secs_f64(), cpu / asked * 1e6);
        writeln!(
            f,
            "log_ons_at_once = 64, where the default is 2: over new connections its log-ons follow each other"
        )?;
        writeln!(f, "steady: {steady}")?;
        writeln!(f, "steady: {rate:.0} probes/s, {each:.0} µs of the exporter's processor time for each")?;
        writeln!(f, "disturbed {disturbances} times: {disturbed}")?;
        writeln!(f, "all servers answer again: {}", if *recovered { "yes" } else { "no" })?;
        writeln!(f, "memory: {} KiB before, {} KiB after", baseline.0, end.0)?;
        write!(f, "descriptors: {} before, {} after", baseline.1, end.1)
    }
}
