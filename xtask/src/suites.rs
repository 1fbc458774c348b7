//! The suites of tests with real servers, and the programs that they run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use clap::Args;

use crate::{install, sh, test_output};

/// Suites of tests with real servers. With NETSESSION_INTEROP_REQUIRED in the environment, tests that this machine
/// cannot run are a failure.
pub(crate) const SAMBA: &[&str] =
    &["--test=samba", "--test=double", "--test=servers", "--test=perl", "--test=guide"];
/// The harness itself, whatever program it tests.
pub(crate) const HARNESS: &[&str] = &["--lib", "--test=harness"];
pub(crate) const DOMAIN: &[&str] = &["--test=domain"];
pub(crate) const WINE: &[&str] = &["--test=wine"];
pub(crate) const PROMETHEUS: &[&str] = &["--test=exporter"];
pub(crate) const RECORDINGS: &[&str] = &["--test=recordings"];
/// Not in CI: they download three kernels.
pub(crate) const KSMBD: &[&str] = &["--test=ksmbd"];

/// Everything that has a test. `--tests` would build each of the programs once more, as a test without any.
pub(crate) fn all() -> Vec<&'static str> {
    [HARNESS, SAMBA, DOMAIN, WINE, PROMETHEUS, RECORDINGS, KSMBD].concat()
}

/// Recorded bytes of real servers, which are no part of the project.
#[derive(Args)]
pub(crate) struct Recordings {
    /// Folder with recorded conversations, messages and stubs of real servers; without it their tests are skipped.
    #[arg(long = "recordings", value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The folder of this run, for the tests that are started.
static RECORDINGS_FOLDER: OnceLock<PathBuf> = OnceLock::new();

impl Recordings {
    /// Hands the folder to every test from now on.
    pub(crate) fn announce(self) -> Result<()> {
        if let Some(folder) = self.folder {
            // The tests run in another folder.
            let absolute =
                folder.canonicalize().with_context(|| format!("--recordings {}", folder.display()))?;
            RECORDINGS_FOLDER.get_or_init(|| absolute);
        }
        Ok(())
    }

    /// The folder that was announced.
    pub(crate) fn announced() -> Option<&'static Path> {
        RECORDINGS_FOLDER.get().map(PathBuf::as_path)
    }
}

/// Runs suites, of this program.
pub(crate) fn run_suites(suites: &[&str], program: &Path) -> Result<()> {
    run_interop(&mut interop(suites, program)?, &install::names())
}

/// The same of a program that was built otherwise, without the tests that do not run it.
pub(crate) fn run_suites_with(suites: &[&str], program: &Path) -> Result<()> {
    let mut tests = interop(suites, program)?;
    run_interop(tests.env("NETSESSION_INTEROP_PROGRAM_ALONE", "1"), &install::names())
}

/// Runs the command, and says how what is missing for ignored tests is installed, if something is.
pub(crate) fn run_interop(tests: &mut Command, packages: &[&str]) -> Result<()> {
    run_for_task(tests, "test", packages)
}

/// The same for a task that installs other packages.
pub(crate) fn run_for_task(tests: &mut Command, task: &str, packages: &[&str]) -> Result<()> {
    let (report, result) = test_output::run(tests);
    if report.is_missing_something {
        eprintln!("The tests that were ignored name above what was missing for them.");
        eprintln!("On Debian `cargo xtask {task} --install` installs it: {}.", packages.join(" "));
    }
    result
}

/// The command for it.
pub(crate) fn interop(suites: &[&str], program: &Path) -> Result<Command> {
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--no-fail-fast"]);
    let server = build_server(&[])?;
    tests.args(suites).env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server);
    if let Some(folder) = Recordings::announced() {
        tests.env("NETSESSION_RECORDINGS", folder);
    }
    Ok(tests)
}

/// Builds the program, and gives its path.
pub(crate) fn build(profile: &[&str]) -> Result<PathBuf> {
    built("netsession-cli", "netsession", profile)
}

/// The same of the double.
pub(crate) fn build_server(profile: &[&str]) -> Result<PathBuf> {
    built("netsession-testserver", "netsession-testserver", profile)
}

fn built(package: &str, name: &str, profile: &[&str]) -> Result<PathBuf> {
    sh::run(sh::cargo(&["build", "--package", package, "--bin", name]).args(profile))?;
    let folder = if profile.contains(&"--release") { "release" } else { "debug" };
    Ok(sh::target().join(folder).join(name))
}
