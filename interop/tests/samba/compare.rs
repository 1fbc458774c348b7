//! Field by field what python3-samba lists.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::Row;
use netsession_interop::oracle;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{list, warm};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "compare::level_0", || compare(&[], 0));
    suite.test(NEEDS, "compare::level_1", || compare(&[], 1));
    suite.test(NEEDS, "compare::level_1::encryption_required", || {
        compare(&["server smb encrypt = required"], 1)
    });
    suite.test(NEEDS, "compare::level_1::dialect_2_0_2", || compare(&["server max protocol = SMB2_02"], 1));
    suite.test(NEEDS, "compare::level_1::names_instead_of_addresses", || {
        compare(&["hostname lookups = yes"], 1)
    });
    suite.test(NEEDS, "compare::filters", filters);
}

/// Sessions that differ in user and number of files, so that rows can be told apart.
fn hold(samba: &Samba) -> Result<Vec<Holder>> {
    [(ALICE, 3), (ALICE, 0), (BOB, 1), (CAROL, 7)]
        .into_iter()
        .map(|(who, files)| Holder::open(samba.address(), who, files))
        .collect()
}

fn compare(settings: &[&'static str], level: u32) -> Result<()> {
    let samba = warm(settings)?;
    let _held = hold(&samba)?;
    let ask = || oracle::list(samba.address(), ADMIN, level)?.ok().context("python3-samba was refused");
    let before = sorted_theirs(ask()?);
    let ours = sorted_ours(list(samba.address())?.args(&["-l", &level.to_string()]).rows()?);
    let after = sorted_theirs(ask()?);
    if level == 0 {
        // Each sees its own session besides, and the one before can still be there: nothing tells them apart.
        ensure!(before.len() >= 5 && ours.len() >= 5, "{ours:?}\n{before:?}");
        return ours.iter().try_for_each(|row| same(row, &before[0], &after[0]));
    }
    ensure!(before.len() == 4, "python3-samba lists {before:?}");
    ensure!(ours.len() == before.len() && before.len() == after.len(), "{ours:?}\n{before:?}\n{after:?}");
    for ((ours, before), after) in ours.iter().zip(&before).zip(&after) {
        same(ours, before, after).with_context(|| format!("\n{ours:?}\n{before:?}\n{after:?}"))?;
    }
    Ok(())
}

fn same(ours: &Row, before: &oracle::Row, after: &oracle::Row) -> Result<()> {
    ensure!(ours.client.as_ref() == Some(&before.client), "client");
    ensure!(ours.user == before.user, "user");
    ensure!(ours.opens == before.opens, "opens");
    ensure!(
        ours.client_type == before.client_type && ours.transport == before.transport,
        "client type, transport"
    );
    let flags = before.flags.map(|flags| if flags == 0 { Vec::new() } else { vec![format!("{flags:#x}")] });
    ensure!(ours.flags == flags, "flags");
    between(ours.connected_seconds, before.connected, after.connected).context("connected")?;
    between(ours.idle_seconds, before.idle, after.idle).context("idle")
}

fn between(ours: Option<u64>, before: Option<u32>, after: Option<u32>) -> Result<()> {
    // On a session a second old the server's clock can be behind: −1, which means 0, as every negative time does.
    let seconds = |value: Option<u32>| {
        value.map(|value| if i32::try_from(value).is_ok() { u64::from(value) } else { 0 })
    };
    match (ours, seconds(before), seconds(after)) {
        (None, None, None) => {}
        (Some(ours), Some(before), Some(after)) => ensure!((before..=after).contains(&ours)),
        _ => anyhow::bail!("one has it, the other has not"),
    }
    Ok(())
}

fn filters() -> Result<()> {
    let samba = warm(&[])?;
    let _held = hold(&samba)?;
    let users = |args: &[&str]| -> Result<Vec<String>> {
        let rows = list(samba.address())?.args(args).rows()?;
        let mut users: Vec<_> = rows.into_iter().filter_map(|row| row.user).collect();
        users.sort();
        Ok(users)
    };
    ensure!(users(&["--user", "ALICE"])? == ["alice", "alice"]);
    ensure!(users(&["--user", "bob", "--client", "127.0.0.1"])? == ["bob"]);
    let mut from_here = users(&["--client", r"\\127.0.0.1"])?;
    // The caller's own; the one before can still be there.
    from_here.retain(|user| user != ADMIN.name);
    ensure!(from_here == ["alice", "alice", "bob", "carol"], "{from_here:?}");
    ensure!(users(&["--client", "10.9.8.7"])?.is_empty());
    ensure!(users(&["--user", "nobody-here"])?.is_empty());
    Ok(())
}

fn sorted_theirs(mut rows: Vec<oracle::Row>) -> Vec<oracle::Row> {
    rows.retain(|row| row.user.as_deref() != Some(ADMIN.name));
    rows.sort_by_key(|row| (row.client.clone(), row.user.clone(), row.opens));
    rows
}

fn sorted_ours(mut rows: Vec<Row>) -> Vec<Row> {
    rows.retain(|row| row.user.as_deref() != Some(ADMIN.name));
    rows.sort_by_key(|row| (row.client.clone(), row.user.clone(), row.opens));
    rows
}
