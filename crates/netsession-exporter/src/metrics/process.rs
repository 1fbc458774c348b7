//! The resources of the process, under the names that every Prometheus exporter has. They are read from `/proc`; on
//! systems without it these metrics are left out.

use std::{fmt, fs};

use super::families::Families;
use crate::descriptors;

/// `USER_HZ`: the unit of the times in `/proc/self/stat`, 100 on every Linux that Rust supports.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) fn encode(families: &mut Families<'_>) -> fmt::Result {
    let memory = |name| status_kib(name).map(|kib| kib.saturating_mul(1024));
    families.gauge_if("process_resident_memory_bytes", "Resident memory size in bytes.", memory("VmRSS:"))?;
    families.gauge_if("process_virtual_memory_bytes", "Virtual memory size in bytes.", memory("VmSize:"))?;
    // Less one: the descriptor of the folder that is being read.
    let open = fs::read_dir("/proc/self/fd").ok().map(|folder| folder.count().saturating_sub(1));
    families.gauge_if("process_open_fds", "Number of open file descriptors.", open)?;
    families.gauge_if("process_max_fds", "Maximum number of open file descriptors.", descriptors::limit())?;
    match cpu_seconds() {
        Some(seconds) => families.counter(
            "process_cpu_seconds",
            "Total user and system CPU time spent in seconds.",
            seconds,
        ),
        None => Ok(()),
    }
}

fn status_kib(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the name of the program in parentheses, and may contain spaces and parentheses itself.
    let (_, after) = stat.rsplit_once(") ")?;
    let mut fields = after.split(' ').skip(11);
    let ticks = |field: Option<&str>| field.and_then(|field| field.parse::<u32>().ok()).map(f64::from);
    Some((ticks(fields.next())? + ticks(fields.next())?) / TICKS_PER_SECOND)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn linux_has_all_values() {
        assert!(status_kib("VmRSS:").unwrap() > 100);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
