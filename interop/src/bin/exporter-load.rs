//! `cargo xtask exporter-load`: an exporter under load.

use anyhow::Result;
use clap::Parser;
use netsession_interop::load::{self, Plan};

fn main() -> Result<()> {
    let report = load::run(Plan::parse())?;
    println!("{report}");
    report.ensure_fine()
}
