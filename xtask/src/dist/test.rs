//! Tests of what `dist` has packed: the programs that users get, which are built otherwise than those of the other
//! tests, taken from where users take them.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::target::{Package, STATIC, TARGETS, Target};
use super::{build, check, installed};
use crate::{install, sh, suites, windows};

/// The tests with real servers that run the program, of the static one.
pub(crate) fn static_program() -> Result<()> {
    build::programs(&[STATIC])?;
    let program = build::path(STATIC);
    check::is_static(&program)?;
    suites::run_suites_with(suites::SAMBA, &program)
}

/// The tests under Wine, of the program in the archive for Windows.
pub(crate) fn exe() -> Result<()> {
    let target = TARGETS.iter().find(|target| target.package == Package::Windows).context("no Windows")?;
    suites::run_interop(&mut windows::tests_of(&unpacked(target)?)?, &install::names())
}

/// Install, upgrade, remove and purge of the Debian package, then the tests in a domain of the program in it.
pub(crate) fn debian() -> Result<()> {
    let target = TARGETS
        .iter()
        .find(|target| target.package == Package::Debian("amd64"))
        .context("no package for this machine")?;
    installed::run(&packed(target)?)?;
    suites::run_suites_with(suites::DOMAIN, &unpacked(target)?)
}

/// What users download for a system.
pub(super) fn packed(target: &Target) -> Result<PathBuf> {
    is_there(sh::target().join("dist").join(target.download()))
}

/// The program in what users download for a system, as `dist` has unpacked it to look at it.
pub(super) fn unpacked(target: &Target) -> Result<PathBuf> {
    let (folder, program) = match target.package {
        Package::Debian(_) => (target.download(), "usr/bin/netsession".to_owned()),
        Package::Static | Package::Windows => {
            (target.name(), format!("{}/{}", target.name(), target.file_name()))
        }
    };
    is_there(check::place(&sh::target().join("dist-staging"), &folder).join(program))
}

fn is_there(file: PathBuf) -> Result<PathBuf> {
    ensure!(file.is_file(), "{} is not there: cargo xtask dist", file.display());
    Ok(file)
}
