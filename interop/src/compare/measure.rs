//! Wall time, CPU time and memory of a whole process.

use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::NamedTempFile;

/// What a run cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// From before the start to after the end.
    pub wall: Duration,
    /// User and system time of the process and the children that it waited for.
    pub cpu: Duration,
    /// The most memory that it held at once, in KiB.
    pub peak_kib: u64,
}

impl Cost {
    /// The median of each.
    pub fn medians(costs: &[Self]) -> Self {
        Self {
            wall: median(costs.iter().map(|cost| cost.wall)),
            cpu: median(costs.iter().map(|cost| cost.cpu)),
            peak_kib: median_of(costs.iter().map(|cost| cost.peak_kib), |one, other| (one + other) / 2),
        }
    }
}

/// Runs a program; its output goes nowhere. One that fails has no cost that could be compared.
pub(crate) fn run(command: &Command) -> Result<Cost> {
    let (cost, status) = run_to_its_end(command)?;
    ensure!(status.success(), "it failed: {status}");
    Ok(cost)
}

/// Runs a program, however it ends, without input and without output.
///
/// Another process starts it, which has next to no memory: the kernel counts as the most memory of a process
/// also what the process had that has started it.
pub fn run_to_its_end(command: &Command) -> Result<(Cost, ExitStatus)> {
    let report = NamedTempFile::new()?;
    let mut launcher = Command::new(launcher()?);
    launcher.arg(report.path()).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => launcher.env(name, value),
            None => launcher.env_remove(name),
        };
    }
    let status = launcher.stdin(Stdio::null()).status()?;
    ensure!(status.success(), "the launcher failed: {status}");
    let report = std::fs::read_to_string(report.path())?;
    let numbers: Vec<u64> = report.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [wall, cpu, peak_kib, status] = numbers[..] else { bail!("the launcher wrote: {report}") };
    let cost = Cost { wall: Duration::from_micros(wall), cpu: Duration::from_micros(cpu), peak_kib };
    Ok((cost, ExitStatus::from_raw(i32::try_from(status)?)))
}

/// Beside the tests in the target folder, or beside the program that measures.
fn launcher() -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let mut paths = me.ancestors().skip(1).take(2).map(|folder| folder.join("launcher"));
    paths.find(|path| path.exists()).context("not built: cargo build -p netsession-interop --bin launcher")
}

/// What the launcher does: runs a program, and writes microseconds of wall time and of CPU, KiB and status.
pub fn launch(report: &Path, command: &mut Command) -> Result<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let child = command.spawn()?;
    let pid = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writes for the whole call, and the child is waited for here only:
    // `child` is not asked any more.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
    let wall = start.elapsed().as_micros();
    ensure!(waited == pid, "wait4: {}", std::io::Error::last_os_error());
    // SAFETY: all zero bits are a valid value, and wait4 succeeded.
    let usage = unsafe { usage.assume_init() };
    let cpu = (duration(usage.ru_utime) + duration(usage.ru_stime)).as_micros();
    // ru_maxrss is in KiB on Linux.
    std::fs::write(report, format!("{wall} {cpu} {} {status}\n", usage.ru_maxrss.unsigned_abs()))?;
    Ok(())
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    median_of(times, |one, other| (one + other) / 2)
}

fn median_of<T: Copy + Ord + Default>(values: impl Iterator<Item = T>, between: fn(T, T) -> T) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    match (values.len(), values.len() / 2) {
        (0, _) => T::default(),
        (length, middle) if length % 2 == 1 => values[middle],
        (_, middle) => between(values[middle - 1], values[middle]),
    }
}
