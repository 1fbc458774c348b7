//! What it costs to watch servers: a refresh beside a fresh listing, and a watch of many servers on which people come and go.

use std::fmt;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Parser;
use netsession::{Client, Credentials, Password, Watch};
use netsession_testserver::{Host, Scenario, Server, ServerHandle, Traffic, scenario};
use tempfile::NamedTempFile;

use super::cost::{Cost, median};
use crate::account::{ADMIN, ALICE, DOUBLE_ADMIN};
use crate::many::Many;
use crate::netsession::List;
use crate::samba::Samba;
use crate::{port, process};

/// A refresh beside a fresh listing, and a watch of many servers on which people come and go.
#[derive(Clone, Copy, Debug, Parser)]
#[command(name = "cargo xtask watch-load")]
pub struct WatchPlan {
    /// Refreshes of one Samba with 1,000 sessions, and as many fresh listings.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub refreshes: u32,
    /// Servers whose watch must not grow.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub servers: usize,
    /// How long these are watched.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub minutes: u64,
}

const SESSIONS: usize = 1_000;
/// In one interval this many of a hundred sessions are other ones.
const CHANGED: usize = 5;
/// Maximum memory of a watched server.
const MOST_KIB_EACH: f64 = 24.0;
/// Round trips before the first refresh.
const CONNECTING: u64 = 4;
/// The first double; the others follow it.
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 79, 0, 1);

/// What a process has taken.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Of one core.
    cpu: f64,
    /// Memory after the first third, and at the end.
    resident_kib: [usize; 2],
    peak_kib: usize,
}

/// All of it.
#[derive(Debug)]
pub struct WatchReport {
    plan: WatchPlan,
    refresh: Cost,
    list: Cost,
    /// 10,000 sessions on 100 servers.
    hundred: Taken,
    /// [`WatchPlan::servers`], and one.
    many: Taken,
    one: Taken,
}

/// A watch of this many servers, for this many minutes, does not grow and takes no more memory than promised.
pub fn ensure_flat(servers: usize, minutes: u64) -> Result<()> {
    let time = Duration::from_secs(60 * minutes);
    let one = thread::spawn(|| watch(1, 4, 5, Duration::from_secs(30)));
    let many = watch(servers, 4, 5, time)?;
    let one = one.join().map_err(|_| anyhow!("the watch of one server has failed"))??;
    eprintln!("{:.1} KiB for each of {servers} servers: {many:?}", kib_each(&many, &one, servers));
    ensure_memory(&many, &one, servers)
}

fn ensure_memory(many: &Taken, one: &Taken, servers: usize) -> Result<()> {
    let each = kib_each(many, one, servers);
    ensure!(each <= MOST_KIB_EACH, "more than {MOST_KIB_EACH} KiB for each server: {each:.1}: {many:?}");
    let [settled, end] = many.resident_kib;
    ensure!(end <= settled + settled / 20 + 1024, "memory grows: {many:?}");
    Ok(())
}

/// Memory of one more server.
fn kib_each(many: &Taken, one: &Taken, servers: usize) -> f64 {
    many.resident_kib[1].saturating_sub(one.resident_kib[1]) as f64 / servers as f64
}

/// Measures it, one after the other.
pub fn run(plan: WatchPlan) -> Result<WatchReport> {
    let [refresh, list] = samba(plan.refreshes)?;
    let minute = Duration::from_secs(60);
    Ok(WatchReport {
        plan,
        refresh,
        list,
        hundred: watch(100, 100, 2, minute)?,
        one: watch(1, 4, 5, minute / 2)?,
        many: watch(plan.servers, 4, 5, Duration::from_secs(60 * plan.minutes))?,
    })
}

