//! `cargo xtask systems`: does it compile for systems that cannot be run here?

use anyhow::Result;

use crate::{rustup, sh, windows};

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
    for target in TARGETS {
        rustup::add(target)?;
        sh::run(sh::cargo(&["check"]).args(PACKAGES).args(["--target", target]))?;
        clippy(target)?;
    }
    // Linked and run by others; looked at here.
    rustup::add(windows::TARGET)?;
    clippy(windows::TARGET)?;
    // The blocking API builds without a runtime there, too.
    let lean = ["clippy", "--package", "netsession", "--no-default-features", "--target", windows::TARGET];
    sh::run(sh::cargo(&lean).args(["--", "-D", "warnings"]))
}

/// With the tests and the examples.
fn clippy(target: &str) -> Result<()> {
    let on = ["--target", target, "--all-targets", "--", "-D", "warnings"];
    sh::run(sh::cargo(&["clippy"]).args(PACKAGES).args(on))
}
