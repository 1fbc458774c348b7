//! `cargo xtask bench --perl`: what a listing through Perl costs. Fails where it is more than promised.

use std::process::ExitCode;

use anyhow::Result;
use netsession_interop::compare::PerlCost;
use netsession_interop::needs::{self, Need};

fn main() -> Result<ExitCode> {
    needs::ensure_all(&[Need::Samba, Need::Perl])?;
    let cost = PerlCost::measure(10_000, 20)?;
    println!("{cost}");
    Ok(if cost.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