/// A refresh of a Samba, and a listing of it by a new process.
fn samba(times: u32) -> Result<[Cost; 2]> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let _sessions = Many::log_on(samba.address(), &[ALICE], SESSIONS, 10)?;
    let mut walls = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let refreshed = runtime.block_on(async {
        let who = Credentials::ntlm(ADMIN.name.parse()?, Password::new(ADMIN.password));
        let server = Client::builder(samba.address().to_string()).credentials(who);
        let mut refreshes = Watch::new().interval(Duration::from_millis(100)).start([server]);
        let mut before = Duration::ZERO;
        // The first is the connection, and the second knows the level.
        for number in 0..times + 2 {
            let refresh = refreshes.next().await.context("the watch has ended")?;
            let listing = refresh.result?.sessions;
            ensure!(listing.sessions().len() > SESSIONS, "{} sessions", listing.sessions().len());
            match number {
                0 => {}
                1 => before = samba.cpu()?,
                _ => walls.push(refresh.took),
            }
        }
        Ok(samba.cpu()?.saturating_sub(before) / times)
    })?;
    let refresh = Cost { wall: median(walls), server_cpu: refreshed };
    let mut walls = Vec::new();
    let before = samba.cpu()?;
    for _ in 0..times {
        let args = ["-f", "csv", "-l", "1", "--kerberos", "off"];
        let run = List::new(samba.address().to_string())?.login(ADMIN).args(&args).run()?.outcome;
        ensure!(run.code == Some(0), "{run:?}");
        walls.push(run.elapsed);
    }
    // The process of a connection that was closed ends a moment later.
    thread::sleep(Duration::from_millis(500));
    let server_cpu = samba.cpu()?.saturating_sub(before) / times;
    Ok([refresh, Cost { wall: median(walls), server_cpu }])
}

/// `netsession watch` on doubles whose sessions change all the time: as many refreshes as fit into `time` where nothing
/// else runs.
fn watch(servers: usize, sessions: usize, interval_s: u64, time: Duration) -> Result<Taken> {
    let (targets, doubles) = start_doubles(servers, sessions)?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| change(doubles.host(), &stop));
        let taken = watched(&targets, doubles.host().traffic(), interval_s, time);
        stop.store(true, Ordering::Relaxed);
        taken
    })
}

fn watched(targets: &[SocketAddr], traffic: &Traffic, interval_s: u64, time: Duration) -> Result<Taken> {
    let mut list = NamedTempFile::new()?;
    targets.iter().try_for_each(|target| writeln!(list, "{target}"))?;
    let list = list.path().to_str().context("a path that is no text")?;
    let (first, _) = targets.split_first().context("no server")?;
    let mut command = List::of_command("watch", first.to_string())?.login(DOUBLE_ADMIN).into_command();
    command.args([
        "-f",
        "jsonl",
        "--interval",
        &format!("{interval_s}s"),
        "--jobs",
        "64",
        "--servers-from",
        list,
    ]);
    let mut program = Program(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?);
    let id = program.0.id();
    let refreshed = |program: &mut Program, times: u64| {
        let round_trips = (CONNECTING + times) * targets.len() as u64;
        let begun = Instant::now();
        while traffic.round_trips() < round_trips {
            ensure!(program.0.try_wait()?.is_none(), "netsession watch has ended");
            ensure!(begun.elapsed() < process::PATIENCE + time, "no {times} refreshes of each");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    };
    let refreshes = time.as_secs() / interval_s;
    // Connections, and what the allocator keeps of them.
    refreshed(&mut program, refreshes / 3)?;
    let (begun, before) = (Instant::now(), process::cpu_of_tree(id)?);
    let resident = process::resident_kib(id)?;
    refreshed(&mut program, refreshes)?;
    let cpu = process::cpu_of_tree(id)?.saturating_sub(before);
    Ok(Taken {
        cpu: cpu.as_secs_f64() / begun.elapsed().as_secs_f64(),
        resident_kib: [resident, process::resident_kib(id)?],
        peak_kib: process::peak_kib(id)?,
    })
}

/// Ends when it is dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start_doubles(servers: usize, sessions: usize) -> Result<(Vec<SocketAddr>, ServerHandle)> {
    let scenario: Scenario = scenario::shipped("windows")?;
    let (first, port) = (FIRST.to_bits(), port::free());
    let servers = u32::try_from(servers)?;
    let addresses: Vec<SocketAddr> =
        (0..servers).map(|number| (Ipv4Addr::from_bits(first + number), port).into()).collect();
    let (addresses, handle) = Server::start_on(scenario, &addresses)?;
    let template = handle.host().sessions().snapshot().first().cloned().context("no session")?;
    let with_name = |number: usize| {
        let mut session = template.clone();
        session.client = format!(r"\\10.1.{}.{}", number / 250, number % 250);
        session
    };
    handle.host().sessions().replace((0..sessions).map(with_name).collect());
    Ok((addresses, handle))
}

