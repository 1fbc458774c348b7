//! Answers that are wrong, cut or endless: no crash, and nothing left behind. That every buffer has been freed, and
//! only once, is looked at by every test in here; that none is read beyond its end or after its end, too.

use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::List;

use crate::support::{error, list, prefix};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "memory::stub_of_wine_is_noticed", stub_of_wine_is_noticed);
    suite.test(&[Need::Wine], "memory::error_with_a_buffer", error_with_a_buffer);
    suite.test(&[Need::Wine], "memory::error_on_the_second_page", error_on_the_second_page);
    suite.test(&[Need::Wine], "memory::entries_without_a_buffer", entries_without_a_buffer);
    suite.test(&[Need::Wine], "memory::more_entries_than_are_taken", more_entries_than_are_taken);
    suite.test(&[Need::Wine], "memory::no_progress", no_progress);
    suite.test(&[Need::Wine], "memory::endless_pages", endless_pages);
    suite.test(&[Need::Wine], "memory::deadline", deadline);
}

/// The stub answers with success and nothing, which looks like a server without sessions.
fn stub_of_wine_is_noticed() -> Result<()> {
    let stub = List::new(&*prefix()?, &["table", "-f", "json"])?.env("WINEDLLOVERRIDES", "netapi32=b");
    let (run, report) = stub.run()?;
    ensure!(run.rows()?.is_empty(), "{run:?}");
    ensure!(!report.is_of_the_double() && report.calls().is_err(), "{report:?}");
    Ok(())
}

fn error_with_a_buffer() -> Result<()> {
    let error = error(&["code-2351"], &[("code-2351", 1)])?;
    ensure!(error["code"] == 2351, "{error}");
    Ok(())
}

/// Nothing of a listing that has failed is printed.
fn error_on_the_second_page() -> Result<()> {
    let error = error(&["errorpage"], &[("errorpage", 2)])?;
    ensure!(error["kind"] == "access_denied" && error["code"] == 5, "{error}");
    Ok(())
}

fn entries_without_a_buffer() -> Result<()> {
    let error = error(&["nullentries"], &[("nullentries", 1)])?;
    ensure!(error["kind"] == "misbehaved" && error["code"].is_null(), "{error}");
    Ok(())
}

fn more_entries_than_are_taken() -> Result<()> {
    let error = error(&["toomany"], &[("toomany", 1)])?;
    ensure!(error["kind"] == "limit", "{error}");
    Ok(())
}

fn no_progress() -> Result<()> {
    for server in ["noprogress", "emptypage"] {
        let error = error(&[server], &[(server, 1)])?;
        ensure!(error["kind"] == "misbehaved", "{server}: {error}");
    }
    Ok(())
}

fn endless_pages() -> Result<()> {
    let error = error(&["endless", "--timeout", "90s"], &[("endless", 10_000)])?;
    ensure!(error["kind"] == "limit" && error["message"].to_string().contains("10000 pages"), "{error}");
    Ok(())
}

/// The call takes five minutes, and cannot be interrupted. Servers that answer are not held up by one that does not.
fn deadline() -> Result<()> {
    // Wide: the server that answers must do so within it.
    let (run, _) = list(&["stuck", "table", "--timeout", "20s", "-f", "jsonl"])?.run()?;
    let lines = run.lines()?;
    ensure!(run.outcome.code == Some(1) && lines.len() == 7, "{run:?}");
    let errors: Vec<_> = lines.iter().filter(|line| line["error"].is_object()).collect();
    ensure!(errors.len() == 1 && errors[0]["server"] == "stuck", "{run:?}");
    ensure!(errors[0]["error"]["kind"] == "timeout", "{run:?}");
    ensure!(run.outcome.elapsed < Duration::from_secs(120), "the end waited for the call: {run:?}");
    Ok(())
}
