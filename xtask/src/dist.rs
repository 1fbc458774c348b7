//! `cargo xtask dist`: what users download.

mod archive;
mod check;
mod contents;
mod debian;
mod test;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use test::{debian as test_debian, exe as test_exe, static_program as test_static};

use self::contents::emptied;
use crate::{install, rustup, sh, windows};

/// Runs on every Linux: nothing is linked dynamically, and so nothing can be loaded either, Kerberos least of all.
const STATIC: &str = "x86_64-unknown-linux-musl";
/// Runs on Debian, and loads what Kerberos there is.
const DEBIAN: &str = "x86_64-unknown-linux-gnu";

/// Builds the program for each system, packs it, looks at what was packed, and prints the size of each.
pub(crate) fn run(with_install: bool) -> Result<()> {
    if with_install {
        install::packages(install::DIST)?;
    }
    let (out, staging) = (emptied(sh::target().join("dist"))?, emptied(sh::target().join("dist-staging"))?);
    let program = build(DEBIAN)?;
    let contents = contents::write(&program)?;
    let package = debian::package(&out, DEBIAN)?;
    check::debian(&package, &program, &contents, &staging)?;
    let mut programs = vec![(DEBIAN, program)];
    for (target, pack) in [(STATIC, archive::tar as archive::Pack), (windows::TARGET, archive::zip)] {
        let program = build(target)?;
        let packed = pack(&out, &staging, &name(target), &program, &contents)?;
        check::archive(&packed, &name(target), &program, &contents, &staging)?;
        programs.push((target, program));
    }
    check::is_static(&static_program())?;
    checksums(&out)?;
    for (target, program) in &programs {
        let size = check::size(program)?;
        eprintln!("{target:<28}{:>6.2} MiB", size as f64 / f64::from(1 << 20));
    }
    eprintln!("{}", out.display());
    programs.iter().try_for_each(|(_, program)| check::is_small(program))
}

/// Manual pages and completions alone, of a program that is built quickly.
pub(crate) fn man() -> Result<()> {
    contents::write(&crate::test::build(&[])?).map(drop)
}

/// The program for `target`, stripped.
fn build(target: &str) -> Result<PathBuf> {
    rustup::add(target)?;
    let args =
        ["build", "--release", "--package", "netsession-cli", "--bin", "netsession", "--target", target];
    let mut cargo = sh::cargo(&args);
    if target == STATIC {
        // Kerberos is the system's library, loaded at run time, which a static program cannot do: without the
        // feature it says so, instead of asking for a library that it could not use.
        cargo.args(["--no-default-features", "--features", "demo,exporter"]);
    }
    sh::run(&mut cargo)?;
    Ok(built(target))
}

/// Where [`build`] puts it.
fn built(target: &str) -> PathBuf {
    sh::target().join(target).join("release").join(file_name(target))
}

fn static_program() -> PathBuf {
    built(STATIC)
}

fn file_name(target: &str) -> &'static str {
    if target == windows::TARGET { "netsession.exe" } else { "netsession" }
}

/// `netsession-VERSION-TARGET`
fn name(target: &str) -> String {
    format!("netsession-{}-{target}", env!("CARGO_PKG_VERSION"))
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn checksums(out: &Path) -> Result<()> {
    let mut names = fs::read_dir(out)?.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>>>()?;
    names.sort();
    let sums = sh::read(sh::program("sha256sum").current_dir(out).arg("--").args(names))?;
    eprint!("{sums}");
    fs::write(out.join("SHA256SUMS"), sums).context("SHA256SUMS")
}