/// Some sessions end and others begin, every second.
fn change(host: &Host, stop: &AtomicBool) {
    let mut number = 0_usize;
    while !stop.load(Ordering::Relaxed) {
        let mut sessions = host.sessions().snapshot().as_ref().clone();
        let count = (sessions.len() * CHANGED / 100).max(1);
        for _ in 0..count {
            let mut session = sessions.remove(0);
            number += 1;
            session.client = format!(r"\\10.2.{}.{}", number / 250 % 250, number % 250);
            session.time = Some(0);
            sessions.push(session);
        }
        host.sessions().replace(sessions);
        thread::sleep(Duration::from_secs(1));
    }
}

impl WatchReport {
    /// Fails where it takes more than it may.
    pub fn ensure_fine(&self) -> Result<()> {
        let Self { refresh, list, hundred, many, one, .. } = self;
        // With 1,000 sessions more than half of what a list costs Samba is the enumeration itself.
        ensure!(refresh.wall * 4 <= list.wall * 3, "more than three quarters of the time:\n{self}");
        ensure!(
            refresh.server_cpu * 4 <= list.server_cpu * 3,
            "more than three quarters of the server's processor time:\n{self}"
        );
        ensure!(hundred.cpu <= 0.05, "more than 5 % of a core:\n{self}");
        ensure!(hundred.peak_kib <= 64 * 1024, "more than 64 MiB:\n{self}");
        ensure_memory(many, one, self.plan.servers).with_context(|| self.to_string())
    }
}

impl fmt::Display for WatchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, refresh, list, hundred, many, one } = self;
        let share = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        writeln!(f, "| one Samba with 1,000 sessions | a refresh, ms | a fresh list, ms | share |")?;
        writeln!(f, "|---|---:|---:|---:|")?;
        for (name, a, b) in [
            ("wall time", refresh.wall, list.wall),
            ("processor time of the server", refresh.server_cpu, list.server_cpu),
        ] {
            let [a_ms, b_ms] = [a, b].map(|time| time.as_secs_f64() * 1e3);
            writeln!(f, "| {name} | {a_ms:.2} | {b_ms:.2} | {:.2} |", share(a, b))?;
        }
        writeln!(f, "\n| `netsession watch` | of a core | MiB, settled | MiB at the end | peak |")?;
        writeln!(f, "|---|---:|---:|---:|---:|")?;
        let minutes = plan.minutes;
        for (name, taken) in [
            ("100 servers with 10,000 sessions, every 2 s".to_owned(), hundred),
            ("1 server, every 5 s".to_owned(), one),
            (format!("{} servers, every 5 s, {minutes} minutes", plan.servers), many),
        ] {
            let [settled, end, peak] =
                [taken.resident_kib[0], taken.resident_kib[1], taken.peak_kib].map(|kib| kib as f64 / 1024.0);
            writeln!(f, "| {name} | {:.1} % | {settled:.1} | {end:.1} | {peak:.1} |", taken.cpu * 100.0)?;
        }
        write!(f, "\nmemory of each server: {:.1} KiB", kib_each(many, one, plan.servers))
    }
}
