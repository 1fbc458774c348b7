//! What comes out, on a real server.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ALICE, BOB};
use netsession_interop::holder::Holder;
use netsession_interop::netsession;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_says, list};

const HEADER: &str = "server,level,client,user,opens,connected_seconds,idle_seconds,flags,client_type,transport,\
                      client_name";

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "format::json", json);
    suite.test(NEEDS, "format::jsonl", jsonl);
    suite.test(NEEDS, "format::csv", csv);
    suite.test(NEEDS, "format::table", table);
    suite.test(NEEDS, "format::resolve", resolve);
}

fn with_two_sessions() -> Result<(Samba, [Holder; 2])> {
    // Not warmed up: the session of the warm-up could still be there, and sessions are counted.
    let samba = Samba::builder().start()?;
    let held = [Holder::open(samba.address(), ALICE, 2)?, Holder::open(samba.address(), BOB, 1)?];
    Ok((samba, held))
}

fn json() -> Result<()> {
    let (samba, _held) = with_two_sessions()?;
    let rows = list(samba.address())?.rows()?;
    let order: Vec<_> =
        rows.iter().map(|row| (u64::MAX - row.idle_seconds.unwrap_or(0), &row.client, &row.user)).collect();
    ensure!(order.is_sorted(), "longest idle first, then client and user: {rows:?}");
    ensure!(rows.len() == 3, "{rows:?}");
    Ok(())
}

fn jsonl() -> Result<()> {
    let (samba, _held) = with_two_sessions()?;
    let run = list(samba.address())?.args(&["-f", "jsonl"]).run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let rows = run.lines()?.into_iter().map(netsession::row).collect::<Result<Vec<_>>>()?;
    let alice = rows.iter().find(|row| row.user.as_deref() == Some("alice")).context("no alice")?;
    ensure!(alice.opens == Some(2), "{alice:?}");
    ensure!(rows.len() == 3, "{rows:?}");
    Ok(())
}

fn csv() -> Result<()> {
    let (samba, _held) = with_two_sessions()?;
    let run = list(samba.address())?.args(&["-f", "csv"]).run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let mut lines = run.text()?.lines();
    ensure!(lines.next() == Some(HEADER), "{run:?}");
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    ensure!(rows.len() == 3 && rows.iter().all(|row| row.len() == 11), "{rows:?}");
    let server = samba.address().to_string();
    let alice = rows.iter().find(|row| row[3] == "alice").context("no alice")?;
    ensure!(alice[..5] == [server.as_str(), "1", "127.0.0.1", "alice", "2"], "{alice:?}");
    // No flags, and nothing that the level does not carry.
    ensure!(alice[7..] == ["", "", "", ""], "{alice:?}");
    Ok(())
}

fn table() -> Result<()> {
    let (samba, _held) = with_two_sessions()?;
    let run = list(samba.address())?.run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let text = run.text()?;
    ensure!(!text.contains('\u{1b}'), "colour without a terminal: {text}");
    ensure!(text.lines().all(|line| line.chars().count() <= 80), "wider than 80 columns:\n{text}");
    for user in ["admin", "alice", "bob"] {
        ensure!(
            text.lines().any(|line| line.contains(user) && line.contains("127.0.0.1")),
            "no {user}:\n{text}"
        );
    }
    ensure_says(text, &["3 sessions"])?;
    ensure_says(text, &["3 users"])?;
    ensure_says(text, &["3 open files"])?;
    ensure_says(text, &["level 1"])
}

fn resolve() -> Result<()> {
    let (samba, _held) = with_two_sessions()?;
    let rows = list(samba.address())?.args(&["--resolve"]).rows()?;
    // Every machine has a name for its loopback.
    ensure!(rows.iter().all(|row| row.client_name.as_deref() == Some("localhost")), "{rows:?}");
    Ok(())
}
