//! `cargo xtask dist`: what users download.

mod archive;
mod contents;
mod debian;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{rustup, sh, test, windows};

/// Runs on every Linux: nothing is linked dynamically.
const STATIC: &str = "x86_64-unknown-linux-musl";
/// What the program may have, stripped.
const LARGEST: u64 = 6 << 20;

/// Builds the program for each system, packs it, and prints the size of each.
pub(crate) fn run() -> Result<()> {
    let out = sh::target().join("dist");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    let for_linux = build(STATIC)?;
    let contents = contents::beside(&for_linux)?;
    archive::tar(&out, &name(STATIC), &for_linux, &contents)?;
    debian::package(&out, &for_linux, &contents)?;
    let mut sizes = vec![(STATIC, size(&for_linux)?)];
    match build(windows::TARGET) {
        Ok(for_windows) => {
            archive::zip(&out, &name(windows::TARGET), &for_windows, &contents)?;
            sizes.push((windows::TARGET, size(&for_windows)?));
        }
        Err(why) => eprintln!("skipped: {}: {why:#}", windows::TARGET),
    }
    checksums(&out)?;
    for (target, size) in &sizes {
        eprintln!("{target:<28}{:>6.2} MiB", *size as f64 / f64::from(1 << 20));
    }
    ensure!(sizes.iter().all(|(_, size)| *size <= LARGEST), "larger than {} MiB", LARGEST >> 20);
    eprintln!("{}", out.display());
    Ok(())
}

/// The tests with Samba, of the static program.
pub(crate) fn test_static() -> Result<()> {
    let program = build(STATIC)?;
    ensure_static(&program)?;
    test::with_samba(&program)
}

/// The program for `target`, stripped.
fn build(target: &str) -> Result<PathBuf> {
    rustup::add(target)?;
    let args =
        ["build", "--release", "--package", "netsession-cli", "--bin", "netsession", "--target", target];
    sh::run(&mut sh::cargo(&args))?;
    let program = if target == windows::TARGET { "netsession.exe" } else { "netsession" };
    Ok(sh::target().join(target).join("release").join(program))
}

/// An ELF file that asks for an interpreter is not static.
fn ensure_static(program: &Path) -> Result<()> {
    let bytes = fs::read(program)?;
    let interpreters = [&b"/ld-musl"[..], b"/ld-linux"];
    let asks = interpreters.iter().any(|name| bytes.windows(name.len()).any(|part| part == *name));
    ensure!(!asks, "{} is linked dynamically", program.display());
    Ok(())
}

/// `netsession-VERSION-TARGET`
fn name(target: &str) -> String {
    format!("netsession-{}-{target}", env!("CARGO_PKG_VERSION"))
}

fn size(program: &Path) -> Result<u64> {
    Ok(fs::metadata(program).with_context(|| program.display().to_string())?.len())
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn checksums(out: &Path) -> Result<()> {
    let mut names: Vec<_> = fs::read_dir(out)?
        .filter_map(|entry| Some(entry.ok().filter(|entry| entry.path().is_file())?.file_name()))
        .collect();
    names.sort();
    let sums = sh::read(sh::program("sha256sum").current_dir(out).arg("--").args(names))?;
    eprint!("{sums}");
    Ok(fs::write(out.join("SHA256SUMS"), sums)?)
}
