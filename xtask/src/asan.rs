//! `cargo xtask test-asan`: AddressSanitizer over the calls of the Kerberos library, by the tests in a domain.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{install, sh, suites};

pub(crate) fn run() -> Result<()> {
    let reports = sh::target().join("asan");
    match fs::remove_dir_all(&reports) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&reports)?,
    }
    let mut tests = suites::interop(suites::DOMAIN, &program()?)?;
    // The library that shifts the clock frees memory before the sanitizer is ready for it.
    tests.args(["--", "--skip", "clock_off"]);
    // A test may expect that the program fails: what counts is what the sanitizer has written.
    tests.env(
        "ASAN_OPTIONS",
        format!("detect_leaks=1:fast_unwind_on_malloc=0:log_path={}", reports.join("report").display()),
    );
    let result = suites::run_interop(&mut tests, &install::names());
    let found: Vec<PathBuf> =
        fs::read_dir(&reports)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    for report in &found {
        show(report)?;
    }
    ensure!(
        found.is_empty(),
        "AddressSanitizer has written {} reports in {}",
        found.len(),
        reports.display()
    );
    result
}

/// The sanitizer sees every allocation of the process, those of the C library among them, and every access of our own
/// code. It needs a compiler that is told to be a nightly one, and the triple, so that build scripts do without it.
fn program() -> Result<PathBuf> {
    let version = sh::read(sh::program("rustc").arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV names no host")?;
    let mut build =
        sh::cargo(&["build", "--package", "netsession-cli", "--bin", "netsession", "--target", host]);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    sh::run(&mut build)?;
    Ok(sh::target().join(host).join("debug/netsession"))
}

fn show(report: &Path) -> Result<()> {
    let text = fs::read_to_string(report)?;
    eprintln!("{}:\n{}", report.display(), text.lines().take(30).collect::<Vec<_>>().join("\n"));
    Ok(())
}
