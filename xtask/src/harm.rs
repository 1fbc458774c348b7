//! `cargo xtask harm`

use anyhow::Result;
use clap::Args;

use crate::{install, sh};

/// How many, and which.
#[derive(Args)]
pub(crate) struct Options {
    /// First installs what is missing (Debian).
    #[arg(long)]
    install: bool,
    /// Half of them go to the double, half to a private Samba.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    connections: usize,
    /// The same seed makes the same plans.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Not optimised, so that an arithmetic overflow is a panic.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.install {
        install::packages(install::SAMBA)?;
    }
    let mut harm = sh::cargo(&["run", "--quiet", "--package", "netsession-interop", "--bin", "harm", "--"]);
    harm.args(["--connections", &options.connections.to_string(), "--seed", &options.seed.to_string()]);
    sh::run(&mut harm)
}
