//! `cargo xtask test`: unit tests, then the tests with real servers.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::parts::{self, Part};
use crate::{install, sh, windows};

const PARTS: &[Part] = &[
    ("unit tests", unit),
    ("tests with real servers", interop),
    ("tests with Prometheus", prometheus),
    ("tests in a domain", domain),
    ("tests under Wine", windows::test),
];

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
    with_samba(&build(&[])?)
}

/// The tests with Samba, of this program.
pub(crate) fn with_samba(program: &Path) -> Result<()> {
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--no-fail-fast"]);
    let others = ["--lib", "--bins", "--test", "harness", "--test", "samba", "--test", "double"];
    tests.args(others).args(["--test", "perl", "--test", "guide"]);
    sh::run(&mut sh::cargo(&["build", "--package", "netsession-testserver"]))?;
    let server = sh::target().join("debug").join("netsession-testserver");
    let result = sh::run(tests.env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server));
    tell_of_the_missing();
    result
}

/// The exporter, scraped by Prometheus, as [`interop`].
fn prometheus() -> Result<()> {
    let program = build(&[])?;
    sh::run(&mut sh::cargo(&["build", "--package", "netsession-testserver"]))?;
    let server = sh::target().join("debug").join("netsession-testserver");
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--test", "exporter"]);
    let result = sh::run(tests.env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server));
    tell_of_the_missing();
    result
}

/// The tests in a domain with Kerberos, as [`interop`].
fn domain() -> Result<()> {
    in_a_domain(&build(&[])?)
}

/// The tests in a domain, of this program.
pub(crate) fn in_a_domain(program: &Path) -> Result<()> {
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--test", "domain"]);
    let result = sh::run(tests.env("NETSESSION_BIN", program));
    tell_of_the_missing();
    result
}

fn tell_of_the_missing() {
    eprintln!("What was missing stands above, as do the names of the tests that were ignored because of it.");
    eprintln!("On Debian `cargo xtask test --install` installs it: {}.", install::names().join(" "));
}

/// Builds the program, and gives its path.
pub(crate) fn build(more: &[&str]) -> Result<PathBuf> {
    sh::run(sh::cargo(&["build", "--package", "netsession-cli", "--bin", "netsession"]).args(more))?;
    let profile = if more.contains(&"--release") { "release" } else { "debug" };
    Ok(sh::target().join(profile).join("netsession"))
}
