//! `cargo xtask test`: unit tests, then the tests with real servers.

use std::path::PathBuf;

use anyhow::Result;

use crate::parts::{self, Part};
use crate::{install, sh};

const PARTS: &[Part] = &[("unit tests", unit), ("tests with other people's", interop)];

/// What `--install` does before.
const INSTALL: Part = ("packages", install::for_tests);

pub(crate) fn run(with_install: bool) -> Result<()> {
    let mut parts = PARTS.to_vec();
    if with_install {
        parts.insert(0, INSTALL);
    }
    parts::run(if with_install { "test --install" } else { "test" }, &parts)
}

/// Everything that needs no other machine and no server.
fn unit() -> Result<()> {
    sh::run(&mut sh::cargo(&["test", "--workspace", "--exclude", "netsession-interop"]))
}

/// With NETSESSION_INTEROP_REQUIRED in the environment, tests that this machine cannot run are a failure.
fn interop() -> Result<()> {
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--no-fail-fast"]);
    let binary = build(&[])?;
    let server = binary.with_file_name("netsession-testserver");
    sh::run(&mut sh::cargo(&["build", "--package", "netsession-testserver"]))?;
    let result = sh::run(tests.env("NETSESSION_BIN", binary).env("NETSESSION_TESTSERVER_BIN", server));
    let names = [install::SAMBA, install::CLIENTS, install::DOMAIN].concat().join(" ");
    eprintln!("What was missing stands above, as do the names of the tests that were ignored because of it.");
    eprintln!("On Debian `cargo xtask test --install` installs it: {}.", names);
    result
}

/// Builds the program, and gives its path.
pub(crate) fn build(more: &[&str]) -> Result<PathBuf> {
    sh::run(sh::cargo(&["build", "--package", "netsession-cli", "--bin", "netsession"]).args(more))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| sh::root().join("target"), PathBuf::from);
    let profile = if more.contains(&"--release") { "release" } else { "debug" };
    Ok(sh::root().join(target).join(profile).join("netsession"))
}
