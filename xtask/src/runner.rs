//! The tests of the workspace, as their programs list them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::sh;

/// What the names of the tests with real servers begin with.
pub(crate) const SUITES: &str = "interop::";

/// `program::module::test`, without doc tests. The programs are those that `cargo xtask test` runs, so that nothing
/// is built twice.
pub(crate) fn tests() -> Result<Vec<String>> {
    let unit = ["test", "--workspace", "--exclude", "netsession-interop", "--lib", "--bins", "--tests"];
    let interop = ["test", "--package", "netsession-interop", "--tests"];
    let mut tests = Vec::new();
    for (arguments, before) in [(unit.as_slice(), ""), (&interop, SUITES)] {
        for (name, program) in executables(sh::cargo(arguments).arg("--no-run"))? {
            // As cargo runs them: in the folder of their package.
            let list = sh::read(Command::new(&program).args(["--list", "--format", "terse"]))?;
            let listed = list.lines().filter_map(|line| line.strip_suffix(": test"));
            tests.extend(listed.map(|test| format!("{before}{name}::{test}")));
        }
    }
    ensure!(!tests.is_empty(), "no test program lists a test");
    Ok(tests)
}

/// Runs a cargo that builds, and gives what can be executed, with the name of its target.
pub(crate) fn executables(cargo: &mut Command) -> Result<Vec<(String, PathBuf)>> {
    let messages = sh::read(cargo.args(["--message-format", "json-render-diagnostics"]))?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = messages.filter_map(|message| {
        let path = Path::new(message["executable"].as_str()?).to_owned();
        Some((message["target"]["name"].as_str()?.replace('-', "_"), path))
    });
    Ok(built.collect())
}

/// The only one.
pub(crate) fn executable(cargo: &mut Command) -> Result<PathBuf> {
    executables(cargo)?.pop().map(|(_, path)| path).context("cargo has built no executable")
}
