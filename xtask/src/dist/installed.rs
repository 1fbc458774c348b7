//! The Debian package is installed, upgraded, removed and purged, in a Debian 13 that nothing is left of.

use std::env;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::sh;

/// What is done and looked at, as root in a mount namespace of its own.
const SCRIPT: &str = include_str!("installed.sh");

pub(super) fn run(package: &Path) -> Result<()> {
    let prepare = ["run", "--quiet", "--package", "netsession-interop", "--bin", "debian13"];
    if let Err(error) = sh::run(&mut sh::cargo(&prepare)) {
        // A mirror may lack it, and it is made as root only.
        eprintln!("skipped: installing the Debian package, because there is no Debian 13: {error:#}");
        ensure!(env::var_os("NETSESSION_INTEROP_REQUIRED").is_none() || !is_root()?, "no Debian 13 for root");
        return Ok(());
    }
    let mut test = sh::program("unshare");
    test.args(["--mount", "--propagation", "private", "sh", "-euc", SCRIPT]);
    test.env("PACKAGE", package).env("DEBIAN13", sh::root().join("target/debian13"));
    sh::run(&mut test).context("installing the Debian package")
}

fn is_root() -> Result<bool> {
    Ok(sh::read(sh::program("id").arg("-u"))?.trim() == "0")
}
