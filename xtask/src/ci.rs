//! `cargo xtask ci`: all parts, also after one has failed, and a table of how long each took.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::{deny, edges, install, sh, test};

type Part = (&'static str, fn() -> Result<()>);

const PARTS: [Part; 9] = [
    ("format", format),
    ("crate edges", edges::run),
    ("clippy", clippy),
    ("without default features", lean),
    ("docs", docs),
    ("dependencies", deny::run),
    // The next three are `cargo xtask test --install`, except that here nothing may be skipped.
    ("packages", || install::packages(install::SAMBA)),
    ("unit tests", test::unit),
    ("tests with Samba", || test::interop(true)),
];

pub(crate) fn run() -> Result<()> {
    let mut results = Vec::new();
    for (name, part) in PARTS {
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let result = part();
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        results.push((name, start.elapsed(), result.is_ok()));
    }
    print(&results);
    ensure!(results.iter().all(|(_, _, fine)| *fine), "CI failed");
    Ok(())
}

fn print(results: &[(&str, Duration, bool)]) {
    eprintln!("\n{:<26}minutes", "part");
    for (name, took, fine) in results {
        eprintln!("{name:<26}{:>7.2}  {}", took.as_secs_f64() / 60.0, if *fine { "ok" } else { "FAILED" });
    }
    let total: Duration = results.iter().map(|(_, took, _)| *took).sum();
    eprintln!("{:<26}{:>7.2}", "all", total.as_secs_f64() / 60.0);
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
