//! A wrong password in front of servers whose refusals are late: how many log-ons reach them.

mod exporter;
mod fleet;
mod kerberos;
mod report;

pub use exporter::{exporter, password_changed};
pub use fleet::{LateFleet, list};
pub use kerberos::LateController;
pub use report::{Report, Row};

use std::time::Duration;

use anyhow::{Result, bail, ensure};

/// The delays of the table.
pub const DELAYS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(12),
];
/// Servers in each case.
pub const SERVERS: u8 = 40;
/// The log-ons that a wrong password may make.
pub const BOUND: usize = 2;

/// Counts the log-ons of `ask`: one, or two. On a machine so busy that none is sent before the deadline there is none, and
/// that shows nothing: then all times are multiplied by what `ask` is given.
///
/// # Errors
/// There are more, or none although all times were multiplied by 8.
pub fn one_or_two(case: &str, ask: impl Fn(u32) -> Result<usize>) -> Result<()> {
    for scale in [1, 2, 4, 8] {
        let log_ons = ask(scale)?;
        ensure!(log_ons <= BOUND, "{case}: {log_ons} log-ons");
        if log_ons > 0 {
            return Ok(());
        }
    }
    bail!("{case}: no log-on was sent")
}
