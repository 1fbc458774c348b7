//! What a connection that is kept between probes saves, and what it takes to make a thousand of them again.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;

use super::cost::{Cost, median};
use crate::account::{ADMIN, ALICE};
use crate::exporter::{Exporter, value};
use crate::fleet::{ACCOUNTS, Fleet};
use crate::many::Many;
use crate::port;
use crate::samba::Samba;

/// Probes over kept connections and over new ones, and the time to connect again after an outage.
#[derive(Clone, Copy, Debug, Args)]
pub struct KeptPlan {
    /// Probes of one Samba in each round, of which there are five.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub probes: usize,
    /// Addresses of the double.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub targets: usize,
}

/// Maximum memory of a kept connection in the exporter.
const MOST_BYTES_EACH: f64 = 24.0 * 1024.0;

/// The scrape timeout of Prometheus.
const TIMEOUT: Duration = Duration::from_secs(10);
const ROUNDS: usize = 5;
/// What the doubles' replies are late by, as another country is.
const LATE_MS: u64 = 20;
/// Probes at the same time, as Prometheus makes them after an outage.
const ASKERS: usize = 64;

/// All of it.
#[derive(Debug)]
pub struct KeptReport {
    plan: KeptPlan,
    samba: [Cost; 2],
    late: [Duration; 2],
    bytes_each: f64,
    /// What else the machine did when the measurement began.
    load: f64,
    again: Vec<(u64, usize, Duration)>,
}

/// Measures it, one after the other.
pub fn run(plan: KeptPlan) -> Result<KeptReport> {
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default().parse()?;
    let samba = samba(plan.probes)?;
    let late = late()?;
    let bytes_each = bytes_each(plan.targets)?;
    let mut again = Vec::new();
    for delay_ms in [0, LATE_MS] {
        for log_ons_at_once in [2, 16] {
            again.push((delay_ms, log_ons_at_once, reconnect(plan.targets, delay_ms, log_ons_at_once)?));
        }
    }
    Ok(KeptReport { plan, samba, late, bytes_each, load, again })
}

/// A probe of a Samba with five sessions, over a kept connection and over a new one, in turn.
fn samba(probes: usize) -> Result<[Cost; 2]> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    // With the one that asks they are five.
    let _sessions = Many::log_on(samba.address(), &[ALICE], 4, 4)?;
    let exporters = both(&samba.address(), "credentials = 'samba'", "samba", &[("samba", ADMIN)])?;
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (exporter, costs) in exporters.iter().zip(&mut rounds) {
            let (begun, before) = (Instant::now(), samba.cpu()?);
            for _ in 0..probes {
                is_up(exporter, "fs1")?;
            }
            let wall = begun.elapsed();
            // The process of a connection that was closed ends a moment later.
            thread::sleep(Duration::from_millis(500));
            let each = u32::try_from(probes)?;
            let cost = Cost { wall: wall / each, server_cpu: samba.cpu()?.saturating_sub(before) / each };
            // The first round is the first connection.
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    Ok(rounds.map(|costs| Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        server_cpu: median(costs.iter().map(|cost| cost.server_cpu).collect()),
    }))
}

/// A probe of a server whose replies are late.
fn late() -> Result<[Duration; 2]> {
    let fleet = Fleet::start_on(port::free(), 1, LATE_MS)?;
    let address: SocketAddr = fleet.targets().concat().parse()?;
    let exporters = both(&address, "credentials = 'double'", "double", &ACCOUNTS)?;
    let mut walls = [Vec::new(), Vec::new()];
    for (exporter, walls) in exporters.iter().zip(&mut walls) {
        is_up(exporter, "fs1")?;
        for _ in 0..25 {
            let begun = Instant::now();
            is_up(exporter, "fs1")?;
            walls.push(begun.elapsed());
        }
    }
    Ok(walls.map(median))
}

/// An exporter that keeps the connection to `fs1`, and one that does not.
fn both(
    address: &SocketAddr,
    entry: &str,
    name: &str,
    accounts: &[(&str, crate::account::Account)],
) -> Result<[Exporter; 2]> {
    let login = accounts.first().context("no account")?.1.name;
    let start = |keep: bool| {
        let config = format!(
            "[servers]\nfs1 = {{ address = '{address}', {entry} }}\n[exporter]\nkeep_connections = {keep}\n\
             [credentials]\n{name} = {{ login = '{login}', password_file = '{name}.password' }}\n"
        );
        Exporter::start(&config, accounts)
    };
    Ok([start(true)?, start(false)?])
}

/// A kept connection takes no more memory than promised.
pub fn ensure_small(targets: usize) -> Result<()> {
    let bytes = bytes_each(targets)?;
    eprintln!("{bytes:.0} bytes for each of {targets} kept connections");
    ensure!(bytes <= MOST_BYTES_EACH, "{bytes} bytes for each of {targets} kept connections");
    Ok(())
}

/// Bytes that each kept connection takes in the exporter, with everything else that it knows of a target.
fn bytes_each(targets: usize) -> Result<f64> {
    // With these all that probes at the same time need has been in memory once.
    const FIRST: usize = 100;
    let fleet = Fleet::start_on(port::free(), FIRST + targets, 0)?;
    let exporter = Exporter::start(&config(&fleet, 16, true), &ACCOUNTS)?;
    let all = fleet.targets();
    let resident = |targets: &[String]| -> Result<usize> {
        for _ in 0..3 {
            all_up(&exporter, targets)?;
        }
        let kept = exporter.own("netsession_exporter_kept_connections")?;
        ensure!(kept == targets.len() as f64, "{kept} kept connections");
        exporter.resident_kib()
    };
    let first = all.get(..FIRST).context("too few targets")?;
    let (few, many) = (resident(first)?, resident(&all)?);
    Ok(many.saturating_sub(few) as f64 * 1024.0 / targets as f64)
}

