//! Tests of what `dist` has packed: the programs that users get, which are built otherwise than those of the other
//! tests, taken from where users take them.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{STATIC, build, check, file_name, name};
use crate::{sh, test, windows};

/// The tests with real servers, of the static program.
pub(crate) fn static_program() -> Result<()> {
    let program = build(STATIC)?;
    check::is_static(&program)?;
    test::run_suites(test::SAMBA, &program)
}

/// The tests under Wine, of the program in the archive for Windows.
pub(crate) fn exe() -> Result<()> {
    let name = name(windows::TARGET);
    let program = unpacked(&format!("{name}/{name}/{}", file_name(windows::TARGET)))?;
    sh::run(&mut windows::tests_of(&program)?)
}

/// The tests in a domain, of the program in the Debian package.
pub(crate) fn debian() -> Result<()> {
    test::run_suites(test::DOMAIN, &unpacked("netsession.deb/usr/bin/netsession")?)
}

fn unpacked(path: &str) -> Result<PathBuf> {
    let program = check::place(&sh::target().join("dist-staging"), path);
    ensure!(program.is_file(), "{} is not there: cargo xtask dist", program.display());
    Ok(program)
}
