//! `cargo xtask mutants`: do the unit tests and the conversations with the double notice mistakes? By cargo-mutants.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use crate::install::CargoTool;
use crate::{install, sh};

/// Of a hundred mistakes that compile.
const NOTICED: u64 = 95;
/// The mistakes that are known not to be noticed, each with the reason.
const KNOWN: &str = "docs/mutants.md";

/// The state machine, what is asked with it, and the guard: in there a mistake is dear, and is seen last by a server.
const FILES: [&str; 3] = [
    "crates/netsession-proto/src/client/**/*.rs",
    "crates/netsession-proto/src/query/**/*.rs",
    "crates/netsession/src/logon_guard/**/*.rs",
];

/// What mistakes are made in, and what is built from that. .cargo/mutants.toml has the same.
const PACKAGES: [&str; 6] =
    ["--package", "netsession-proto", "--package", "netsession-testserver", "--package", "netsession"];
/// Unit tests and conversations, without a real server. .cargo/mutants.toml has the same.
const TESTS: [&str; 4] = ["--config", OPTIMISED, "--lib", "--tests"];
/// The ciphers take most of the time of the conversations.
const OPTIMISED: &str = "profile.dev.package.'*'.opt-level=2";
/// Seconds that the tests may take: a mistake that makes one of them wait for ever is noticed, too.
const TIMEOUT: &str = "120";

/// Which mistakes. How they are built and tested is in .cargo/mutants.toml.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this file; a glob, can be given several times.
    #[arg(long, value_name = "GLOB", default_values = FILES)]
    file: Vec<String>,
    /// Only a part of the mistakes, for example 1/4.
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    install::cargo_tool(&CargoTool::any("mutants"))?;
    let out = sh::target().join("mutants");
    fs::create_dir_all(&out)?;
    // It copies the sources without what is built. Dependencies are built once for all runs, and programs without
    // debug information are linked faster.
    let build = |mut cargo: Command| {
        cargo.env("CARGO_TARGET_DIR", out.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
    };
    // A run before this one has left the program of its last mistake, from a copy whose files are newer than those
    // here: cargo would take it for that of the sources.
    sh::run(build(sh::cargo(&["clean"])).args(PACKAGES))?;
    // Without a mistake all tests pass. Its own first run leaves out the packages that have no mistake in them.
    let mut tests = build(sh::cargo(&["test", "--quiet"]));
    sh::run(tests.args(PACKAGES).args(TESTS))?;
    let mut mutants = build(sh::cargo(&["mutants", "--workspace", "--no-shuffle", "--baseline", "skip"]));
    mutants.args(["--timeout", TIMEOUT, "--colors", "never", "--output"]).arg(&out);
    for file in &options.file {
        mutants.args(["--file", file]);
    }
    if let Some(shard) = &options.shard {
        mutants.args(["--shard", shard]);
    }
    // It fails also where a mistake is not noticed: what counts is what it has written.
    let result = sh::run(&mut mutants);
    let text = fs::read_to_string(out.join("mutants.out/outcomes.json"));
    let outcomes: Value = serde_json::from_str(&text.context("cargo-mutants has written no outcomes")?)?;
    let count = |key: &str| outcomes[key].as_u64().unwrap_or_default();
    let (noticed, missed) = (count("caught") + count("timeout"), count("missed"));
    if noticed + missed == 0 {
        return result.context("no mistake was tried");
    }
    eprintln!("{noticed} of {} mistakes are noticed", noticed + missed);
    let known = fs::read_to_string(sh::root().join(KNOWN)).unwrap_or_default();
    let listed = |name: &str| fs::read_to_string(out.join("mutants.out").join(name)).unwrap_or_default();
    let (missed_list, caught_list) = (listed("missed.txt"), listed("caught.txt"));
    let unknown = unknown(&known, &missed_list);
    ensure!(unknown.is_empty(), "not noticed, and not in {KNOWN}:\n{}", unknown.join("\n"));
    // A part has not all places of a mistake.
    if options.shard.is_none() {
        let stale = stale(&known, &missed_list, &caught_list);
        ensure!(stale.is_empty(), "noticed, and still in {KNOWN}:\n{}", stale.join("\n"));
    }
    ensure!(noticed * 100 >= (noticed + missed) * NOTICED, "less than {NOTICED} of 100 are noticed");
    Ok(())
}

/// The mistakes that were not noticed at more places than `known` has rows for.
fn unknown<'a>(known: &str, missed: &'a str) -> Vec<&'a str> {
    let more_than_known =
        |line: &&str| places(missed, &without_place(line)) > rows(known, &without_place(line));
    missed.lines().filter(more_than_known).collect()
}

/// The mistakes that have more rows in `known` than places where they were not noticed, of those that were made.
fn stale(known: &str, missed: &str, caught: &str) -> Vec<String> {
    let mut stale: Vec<String> = missed.lines().chain(caught.lines()).map(without_place).collect();
    stale.sort_unstable();
    stale.dedup();
    stale.retain(|mistake| rows(known, mistake) > places(missed, mistake));
    stale
}

/// One for each place.
fn rows(known: &str, mistake: &str) -> usize {
    known.matches(&format!("| `{mistake}` |")).count()
}

fn places(list: &str, mistake: &str) -> usize {
    list.lines().filter(|line| without_place(line) == mistake).count()
}

/// `FILE:LINE:COLUMN: MISTAKE` without line and column, which change with every edit.
fn without_place(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    let (file, mistake) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    format!("{file}:{mistake}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_mistake_is_found_without_its_line() {
        let line = "src/client/validation.rs:31:9: replace a::check -> Result<(), Cause> with Ok(())";
        let known = "src/client/validation.rs: replace a::check -> Result<(), Cause> with Ok(())";
        assert_eq!(without_place(line), known);
    }

    #[test]
    fn row_excuses_one_place() {
        let (missed, caught) =
            ("a.rs:1:2: replace < with <=\na.rs:9:2: replace < with <=\n", "b.rs:3:4: delete !\n");
        let row = "| `a.rs: replace < with <=` | why |\n";
        assert_eq!(unknown(row, missed).len(), 2);
        assert!(unknown(&row.repeat(2), missed).is_empty());
        assert!(stale(&row.repeat(2), missed, caught).is_empty());
        assert_eq!(stale(&row.repeat(3), missed, caught), ["a.rs: replace < with <="]);
        assert_eq!(stale("| `b.rs: delete !` | why |", missed, caught), ["b.rs: delete !"]);
        assert!(stale("| `c.rs: delete !` | not made this time |", missed, caught).is_empty());
    }
}
