//! Large listings: many fragments, many connections.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::many::Many;
use netsession_interop::netsession::Row;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::list;

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "many::1000_sessions", || sessions(&[], 1_000, 4));
    suite.test(NEEDS, "many::1000_sessions::dialect_2_1", || in_dialect("SMB2_10", 1_000));
    suite.test(NEEDS, "many::1000_sessions::dialect_3_0", || in_dialect("SMB3_00", 1_000));
    suite.test(NEEDS, "many::500_connections", || sessions(&[], 500, 500));
    suite.test(NEEDS, "many::10000_sessions", || sessions(&[], 10_000, 4));
}

fn in_dialect(dialect: &str, count: usize) -> Result<()> {
    sessions(&[format!("server max protocol = {dialect}")], count, 4)
}

fn sessions(settings: &[String], count: usize, connections: usize) -> Result<()> {
    let samba = settings.iter().fold(Samba::builder(), |builder, line| builder.global(line)).start()?;
    let users = [ALICE, BOB, CAROL];
    let _many = Many::log_on(samba.address(), &users, count, connections)?;
    // Encrypted and signed: the fragments come in other frames.
    for encrypt in ["auto", "off"] {
        let rows =
            list(samba.address())?.args(&["-l", "1", "--encrypt", encrypt, "--timeout", "30s"]).rows()?;
        let mut expected = BTreeMap::new();
        for number in 0..count {
            // As they are dealt out.
            *expected.entry(users[number % users.len()].name).or_default() += 1;
        }
        let mut listed = by_user(&rows);
        // The caller's own; the one before can still be there.
        ensure!(listed.remove(ADMIN.name).is_some_and(|own| own <= 2), "{} rows", rows.len());
        ensure!(listed == expected, "{listed:?} instead of {expected:?}");
    }
    Ok(())
}

fn by_user(rows: &[Row]) -> BTreeMap<&str, usize> {
    let mut users = BTreeMap::new();
    for row in rows {
        *users.entry(row.user.as_deref().unwrap_or_default()).or_default() += 1;
    }
    users
}
