//! The program for Windows, in a Wine prefix of its own.
//!
//! Wine's own `NetSessionEnum` answers every question with success and nothing, so that a test against it proves
//! nothing. In this prefix `netapi32.dll` is a double (`interop/wine/netapi32.c`): the server's name selects what it
//! does, and [`Report`] is what it has counted. No report, no double.

mod prefix;
mod report;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

pub use self::prefix::Prefix;
pub(crate) use self::prefix::find;
pub use self::report::{Counts, Report};
use crate::netsession::Run;
use crate::process::{self, ProgramOutput};

/// For all tests of the library: the models of the guard alone take a minute and more on a busy machine.
const LIMIT_OF_TESTS: Duration = Duration::from_secs(900);

/// Where the program for Windows is.
const PROGRAM: &str = "NETSESSION_EXE";
/// Where the library's own tests for Windows are.
const LIBRARY_TESTS: &str = "NETSESSION_WINDOWS_TESTS";

/// `NETSESSION_EXE`, else beside the tests in the target folder.
pub fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(PROGRAM) {
        return Ok(path.into());
    }
    // target/PROFILE/deps/wine-HASH
    let me = std::env::current_exe()?;
    let target = me.ancestors().nth(3).context("no target folder")?;
    let exe = target.join("x86_64-pc-windows-gnu/debug/netsession.exe");
    let how =
        "the program for Windows is not built: cargo build -p netsession-cli --target x86_64-pc-windows-gnu";
    exe.exists().then_some(exe).context(how)
}

/// The library's own tests for Windows, if they are built.
pub fn library_tests() -> Option<PathBuf> {
    std::env::var_os(LIBRARY_TESTS).map(PathBuf::from)
}

/// `netsession.exe list` to be.
#[derive(Debug)]
pub struct List {
    command: Command,
    report: tempfile::NamedTempFile,
}

impl List {
    /// In this prefix, with the doubles, in an environment that says nothing.
    pub fn new(prefix: &Prefix, args: &[&str]) -> Result<Self> {
        Self::of_command(prefix, "list", args)
    }

    /// `netsession.exe COMMAND ARGS`
    pub fn of_command(prefix: &Prefix, name: &str, args: &[&str]) -> Result<Self> {
        let mut command = prefix.command(&program()?);
        command.arg(name).args(args);
        let report = tempfile::NamedTempFile::new()?;
        command.env("NETSESSION_DOUBLE_REPORT", windows_path(report.path()));
        Ok(Self { command, report })
    }

    /// One more variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end, with an empty stdin.
    pub fn run(mut self) -> Result<(Run, Report)> {
        let mut outcome = process::run(&mut self.command, process::PATIENCE)?;
        // Wine itself now and then ends with a signal after the program has ended. A fault of the program is an exception
        // there, and has an exit code.
        if outcome.code.is_none() {
            eprintln!("Wine ended with a signal, and is run once more: {outcome:?}");
            std::fs::write(self.report.path(), "")?;
            outcome = process::run(&mut self.command, process::PATIENCE)?;
        }
        let report = Report::read(self.report.path())?;
        Ok((Run { outcome }, report))
    }

    /// Runs it in a terminal of its own, on which `typed` is typed once `prompt` stands there; gives what the
    /// terminal showed.
    pub fn run_in_terminal(self, prompt: &str, typed: &str) -> Result<(String, Report)> {
        let shown = prefix::in_terminal(&self.command, prompt, typed, process::PATIENCE)?;
        Ok((shown, Report::read(self.report.path())?))
    }
}

/// Runs the library's own tests for Windows, those included that need the double.
pub fn run_library_tests(prefix: &Prefix, tests: &Path) -> Result<ProgramOutput> {
    let outcome = process::run(prefix.command(tests).arg("--include-ignored"), LIMIT_OF_TESTS)?;
    ensure!(outcome.code == Some(0), "{outcome:?}\n{}", String::from_utf8_lossy(&outcome.stdout));
    Ok(outcome)
}

/// As a program in Wine names it.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}
