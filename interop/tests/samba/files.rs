//! `netsession files`, `shares` and `close` beside python3-samba.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, Account, BOB, PLAIN};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::List;
use netsession_interop::oracle;
use netsession_interop::process::PATIENCE;
use netsession_interop::proxy::Proxy;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

use crate::support::only_trace;

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Python3Samba];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "files::python3_samba_lists_the_same", same_files);
    suite.test(NEEDS, "files::round_trips", round_trips);
    suite.test(NEEDS, "files::round_trips_of_1005", round_trips_of_many);
    suite.test(NEEDS, "files::closed_file_is_gone", closed);
    suite.test(NEEDS, "files::refused", refused);
    suite.test(NEEDS, "shares::python3_samba_lists_the_same", same_shares);
}

/// What python3-samba sees.
pub(crate) fn python(server: SocketAddr, what: &str) -> Result<Vec<Value>> {
    python_as(ADMIN, server, what)
}

fn python_as(who: Account, server: SocketAddr, what: &str) -> Result<Vec<Value>> {
    let output = oracle::lists_command(server, who, what).output()?;
    let said = String::from_utf8(output.stdout)?;
    serde_json::from_str(&said)
        .with_context(|| format!("python3-samba: {said:?} {}", String::from_utf8_lossy(&output.stderr)))
}

pub(crate) fn ours(command: &str, server: SocketAddr, arguments: &[&str]) -> Result<Vec<Value>> {
    let list = List::of_command(command, server.to_string())?.login(ADMIN).args(&["-f", "jsonl"]);
    let run = list.args(arguments).run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    run.lines()
}

/// What `netsession close` has closed is listed no longer. Samba leaves it to the process of the holder, which may take longer
/// than the program looks: then it is still listed, and gone later.
pub(crate) fn ensure_closed(
    code: Option<i32>,
    line: &Value,
    is_listed: impl Fn() -> Result<bool>,
) -> Result<()> {
    let is_late = line["outcome"] == "still_listed";
    ensure!(is_late || line["outcome"] == "closed", "{line}");
    ensure!(code == Some(i32::from(is_late)) && line["closed"] == !is_late, "exit code {code:?}: {line}");
    ensure!(is_late || !is_listed()?, "it is listed again: {line}");
    wait_until_gone(is_listed)
}

pub(crate) fn wait_until_gone(is_listed: impl Fn() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while is_listed()? {
        ensure!(begun.elapsed() < PATIENCE, "it is still listed after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A set of rows, each of these keys.
pub(crate) fn rows(lines: &[Value], keys: &[&str]) -> BTreeSet<String> {
    let row = |line: &Value| keys.iter().map(|key| format!("{} ", line[key])).collect();
    lines.iter().map(row).collect()
}

/// The same of python3-samba, by position.
pub(crate) fn rows_of_python(lines: &[Value], columns: usize) -> BTreeSet<String> {
    let row = |line: &Value| (0..columns).map(|column| format!("{} ", line[column])).collect();
    lines.iter().map(row).collect()
}

fn same_files() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let folder = samba.share("files").join("Größe 100% & more");
    std::fs::create_dir(&folder)?;
    let _held = [Holder::open(samba.address(), ALICE, 3)?, Holder::open(samba.address(), BOB, 1)?];
    let theirs = python(samba.address(), "files")?;
    let files = ours("files", samba.address(), &[])?;
    let keys = ["id", "path", "user", "locks"];
    ensure!(rows(&files, &keys) == rows_of_python(&theirs, 4), "{files:?}\n{theirs:?}");
    ensure!(files.len() >= 4, "{files:?}");
    for file in &files {
        let permissions = theirs.iter().find(|theirs| theirs[0] == file["id"]).context("an id")?[4].as_u64();
        let has = |bit: u64| permissions.is_some_and(|bits| bits & bit != 0);
        let names: Vec<_> = file["access"].as_array().context("access")?.iter().collect();
        for (bit, name) in [(1, "read"), (2, "write"), (4, "create")] {
            ensure!(names.iter().any(|shown| **shown == *name) == has(bit), "{file} and {permissions:?}");
        }
        // One session each, so that the computer is known; and the path for users begins with the share.
        ensure!(file["client"] == "127.0.0.1", "{file}");
        ensure!(
            file["share"] == "files"
                && file["unc"].as_str().is_some_and(|unc| unc.starts_with(r"\\127.0.0.1\files")),
            "{file}"
        );
    }
    let of_bob = ours("files", samba.address(), &["--user", "BOB", "--share", "FILES"])?;
    ensure!(of_bob.iter().all(|file| file["user"] == "bob") && !of_bob.is_empty(), "{of_bob:?}");
    Ok(())
}

/// As many as for as many sessions (`round_trips::6_for_1005_sessions`), and one each for shares and sessions.
fn round_trips_of_many() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let _held = Holder::open(samba.address(), ALICE, 1_005)?;
    for (columns, expected) in [("id,path", 6), ("id,unc", 7), ("id,unc,client", 8)] {
        let proxy = Proxy::to(samba.address()).delay(Duration::from_millis(40)).start()?;
        let files = List::of_command("files", proxy.address().to_string())?.login(ADMIN);
        let run = files.args(&["-f", "jsonl", "--columns", columns]).run()?;
        let (rows, trips) = (run.lines()?.len(), only_trace(&proxy)?.round_trips());
        ensure!((rows, trips) == (1_005, expected), "{columns}: {rows} files, {trips} round trips");
    }
    Ok(())
}

/// Five as for a listing, one for the shares, one for the sessions, where they are shown or compared with a filter;
/// without an open file five.
fn round_trips() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let count = |arguments: &[&str]| -> Result<usize> {
        let proxy = Proxy::to(samba.address()).start()?;
        let files = List::of_command("files", proxy.address().to_string())?.login(ADMIN);
        let run = files.args(arguments).run()?;
        ensure!(run.outcome.code == Some(0), "{run:?}");
        Ok(only_trace(&proxy)?.round_trips())
    };
    ensure!(count(&["-f", "jsonl"])? == 5, "without a file");
    let _held = Holder::open(samba.address(), ALICE, 1)?;
    let cases: [(&[&str], usize); 14] = [
        (&["-f", "jsonl"], 7),
        (&["-f", "csv"], 7),
        (&["-f", "json", "--columns", "id,path"], 5),
        (&["--columns", "id,path,user,locks,access,level,server"], 5),
        (&["--columns", "id,unc"], 6),
        (&["--columns", "id,share"], 6),
        (&["--columns", "id,client"], 6),
        (&["--columns", "id", "--sort", "-client"], 6),
        (&["--columns", "id", "--sort", "unc,client"], 7),
        (&["--columns", "id", "--share", "files"], 6),
        (&["--columns", "id", "--path", "alice"], 6),
        (&["--columns", "id", "--client", "127.0.0.1"], 6),
        (&["--columns", "id", "--user", "alice"], 5),
        // The table shows the computer, and no path for users.
        (&[], 6),
    ];
    for (arguments, expected) in cases {
        let counted = count(arguments)?;
        ensure!(counted == expected, "{arguments:?}: {counted}, not {expected}");
    }
    Ok(())
}

