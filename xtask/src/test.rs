//! `cargo xtask test`

use std::path::PathBuf;

use anyhow::Result;

use crate::{install, sh, windows};

pub(crate) fn run(with_install: bool) -> Result<()> {
    if with_install {
        install::packages(install::SAMBA)?;
        install::packages(install::WINE)?;
    }
    unit()?;
    interop(false)?;
    windows::test(false)
}

/// Everything that needs no other machine and no server.
pub(crate) fn unit() -> Result<()> {
    sh::run(&mut sh::cargo(&["test", "--workspace", "--exclude", "netsession-interop"]))
}

/// The tests with a real Samba. With `required`, tests that this machine cannot run are a failure.
pub(crate) fn interop(required: bool) -> Result<()> {
    let binary = build(&[])?;
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--no-fail-fast"]);
    tests.args(["--lib", "--bins", "--test", "harness", "--test", "samba"]);
    tests.env("NETSESSION_BIN", binary);
    if required {
        tests.env("NETSESSION_INTEROP_REQUIRED", "1");
    }
    let result = sh::run(&mut tests);
    eprintln!("What was missing stands above, as do the names of the tests that were ignored because of it.");
    eprintln!("On Debian `cargo xtask test --install` installs it: {}.", install::SAMBA.join(" "));
    result
}

/// Builds the program, and gives its path.
pub(crate) fn build(more: &[&str]) -> Result<PathBuf> {
    sh::run(sh::cargo(&["build", "--package", "netsession-cli", "--bin", "netsession"]).args(more))?;
    let profile = if more.contains(&"--release") { "release" } else { "debug" };
    Ok(sh::target().join(profile).join("netsession"))
}
