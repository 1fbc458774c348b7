//! `launcher REPORT PROGRAM ARGUMENTS…`: runs a program and writes what it cost; see `compare::measure`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use netsession_interop::compare::measure::launch;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let report = arguments.next().context("no report")?;
    let program = arguments.next().context("no program")?;
    launch(Path::new(&report), Command::new(program).args(arguments))
}
