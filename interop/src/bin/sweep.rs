//! `cargo xtask bench-sweep`: a fleet of doubles, listed side by side.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use netsession_interop::compare::machine;
use netsession_interop::page;
use netsession_interop::sweep::{CASES, Report, measure};

/// A fleet of servers, listed by netsession and by rpcclient under xargs.
#[derive(Parser)]
#[command(name = "cargo xtask bench-sweep")]
struct Options {
    /// Put the section into the page.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/performance.md")]
    write: Option<PathBuf>,
    /// Measured runs of each client.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mut report = Report::default();
    for mut case in CASES {
        case.rounds = options.rounds.unwrap_or(case.rounds);
        eprintln!("{case:?}");
        report.rows.extend(measure(case)?);
    }
    println!("{report}");
    options.write.map_or(Ok(()), |file| page::put_section(&file, &report.section(&machine())))
}
