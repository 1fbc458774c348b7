//! `cargo xtask systems`: does it compile for systems that cannot be run here?

use anyhow::Result;

use crate::{rustup, sh};

/// The compiler's own Windows. What `dist` builds differs from it in the linker alone, so that its lints are the same.
const WINDOWS: &str = "x86_64-pc-windows-msvc";
const MACOS: &str = "aarch64-apple-darwin";
/// CI does not link for it; its lints are those of this machine.
const ARM: &str = "aarch64-unknown-linux-gnu";
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

/// Compiled, not linked: their linkers are not free, or not here.
pub(crate) fn run() -> Result<()> {
    for target in [WINDOWS, MACOS, ARM] {
        rustup::add(target)?;
    }
    // Without what only the tests need: a feature that a crate of theirs turns on is not there for users. For Windows the tests
    // under Wine and `dist` build that.
    for target in [MACOS, ARM] {
        sh::run(sh::cargo(&["check"]).args(PACKAGES).args(["--target", target]))?;
    }
    for target in [WINDOWS, MACOS] {
        clippy(target)?;
    }
    // The blocking API builds without a runtime on Windows, too.
    let lean = ["clippy", "--package", "netsession", "--no-default-features", "--target", WINDOWS];
    sh::run(sh::cargo(&lean).args(["--", "-D", "warnings"]))
}

/// With the tests and the examples.
fn clippy(target: &str) -> Result<()> {
    let on = ["--target", target, "--all-targets", "--", "-D", "warnings"];
    sh::run(sh::cargo(&["clippy"]).args(PACKAGES).args(on))
}
