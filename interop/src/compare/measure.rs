//! Wall time, CPU time and memory of a whole process.

use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

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
pub(super) fn run(command: &mut Command) -> Result<Cost> {
    let (cost, status) = run_to_its_end(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    ensure!(status.success(), "it failed: {status}");
    Ok(cost)
}

/// Runs a program, however it ends.
pub fn run_to_its_end(command: &mut Command) -> Result<(Cost, ExitStatus)> {
    command.stdin(Stdio::null());
    let start = Instant::now();
    let child = command.spawn()?;
    let pid = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writes for the whole call, and the child is waited for here only:
    // `child` is not asked any more.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
    let wall = start.elapsed();
    ensure!(waited == pid, "wait4: {}", std::io::Error::last_os_error());
    // SAFETY: all zero bits are a valid value, and wait4 succeeded.
    let usage = unsafe { usage.assume_init() };
    // ru_maxrss is in KiB on Linux.
    let peak_kib = usage.ru_maxrss.unsigned_abs();
    let cost = Cost { wall, cpu: duration(usage.ru_utime) + duration(usage.ru_stime), peak_kib };
    Ok((cost, ExitStatus::from_raw(status)))
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