/// How long all targets take to be connected again after they were all gone.
fn reconnect(targets: usize, delay_ms: u64, log_ons_at_once: usize) -> Result<Duration> {
    let port = port::free();
    let fleet = Fleet::start_on(port, targets, delay_ms)?;
    let exporter = Exporter::start(&config(&fleet, log_ons_at_once, true), &ACCOUNTS)?;
    all_up(&exporter, &fleet.targets())?;
    drop(fleet);
    let fleet = Fleet::start_on(port, targets, delay_ms)?;
    all_up(&exporter, &fleet.targets())
}

fn config(fleet: &Fleet, log_ons_at_once: usize, keep: bool) -> String {
    format!(
        "[exporter]\nlog_ons_at_once = {log_ons_at_once}\nkeep_connections = {keep}\n{}",
        fleet.configuration()
    )
}

/// Probes each target until it is up. Those that fail are probed again after the others.
fn all_up(exporter: &Exporter, targets: &[String]) -> Result<Duration> {
    const LIMIT: Duration = Duration::from_secs(300);
    let left: Mutex<VecDeque<&String>> = Mutex::new(targets.iter().collect());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let begun = Instant::now();
    let ask = || -> Result<()> {
        while let Some(target) = next() {
            ensure!(begun.elapsed() < LIMIT, "{target} is not up after {LIMIT:?}");
            let response = exporter.probe(target, TIMEOUT)?;
            if value(&response.body, "netsession_up") != Some(1.0) {
                left.lock().unwrap_or_else(PoisonError::into_inner).push_back(target);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let askers: Vec<_> = (0..ASKERS).map(|_| scope.spawn(ask)).collect();
        askers.into_iter().try_for_each(|asker| asker.join().map_err(|_| anyhow!("an asker panicked"))?)
    })?;
    Ok(begun.elapsed())
}

fn is_up(exporter: &Exporter, target: &str) -> Result<()> {
    let response = exporter.probe(target, TIMEOUT)?;
    ensure!(value(&response.body, "netsession_up") == Some(1.0), "{target}: {}", response.body);
    Ok(())
}

impl KeptReport {
    /// Fails where a kept connection saves less than it must.
    pub fn ensure_fine(&self) -> Result<()> {
        let Self { samba: [kept, new], late: [late_kept, late_new], bytes_each, .. } = self;
        ensure!(
            kept.server_cpu * 5 <= new.server_cpu,
            "more than a fifth of the server's processor time:\n{self}"
        );
        ensure!(kept.wall * 3 <= new.wall, "more than a third of the time:\n{self}");
        ensure!(late_kept.as_secs_f64() <= late_new.as_secs_f64() * 0.35, "replies are late:\n{self}");
        ensure!(*bytes_each <= MOST_BYTES_EACH, "more than 24 KiB for each connection:\n{self}");
        Ok(())
    }
}

impl KeptReport {
    /// For the page of measurements.
    pub fn section(&self, machine: &str) -> String {
        let Self { plan: KeptPlan { probes, .. }, load, .. } = self;
        format!(
            "## Kept connections\n\n\
             Made by `cargo xtask exporter-kept --write` on {machine}, with a\n\
             load average of {load:.0} from other work. What `keep_connections` saves: a Samba with five sessions, {probes} probes over a kept\n\
             connection and {probes} over new ones in turn, medians of five rounds, with the processor time of smbd and its helpers; and a\n\
             double whose replies are 20 ms late. Ratios count, not the times. The command fails beyond a bound.\n\n\
             {self}\n\
             The last table is an outage: all targets are gone, come back, and are probed by {ASKERS} askers at once, again and\n\
             again until each is up; a Prometheus asks once in its interval. Of the `log_ons_at_once` one is a reserve that waits for a log-on that stalls, so that with the default of\n\
             2 log-ons are one after the other, and take as long as their round trips. Raise it where that is too long.\n"
        )
    }
}

impl fmt::Display for KeptReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, samba: [kept, new], late: [late_kept, late_new], bytes_each, again, .. } = self;
        let ms = |time: &Duration| time.as_secs_f64() * 1e3;
        let share = |a: &Duration, b: &Duration| a.as_secs_f64() / b.as_secs_f64();
        writeln!(
            f,
            "| a probe | kept connection, ms | new connection, ms | share | bound |\n|---|---:|---:|---:|---:|"
        )?;
        for (name, a, b, bound) in [
            ("Samba, five sessions: wall time", &kept.wall, &new.wall, "0.33"),
            ("Samba, five sessions: its processor time", &kept.server_cpu, &new.server_cpu, "0.20"),
            ("double, replies 20 ms late: wall time", late_kept, late_new, "0.35"),
        ] {
            writeln!(f, "| {name} | {:.2} | {:.2} | {:.2} | {bound} |", ms(a), ms(b), share(a, b))?;
        }
        let (kib, most) = (bytes_each / 1024.0, MOST_BYTES_EACH / 1024.0);
        writeln!(f, "\nMemory of each kept connection: {kib:.1} KiB; bound: {most:.0} KiB.")?;
        writeln!(f, "\n| {} targets again | `log_ons_at_once` | seconds |\n|---|---:|---:|", plan.targets)?;
        for (delay_ms, at_once, took) in again {
            let network =
                if *delay_ms == 0 { "loopback".to_owned() } else { format!("each reply {delay_ms} ms late") };
            writeln!(f, "| {network} | {at_once} | {:.1} |", took.as_secs_f64())?;
        }
        Ok(())
    }
}
