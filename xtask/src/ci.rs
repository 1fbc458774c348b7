//! `cargo xtask ci`: everything, the README's test command among it.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Result;

use crate::parts::{self, Step};
use crate::suites::Recordings;
use crate::{deny, edges, fuzz, hardening, modules, sh, test_output};

const STEPS: &[Step] = &[
    Step::Alone(("format", format)),
    Step::Alone(("crate edges", edges::run)),
    Step::Alone(("module edges", modules::run)),
    Step::Alone(("clippy", clippy)),
    Step::Alone(("without default features", lean)),
    Step::Alone(("docs", docs)),
    Step::Alone(("dependencies", deny::run)),
    Step::Alone(("the README's test command", tests)),
    // By the tests that the part before has built.
    Step::Alone(("the table of SECURITY.md", hardening::run)),
    Step::Alone(("fuzzing, 15 s a target", fuzz::sample)),
    Step::Alone(("distribution", || {
        test_output::run(&mut strictly(&["dist", "--install", "--without-arm"])).1
    })),
    Step::Together(&[
        ("the static program", || strictly(&["test-static"])),
        ("the program of the .zip", || strictly(&["test-exe"])),
        ("the program of the .deb", || strictly(&["test-debian"])),
        ("other systems", || strictly(&["systems"])),
    ]),
];

pub(crate) fn run(recordings: Recordings) -> Result<()> {
    recordings.announce()?;
    let result = parts::run("ci", STEPS);
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

/// The blocking API builds without a runtime, with each other feature as well, and the program without the demo.
fn lean() -> Result<()> {
    for (package, features) in
        [("netsession", ""), ("netsession", "serde,testing,kerberos"), ("netsession-cli", "")]
    {
        let args = [
            "clippy",
            "--package",
            package,
            "--no-default-features",
            "--all-targets",
            "--features",
            features,
        ];
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
    test_output::run(&mut strictly(&task)).1
}

/// As a newcomer types it; only that a test which had to be skipped is a failure here.
fn strictly(task: &[impl AsRef<OsStr>]) -> Command {
    let mut command = sh::cargo(&["xtask"]);
    command.args(task).env("NETSESSION_INTEROP_REQUIRED", "1");
    command
}
