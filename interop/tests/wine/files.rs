//! `netsession files`, `shares` and `close` through Windows' own calls: rows, pages, levels, refusals, what is wrong or
//! cut; no crash, and nothing left behind.

use anyhow::{Context, Result, ensure};
use netsession_interop::netsession::Run;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::{List, Report};
use serde_json::Value;

use crate::support::{ensure_calls, prefix};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "files::rows", rows);
    suite.test(&[Need::Wine], "files::pages", pages);
    suite.test(&[Need::Wine], "files::less_detailed_level", less_detailed_level);
    suite.test(&[Need::Wine], "files::shares_of_a_server", shares_of_a_server);
    suite.test(&[Need::Wine], "files::shares_that_are_open_to_all", shares_that_are_open_to_all);
    suite.test(&[Need::Wine], "files::refused", refused);
    suite.test(&[Need::Wine], "files::wrong_answers", wrong_answers);
    suite.test(&[Need::Wine], "files::close_file", close_file);
    suite.test(&[Need::Wine], "files::close_session", close_session);
    suite.test(&[Need::Wine], "files::close_is_refused", close_is_refused);
}

fn run(command: &str, args: &[&str]) -> Result<(Run, Report)> {
    List::of_command(&*prefix()?, command, &[args, &["-f", "jsonl"]].concat())?.run()
}

fn lines(command: &str, args: &[&str], calls: &[(&str, u32)]) -> Result<Vec<Value>> {
    let (run, report) = run(command, args)?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    // Nothing is left behind.
    ensure_calls(&report, calls)?;
    run.lines().with_context(|| format!("{run:?}"))
}

fn error(command: &str, args: &[&str], calls: &[(&str, u32)]) -> Result<Value> {
    let (run, report) = run(command, args)?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_calls(&report, calls)?;
    Ok(run.lines()?.pop().with_context(|| format!("{run:?}"))?["error"].take())
}

fn rows() -> Result<()> {
    // The files, the sessions, the shares.
    let files = lines("files", &["table"], &[("table", 3)])?;
    ensure!(files.len() == 3, "{files:?}");
    let report = files.iter().find(|file| file["id"] == 16).context("file 16")?;
    ensure!(report["path"] == r"C:\srv\report.xlsx" && report["user"] == "alice", "{report}");
    ensure!(report["locks"] == 2 && report["share"] == "files", "{report}");
    let other = files.iter().find(|file| file["id"] == 0x8000_0001_u32).context("file 0x80000001")?;
    ensure!(other["path"] == "C:\\srv\\田🦀" && other["locks"] == 0, "{other}");
    let pipe = files.iter().find(|file| file["id"] == 18).context("file 18")?;
    ensure!(pipe["path"] == r"\PIPE\srvsvc", "{pipe}");
    Ok(())
}

/// The handle of a page is opaque: its highest bit is set.
fn pages() -> Result<()> {
    // Three pages each of files, sessions and shares.
    let files = lines("files", &["paged"], &[("paged", 9)])?;
    let mut ids: Vec<_> = files.iter().map(|file| file["id"].as_u64()).collect();
    ids.sort_unstable();
    ensure!(ids == [Some(16), Some(18), Some(0x8000_0001)], "{ids:?}");
    Ok(())
}

/// Level 2 has the id alone. Files are asked for twice, sessions and shares once.
fn less_detailed_level() -> Result<()> {
    let files = lines("files", &["level1"], &[("level1", 4)])?;
    ensure!(files.len() == 3 && files.iter().all(|file| file["path"].is_null()), "{files:?}");
    Ok(())
}

fn shares_of_a_server() -> Result<()> {
    let shares = lines("shares", &["table"], &[("table", 1)])?;
    ensure!(shares.len() == 3, "{shares:?}");
    Ok(())
}

fn shares_that_are_open_to_all() -> Result<()> {
    let shares = lines("shares", &["opentoall"], &[("opentoall", 2)])?;
    ensure!(shares.len() == 3 && shares.iter().all(|share| share["path"].is_null()), "{shares:?}");
    Ok(())
}

fn refused() -> Result<()> {
    for command in ["files", "shares"] {
        let denied = error(command, &["code-5"], &[("code-5", if command == "files" { 1 } else { 2 })])?;
        ensure!(denied["kind"] == "access_denied" && denied["code"] == 5, "{command}: {denied}");
        let page = error(command, &["errorpage"], &[("errorpage", 2)])?;
        ensure!(page["kind"] == "access_denied" && page["code"] == 5, "{command}: {page}");
    }
    Ok(())
}

fn wrong_answers() -> Result<()> {
    for command in ["files", "shares"] {
        for (server, kind) in
            [("nullentries", "misbehaved"), ("toomany", "limit"), ("noprogress", "misbehaved")]
        {
            let error = error(command, &[server], &[(server, 1)])?;
            ensure!(error["kind"] == kind, "{command} {server}: {error}");
        }
    }
    Ok(())
}

fn close_file() -> Result<()> {
    // Files and sessions before the question; files, the close and files again after it.
    let closed = lines("close", &["file", "table", "16", "--yes"], &[("table", 5)])?;
    ensure!(closed.len() == 1 && closed[0]["closed"] == true && closed[0]["id"] == 16, "{closed:?}");
    Ok(())
}

fn close_session() -> Result<()> {
    let args = ["session", "table", "--client", "WS-07", "--user", "Женя", "--yes"];
    // Sessions, and again whether one of them is the caller's own, before the question; sessions, the close and sessions
    // again after it.
    let closed = lines("close", &args, &[("table", 5)])?;
    ensure!(closed.len() == 1 && closed[0]["closed"] == true, "{closed:?}");
    Ok(())
}

fn close_is_refused() -> Result<()> {
    let file = ["file", "refuseclose", "16", "--yes"];
    let session = ["session", "refuseclose", "--client", "WS-07", "--user", "Женя", "--yes"];
    for (args, calls) in [(&file[..], 5), (&session[..], 5)] {
        let (run, report) = run("close", args)?;
        ensure!(run.outcome.code == Some(1), "{run:?}");
        ensure_calls(&report, &[("refuseclose", calls)])?;
        let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
        ensure!(line["closed"] == false && line["outcome"] == "access_denied", "{line}");
    }
    Ok(())
}