fn closed() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let _held = Holder::open(samba.address(), ALICE, 2)?;
    let files = ours("files", samba.address(), &["--path", "alice*-0"])?;
    let [file] = files.as_slice() else { anyhow::bail!("not one file: {files:?}") };
    let id = file["id"].to_string();
    let is_listed = || -> Result<bool> {
        Ok(python(samba.address(), "files")?.iter().any(|theirs| theirs[0] == file["id"]))
    };
    let close = |arguments: &[&str]| -> Result<(Option<i32>, Vec<Value>)> {
        let close =
            List::of_command("close", "file")?.login(ADMIN).args(&[&samba.address().to_string(), &id]);
        let run = close.args(&["-f", "jsonl"]).args(arguments).run()?;
        Ok((run.outcome.code, run.lines()?))
    };
    let (code, lines) = close(&["--dry-run"])?;
    ensure!(code == Some(0) && lines[0]["outcome"] == "left_alone", "{lines:?}");
    let (code, lines) = close(&["--yes", "--user", "bob"])?;
    ensure!(code == Some(1) && lines[0]["outcome"] == "changed", "{lines:?}");
    ensure!(is_listed()?);
    let (code, lines) = close(&["--yes", "--user", "alice"])?;
    ensure_closed(code, &lines[0], is_listed)?;
    // Never listed by this run: a mistake.
    let (code, lines) = close(&["--yes"])?;
    ensure!(code == Some(1) && lines[0]["outcome"] == "not_listed", "{lines:?}");
    // The right to list is not enough to end sessions.
    let end =
        List::of_command("close", "session")?.login(ADMIN).args(&[&samba.address().to_string(), "--yes"]);
    let run = end.args(&["--client", "127.0.0.1", "--user", "alice"]).run()?;
    ensure!(run.outcome.code == Some(1) && run.outcome.stderr.contains("Domain Admins"), "{run:?}");
    Ok(())
}

fn refused() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let run =
        List::of_command("files", samba.address().to_string())?.login(PLAIN).args(&["-f", "jsonl"]).run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(line["error"]["kind"] == "access_denied" && line["error"]["code"] == 5, "{line}");
    Ok(())
}

fn same_shares() -> Result<()> {
    let samba = Samba::builder().share("más & more").start()?;
    samba.warm_up()?;
    let theirs = python(samba.address(), "shares")?;
    let shares = ours("shares", samba.address(), &[])?;
    ensure!(
        rows(&shares, &["name", "path", "comment"]) == rows_of_python(&theirs, 3),
        "{shares:?}\n{theirs:?}"
    );
    let run =
        List::of_command("shares", samba.address().to_string())?.login(PLAIN).args(&["-f", "jsonl"]).run()?;
    let lines = run.lines()?;
    let theirs = python_as(PLAIN, samba.address(), "shares-1")?;
    ensure!(rows(&lines, &["name", "comment"]) == rows_of_python(&theirs, 2), "{lines:?}\n{theirs:?}");
    // Samba tells paths to every user, too.
    ensure!(rows(&lines, &["name"]) == rows(&shares, &["name"]), "every user may have the names: {run:?}");
    Ok(())
}
