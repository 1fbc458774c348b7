//! `cargo xtask exporter-kept`: what connections that are kept between probes save.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use netsession_interop::compare::machine;
use netsession_interop::load::{self, KeptPlan};
use netsession_interop::page;

/// Probes over kept connections and over new ones, and the time to connect again after an outage.
#[derive(Parser)]
#[command(name = "cargo xtask exporter-kept")]
struct Options {
    #[command(flatten)]
    plan: KeptPlan,
    /// Put the section into the page.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/performance.md")]
    write: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let report = load::measure_kept(options.plan)?;
    println!("{report}");
    report.ensure_fine()?;
    options.write.map_or(Ok(()), |file| page::put_section(&file, &report.section(&machine())))
}
