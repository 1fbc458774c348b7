//! `cargo xtask ci`: everything, the README's test command among it.

use std::ffi::OsStr;

use anyhow::Result;

use crate::parts::{self, Part};
use crate::test::Recordings;
use crate::{deny, edges, fuzz, hardening, modules, sh, systems, test_output};

const PARTS: &[Part] = &[
    ("format", format),
    ("crate edges", edges::run),
    ("module edges", modules::run),
    ("clippy", clippy),
    ("without default features", lean),
    ("docs", docs),
    ("dependencies", deny::run),
    ("the README's test command", tests),
    // By the tests that the part before has built.
    ("the table of SECURITY.md", hardening::run),
    ("fuzzing, 15 s a target", fuzz::sample),
    ("other systems", systems::run),
    ("distribution", || strictly(&["dist", "--install"])),
    ("the static program", || strictly(&["test-static"])),
    ("the program of the .zip", || strictly(&["test-exe"])),
    ("the program of the .deb", || strictly(&["test-debian"])),
];

pub(crate) fn run(recordings: Recordings) -> Result<()> {
    recordings.announce()?;
    let result = parts::run("ci", PARTS);
    disk();
    result
}

/// What the run has built takes this much; a disk that fills up is the commonest reason why a run fails elsewhere.
fn disk() {
    let _ = sh::run(sh::program("du").args(["-sch", "target", "fuzz/target"]));
}

fn format() -> Result<()> {
    sh::run(&mut sh::cargo(&["fmt", "--all", "--check"]))?;
    sh::run(&mut sh::cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}

fn clippy() -> Result<()> {
    sh::run(&mut sh::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// The blocking API builds without a runtime, and the program without the demo.
fn lean() -> Result<()> {
    for package in ["netsession", "netsession-cli"] {
        let args = ["clippy", "--package", package, "--no-default-features", "--all-targets"];
        sh::run(sh::cargo(&args).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn docs() -> Result<()> {
    let mut command = sh::cargo(&["doc", "--workspace", "--no-deps"]);
    sh::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn tests() -> Result<()> {
    let mut task = vec!["test".as_ref(), "--install".as_ref()];
    if let Some(folder) = Recordings::announced() {
        task.extend(["--recordings".as_ref(), folder.as_os_str()]);
    }
    strictly(&task)
}

/// As a newcomer types it; only that a test which had to be skipped is a failure here.
fn strictly(task: &[impl AsRef<OsStr>]) -> Result<()> {
    test_output::run(sh::cargo(&["xtask"]).args(task).env("NETSESSION_INTEROP_REQUIRED", "1")).1
}
