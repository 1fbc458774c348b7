//! `cargo xtask exporter-load`

use anyhow::Result;
use clap::Args;

use crate::{sh, test};

/// How many, of what.
#[derive(Args)]
pub(crate) struct Options {
    /// Probes while servers are killed, stalled and restarted.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    probes: usize,
    /// Addresses of the double.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    targets: usize,
    /// How many probes are under way at the same time.
    #[arg(long, value_name = "N", default_value_t = 32)]
    askers: usize,
    /// How often servers are killed, restarted, stalled and let go on, at least.
    #[arg(long, value_name = "N", default_value_t = 3)]
    disturbances: usize,
}

/// As its users have it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let program = test::build(&["--release"])?;
    sh::run(&mut sh::cargo(&["build", "--release", "--package", "netsession-testserver"]))?;
    let server = sh::target().join("release").join("netsession-testserver");
    let run =
        ["run", "--quiet", "--release", "--package", "netsession-interop", "--bin", "exporter-load", "--"];
    let mut load = sh::cargo(&run);
    for (name, number) in [
        ("--probes", options.probes),
        ("--targets", options.targets),
        ("--askers", options.askers),
        ("--disturbances", options.disturbances),
    ] {
        load.args([name, &number.to_string()]);
    }
    sh::run(load.env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server))
}
