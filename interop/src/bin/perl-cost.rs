//! `cargo xtask bench --perl`: what a listing through Perl costs. Fails where it is more than promised.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use netsession_interop::compare::PerlCost;
use netsession_interop::{needs, perl};

fn main() -> Result<ExitCode> {
    let missing = [needs::missing(), perl::missing()].concat();
    ensure!(missing.is_empty(), "missing: {}", missing.join("; "));
    let cost = PerlCost::measure(10_000, 20)?;
    println!("{cost}");
    Ok(if cost.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
