//! What the tests have in common.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use netsession_interop::netsession::{Row, Run};
use netsession_interop::shared::Shared;
use netsession_interop::wine::{List, Prefix, Report};
use serde_json::Value;

static PREFIX: Shared<(), Prefix> = Shared::empty();

/// The one prefix of all tests, made for the first one.
pub(crate) fn prefix() -> Result<Arc<Prefix>> {
    PREFIX.get((), Prefix::create)
}

/// Ends everything that runs in the prefix, and removes it.
pub(crate) fn end_wine() {
    PREFIX.clear();
}

/// `netsession.exe list ARGS`
pub(crate) fn list(args: &[&str]) -> Result<List> {
    List::new(&*prefix()?, args)
}

/// The rows that `list ARGS` prints, after `calls` for each server and nothing left behind.
pub(crate) fn rows(args: &[&str], calls: &[(&str, u32)]) -> Result<Vec<Row>> {
    let (run, report) = list(&[args, &["-f", "json"]].concat())?.run()?;
    let rows = run.rows()?;
    ensure_calls(&report, calls)?;
    Ok(rows)
}

/// The one error that `list ARGS` ends with, after `calls` for each server and nothing left behind.
pub(crate) fn error(args: &[&str], calls: &[(&str, u32)]) -> Result<Value> {
    let (run, report) = list(&[args, &["-f", "jsonl"]].concat())?.run()?;
    ensure!(run.outcome.code == Some(1), "not exit code 1: {run:?}");
    let mut lines = run.lines()?;
    ensure!(lines.len() == 1, "not one line: {run:?}");
    ensure_calls(&report, calls)?;
    Ok(lines.pop().context("no line")?["error"].take())
}

pub(crate) fn ensure_calls(report: &Report, calls: &[(&str, u32)]) -> Result<()> {
    let made = report.calls()?;
    ensure!(made == calls, "{made:?} instead of {calls:?}");
    Ok(())
}

/// Exit code 2 and these words, before a server was asked.
pub(crate) fn ensure_wrong(run: &Run, report: &Report, words: &str) -> Result<()> {
    ensure!(run.outcome.code == Some(2) && run.outcome.stdout.is_empty(), "{run:?}");
    ensure!(run.outcome.stderr.contains(words), "no {words:?} in {run:?}");
    ensure_calls(report, &[])
}
