//! `cargo xtask memory`: what servers with up to 900,000 sessions cost.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use netsession_interop::{memory, page};

/// Peak memory of the command and of the exporter with very many sessions, and whether it keeps to its limits.
#[derive(Parser)]
#[command(name = "cargo xtask memory")]
struct Options {
    /// Put the section into the page.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/performance.md")]
    write: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let report = memory::measure()?;
    println!("{report}");
    report.ensure_fine()?;
    options.write.map_or(Ok(()), |file| page::put_section(&file, &report.section()))
}
