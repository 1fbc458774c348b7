//! The programs for aarch64, run by qemu against the double.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::target::{TARGETS, Target};
use super::test::unpacked;
use crate::{install, sh, suites};

/// The tests with the double that are run: every shipped scenario, at every level, as an administrator and as a user. They
/// measure no time: under qemu the program is some ten times slower.
const TESTS: &str = "list::";

/// Tests with the double, for each of the programs in the packages.
pub(crate) fn run() -> Result<()> {
    install::packages(install::DIST_TESTS)?;
    install::packages(install::SAMBA)?;
    // The program with the tests looks for it, whichever of them are run.
    install::impacket()?;
    for target in TARGETS.iter().filter(|target| target.is_arm()) {
        let program = wrapper(target, &unpacked(target)?)?;
        let version = sh::read(sh::program(&program).arg("--version"))?;
        ensure!(version.contains(env!("CARGO_PKG_VERSION")), "{}: {version}", target.triple);
        eprintln!("{}: {}", target.triple, version.trim());
        let tests = || suites::interop(&["--test=double"], &program);
        let listed = sh::read(tests()?.args(["--", "--list", TESTS]))?;
        ensure!(listed.contains(TESTS), "no test is called {TESTS}: {listed}");
        // A test that is skipped shows nothing.
        let mut tests = tests()?;
        tests.arg("--").arg(TESTS).env("NETSESSION_INTEROP_REQUIRED", "1");
        suites::run_interop(&mut tests, &install::names())?;
    }
    Ok(())
}

/// A script that runs the program, as if it were for this machine.
fn wrapper(target: &Target, program: &Path) -> Result<PathBuf> {
    let script = sh::target().join("dist-staging").join(format!("{}.sh", target.triple));
    // Debian's cross compiler has the libraries that a Debian of that architecture has.
    let libraries = if target.is_static() { "" } else { "-L /usr/aarch64-linux-gnu " };
    let text = format!("#!/bin/sh\nexec qemu-aarch64 {libraries}'{}' \"$@\"\n", program.display());
    fs::write(&script, text).with_context(|| script.display().to_string())?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}
