//! `cargo xtask exporter-load`: an exporter under load.

use anyhow::Result;
use clap::Parser;
use netsession_interop::load::{self, LoadPlan};

fn main() -> Result<()> {
    let report = load::run(LoadPlan::parse())?;
    println!("{report}");
    report.ensure_fine()
}
