//! `cargo xtask bench-sweep`: a fleet of doubles, listed side by side. `--write FILE` puts the section into the
//! page, `--rounds N` changes how often.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use netsession_interop::compare::machine;
use netsession_interop::page;
use netsession_interop::sweep::{CASES, Report, measure};

fn main() -> Result<()> {
    let (mut rounds, mut write) = (None, None::<PathBuf>);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--rounds" => rounds = Some(value.parse::<usize>()?),
            "--write" => write = Some(value.into()),
            _ => bail!("unknown argument {name}"),
        }
    }
    let mut report = Report::default();
    for mut case in CASES {
        case.rounds = rounds.unwrap_or(case.rounds);
        eprintln!("{case:?}");
        report.rows.extend(measure(case)?);
    }
    println!("{report}");
    match write {
        Some(file) => page::put_section(&file, &report.section(&machine())),
        None => Ok(()),
    }
}
