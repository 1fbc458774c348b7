//! The tests of the workspace, as their programs list them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{sh, suites};

/// What the names of the tests with real servers begin with.
pub(crate) const SUITES: &str = "interop::";

/// `program::module::test`, without doc tests. The programs are those that `cargo xtask test` runs, so that nothing
/// is built twice.
pub(crate) fn tests() -> Result<Vec<String>> {
    let unit = ["test", "--workspace", "--exclude", "netsession-interop", "--lib", "--bins", "--tests"];
    let mut interop = vec!["test", "--package", "netsession-interop"];
    interop.extend(suites::all());
    let mut tests = Vec::new();
    for (arguments, before) in [(unit.as_slice(), ""), (&interop, SUITES)] {
        for built in executables(sh::cargo(arguments).arg("--no-run"))?.iter().filter(|built| built.is_test) {
            let list = sh::read(Command::new(&built.path).args(["--list", "--format", "terse"]))?;
            let listed = list.lines().filter_map(|line| line.strip_suffix(": test"));
            tests.extend(listed.map(|test| format!("{before}{}::{test}", built.target)));
        }
    }
    ensure!(!tests.is_empty(), "no test program lists a test");
    Ok(tests)
}

/// A program that cargo has built.
struct Built {
    target: String,
    path: PathBuf,
    is_test: bool,
}

/// Runs a cargo that builds.
fn executables(cargo: &mut Command) -> Result<Vec<Built>> {
    let messages = sh::read(cargo.args(["--message-format", "json-render-diagnostics"]))?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = messages.filter_map(|message| {
        let path = Path::new(message["executable"].as_str()?).to_owned();
        let target = message["target"]["name"].as_str()?.replace('-', "_");
        Some(Built { target, path, is_test: message["profile"]["test"] == true })
    });
    Ok(built.collect())
}

/// Runs a cargo that builds one program, and gives its path.
pub(crate) fn executable(cargo: &mut Command) -> Result<PathBuf> {
    executables(cargo)?.pop().map(|built| built.path).context("cargo has built no executable")
}
