//! `cargo xtask systems`: does it compile for systems that cannot be run here?

use anyhow::Result;

use crate::{rustup, sh};

/// Compiled, not linked: their linkers are not free, or not here.
const TARGETS: [&str; 3] = ["x86_64-pc-windows-msvc", "aarch64-apple-darwin", "aarch64-unknown-linux-gnu"];
/// Everything that users get.
const PACKAGES: [&str; 10] = [
    "--package",
    "netsession-proto",
    "--package",
    "netsession",
    "--package",
    "netsession-exporter",
    "--package",
    "netsession-cli",
    "--package",
    "netsession-testserver",
];

pub(crate) fn run() -> Result<()> {
    let mut skipped = Vec::new();
    for target in TARGETS {
        if let Err(why) = rustup::add(target) {
            eprintln!("skipped: {target}: {why:#}");
            skipped.push(target);
            continue;
        }
        let on = ["--target", target];
        sh::run(sh::cargo(&["check"]).args(PACKAGES).args(on))?;
        sh::run(sh::cargo(&["clippy"]).args(PACKAGES).args(on).args([
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))?;
    }
    // Code for Windows is looked at with the tests and the examples, in the one toolchain that is also run.
    if rustup::add(crate::windows::TARGET).is_ok() {
        let on = ["--target", crate::windows::TARGET, "--all-targets", "--", "-D", "warnings"];
        sh::run(sh::cargo(&["clippy"]).args(PACKAGES).args(on))?;
    }
    if !skipped.is_empty() {
        eprintln!("skipped: {}", skipped.join(" "));
    }
    Ok(())
}
