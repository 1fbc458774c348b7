//! `cargo xtask dist`: what users download.

mod again;
mod archive;
mod arm;
mod audit;
mod binstall;
mod build;
mod check;
mod container;
mod contents;
mod debian;
mod installed;
mod licences;
mod sbom;
mod shipped;
mod source;
mod target;
mod test;

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};
use clap::Args;

pub(crate) use arm::run as test_arm;
pub(crate) use container::run as test_container;
pub(crate) use test::{debian as test_debian, exe as test_exe, static_program as test_static};

use self::contents::emptied;
use self::target::{Package, TARGETS};
use crate::{install, parts, sh};

#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first (Debian).
    #[arg(long)]
    install: bool,
    /// Build again in another folder, from nothing, and compare each byte of what users download.
    #[arg(long)]
    check: bool,
    /// Leave out the packages for ARM, whose programs nothing in CI runs.
    #[arg(long, conflicts_with = "check")]
    without_arm: bool,
}

/// Builds the program for each system, packs it, looks at what was packed, and prints the size of each.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.install {
        install::packages(install::DIST)?;
    }
    make(options.without_arm)?;
    if options.check { again::compare() } else { Ok(()) }
}

fn make(without_arm: bool) -> Result<()> {
    let targets: Vec<_> = TARGETS.iter().filter(|target| !without_arm || !target.is_arm()).collect();
    let (out, staging) = (emptied(sh::target().join("dist"))?, emptied(sh::target().join("dist-staging"))?);
    binstall::check()?;
    // Where the manifest for Debian has them, whatever cargo's own target folder is.
    let folder = sh::root().join("target/licences");
    let licences = thread::scope(|scope| {
        // Reading them takes a core for most of a minute, and linking leaves one free.
        let licences = scope.spawn(|| licences::write(&folder));
        let built = build::programs(&targets);
        built.and(parts::joined(licences))
    })?;
    let runs_here =
        targets.iter().find(|target| target.runs_here()).context("no program for this machine")?;
    let contents = contents::write(&build::path(runs_here), licences)?;
    let (source, date) = (source::copy(&staging.join("source"))?, source::date()?);
    for target in &targets {
        let program = build::path(target);
        audit::check(&program, target)?;
        match target.package {
            Package::Debian(_) => {
                let package = debian::package(&out, target, &date)?;
                check::debian(&package, target, &program, &contents, &staging)?;
            }
            Package::Static | Package::Windows => {
                let packed = archive::pack(&out, &staging, target, &program, &contents, &date)?;
                check::archive(&packed, target, &program, &contents, &staging)?;
            }
        }
        if target.is_static() {
            check::is_static(&program)?;
        }
        sbom::write(&out, &source, target, &date)?;
    }
    let expected = targets.len().saturating_mul(2);
    ensure!(fs::read_dir(&out)?.count() == expected, "{} has not {expected} files", out.display());
    checksums(&out)?;
    for target in &targets {
        let size = check::size(&build::path(target))?;
        eprintln!("{:<28}{:>6.2} MiB", target.triple, size as f64 / f64::from(1 << 20));
    }
    eprintln!("{}", out.display());
    targets.iter().try_for_each(|target| check::is_small(&build::path(target)))
}

/// Manual pages and completions alone, of a program that is built quickly.
pub(crate) fn man() -> Result<()> {
    contents::write(&crate::suites::build(&[])?, Vec::new()).map(drop)
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn checksums(out: &Path) -> Result<()> {
    let mut names = fs::read_dir(out)?.map(|entry| Ok(entry?.file_name())).collect::<Result<Vec<_>>>()?;
    names.sort();
    let sums = sh::read(sh::program("sha256sum").current_dir(out).arg("--").args(names))?;
    eprint!("{sums}");
    fs::write(out.join(again::SUMS), sums).context(again::SUMS)
}
