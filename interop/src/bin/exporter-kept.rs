//! `cargo xtask exporter-kept`: what connections that are kept between probes save.

use anyhow::Result;
use clap::Parser;
use netsession_interop::load::{self, KeptPlan};

fn main() -> Result<()> {
    let report = load::measure_kept(KeptPlan::parse())?;
    println!("{report}");
    report.ensure_fine()
}
