//! Wall and CPU time of a whole process.

use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// What a run cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// From before the start to after the end.
    pub wall: Duration,
    /// User and system time of the process and the children that it waited for.
    pub cpu: Duration,
}

impl Cost {
    /// The median of each.
    pub fn medians(costs: &[Self]) -> Self {
        Self {
            wall: median(costs.iter().map(|cost| cost.wall)),
            cpu: median(costs.iter().map(|cost| cost.cpu)),
        }
    }
}

/// Runs a program; its output goes nowhere. One that fails has no cost that could be compared.
pub(super) fn run(command: &mut Command) -> Result<Cost> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
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
    ensure!(status == 0, "it failed, with wait status {status:#x}");
    // SAFETY: all zero bits are a valid value, and wait4 succeeded.
    let usage = unsafe { usage.assume_init() };
    Ok(Cost { wall, cpu: duration(usage.ru_utime) + duration(usage.ru_stime) })
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_micros(time.tv_usec.unsigned_abs())
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    match (times.len(), times.len() / 2) {
        (0, _) => Duration::ZERO,
        (length, middle) if length % 2 == 1 => times[middle],
        (_, middle) => (times[middle - 1] + times[middle]) / 2,
    }
}
