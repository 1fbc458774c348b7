//! The program for Windows: built here, and run under Wine.

mod mutants;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) use mutants::run as mutants;

use crate::{install, runner, rustup, sh, suites};

pub(crate) const TARGET: &str = "x86_64-pc-windows-gnu";

/// The tests under Wine, or why there are none; with NETSESSION_INTEROP_REQUIRED in the environment that is a failure.
pub(crate) fn test() -> Result<()> {
    if let Err(why) = can_build() {
        ensure!(std::env::var_os("NETSESSION_INTEROP_REQUIRED").is_none(), "no tests under Wine: {why:#}");
        eprintln!("missing: {why:#}; all tests under Wine are ignored\nskipped: all tests under Wine");
        return Ok(());
    }
    let (program, library_tests) = (program(sh::cargo)?, library_tests()?);
    suites::run_interop(tests_of(&program)?.env("NETSESSION_WINDOWS_TESTS", library_tests), &install::names())
}

/// What [`test()`] runs, where this machine can build it.
pub(crate) fn build() -> Result<()> {
    if can_build().is_ok() {
        program(sh::cargo)?;
        library_tests()?;
    }
    Ok(())
}

/// The tests of the library itself.
fn library_tests() -> Result<PathBuf> {
    let tests = ["test", "--no-run", "--package", "netsession", "--lib"];
    runner::executable(&mut for_windows(sh::cargo(&tests)))
}

/// Whether this machine can build for Windows at all; what else the tests need they look for themselves.
fn can_build() -> Result<()> {
    rustup::add(TARGET)?;
    let linker = sh::program("x86_64-w64-mingw32-gcc").arg("--version").output();
    linker.map(|_| ()).context("x86_64-w64-mingw32-gcc (Debian package gcc-mingw-w64-x86-64)")
}

/// The program for Windows, from the sources where this cargo runs.
fn program(cargo: impl Fn(&[&str]) -> Command) -> Result<PathBuf> {
    runner::executable(&mut for_windows(cargo(&[
        "build",
        "--package",
        "netsession-cli",
        "--bin",
        "netsession",
    ])))
}

/// The tests under Wine, of this program.
pub(crate) fn tests_of(program: &Path) -> Result<Command> {
    // The program of this system is what the one for Windows is compared with.
    let mut tests = suites::interop(suites::WINE, &suites::build(&[])?)?;
    tests.env("NETSESSION_EXE", program);
    Ok(tests)
}

/// Without debug information Wine starts a program several times faster. Not by the profile: what is built for this machine on
/// the way, as procedural macros are, would be built again.
fn for_windows(mut cargo: Command) -> Command {
    cargo.args(["--target", TARGET]);
    cargo.env(sh::target_variable(TARGET, "RUSTFLAGS"), "-Cdebuginfo=0 -Cstrip=symbols");
    cargo
}
