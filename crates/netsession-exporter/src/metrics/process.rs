//! What the process takes, as every exporter tells it. Where there is no `/proc`, nothing is told.

use std::fs;

use super::Exposition;

/// How many a second there are of what `/proc/self/stat` counts processor time in, on every Linux.
const TICKS: f64 = 100.0;

pub(super) fn add(metrics: &mut Exposition) {
    metrics.gauge_if("process_resident_memory_bytes", "Memory that is resident.", kib("VmRSS:").map(bytes));
    metrics.gauge_if("process_virtual_memory_bytes", "Memory that is mapped.", kib("VmSize:").map(bytes));
    // One of them is that of the folder.
    let open = fs::read_dir("/proc/self/fd").ok().map(|folder| folder.count().saturating_sub(1));
    metrics.gauge_if("process_open_fds", "Open file descriptors.", open);
    metrics.gauge_if("process_max_fds", "How many file descriptors may be open.", most_descriptors());
    if let Some(seconds) = cpu_seconds() {
        let none = Vec::new();
        metrics.counters(
            "process_cpu_seconds",
            "Processor time, of user and system.",
            [(none, seconds.into())],
        );
    }
}

fn kib(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

fn bytes(kib: u64) -> u64 {
    kib.saturating_mul(1024)
}

/// The limit of this process.
pub(crate) fn most_descriptors() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses, and may have anything in it.
    let (_, after) = stat.rsplit_once(") ")?;
    let mut fields = after.split(' ').skip(11);
    let ticks = |field: Option<&str>| field.and_then(|field| field.parse::<u32>().ok()).map(f64::from);
    Some((ticks(fields.next())? + ticks(fields.next())?) / TICKS)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_tells() {
        assert!(kib("VmRSS:").unwrap() > 100);
        assert!(most_descriptors().unwrap() > 3);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
