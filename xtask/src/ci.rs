//! `cargo xtask ci`: everything, the README's test command among it.

use anyhow::Result;

use crate::parts::{self, Part};
use crate::{deny, edges, sh};

const PARTS: &[Part] = &[
    ("format", format),
    ("crate edges", edges::run),
    ("clippy", clippy),
    ("without default features", lean),
    ("docs", docs),
    ("dependencies", deny::run),
    ("the README's test command", tests),
];

pub(crate) fn run() -> Result<()> {
    parts::run("ci", PARTS)
}

fn format() -> Result<()> {
    sh::run(&mut sh::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    sh::run(&mut sh::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// The blocking API builds without a runtime.
fn lean() -> Result<()> {
    let args = [
        "clippy",
        "--package",
        "netsession",
        "--no-default-features",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    sh::run(&mut sh::cargo(&args))
}

fn docs() -> Result<()> {
    let mut command = sh::cargo(&["doc", "--workspace", "--no-deps"]);
    sh::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// As a newcomer types it; only that a test which had to be skipped is a failure here.
fn tests() -> Result<()> {
    let mut command = sh::cargo(&["xtask", "test", "--install"]);
    sh::run(command.env("NETSESSION_INTEROP_REQUIRED", "1"))
}
