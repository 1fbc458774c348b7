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
