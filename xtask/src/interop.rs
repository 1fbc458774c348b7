//! The programs of `interop`: what is measured and shown with real servers.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;

use crate::{install, sh, suites};

/// What each program has in common; the rest it reads itself.
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first (Debian); must come first.
    #[arg(long)]
    install: bool,
    /// Options of the program; `-- --help` explains them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// Measured as its users have it.
pub(crate) const RELEASE: &[&str] = &["--release"];
/// Not optimised, so that an arithmetic overflow is a panic.
pub(crate) const DEBUG: &[&str] = &[];

/// Builds and runs one, with the programs that it starts.
pub(crate) fn run(name: &str, profile: &[&str], packages: &[&[&str]], options: &Options) -> Result<()> {
    if options.install {
        install::packages(&packages.concat())?;
    }
    let program = suites::build(profile)?;
    let server = suites::build_server(profile)?;
    let interop = ["--quiet", "--package", "netsession-interop"];
    // What starts the programs that are measured.
    sh::run(sh::cargo(&["build"]).args(interop).args(profile).args(["--bin", "launcher"]))?;
    let mut run = sh::cargo(&["run"]);
    run.args(interop).args(profile).args(["--bin", name, "--"]).args(&options.options);
    sh::run(run.env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server))
}
