//! `cargo xtask watch-load`: what it costs to watch servers.

use anyhow::Result;
use clap::Parser;
use netsession_interop::load::{self, WatchPlan};

fn main() -> Result<()> {
    let report = load::measure_watched(WatchPlan::parse())?;
    println!("{report}");
    report.ensure_fine()
}
