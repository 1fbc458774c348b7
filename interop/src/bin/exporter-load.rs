//! `cargo xtask exporter-load`: `--probes N`, `--targets N`, `--askers N`, `--disturbances N`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use netsession_interop::load::{self, Plan};

fn main() -> Result<()> {
    let timeout = Duration::from_secs(2);
    let mut plan = Plan { probes: 10_000, targets: 1000, askers: 32, timeout, disturbances: 3 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} has no value"))?.parse()?;
        match name.as_str() {
            "--probes" => plan.probes = value,
            "--targets" => plan.targets = value,
            "--askers" => plan.askers = value,
            "--disturbances" => plan.disturbances = value,
            _ => bail!("unknown argument {name}"),
        }
    }
    let report = load::run(plan)?;
    println!("{report}");
    report.ensure_fine()
}
