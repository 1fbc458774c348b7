//! The store as its users see it: one process records, any number of others ask.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

mod damage;
mod erase;
mod file;
mod full;
mod kill;
#[cfg(target_os = "linux")]
mod question;
mod record;
mod size;
#[cfg(unix)]
#[path = "../../../netsession-cli/tests/command/support/skip.rs"]
mod skip;
mod support;
