//! Sessions that are held, and listed by others.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::holder::Holder;
use netsession_interop::many::Many;
use netsession_interop::process::PATIENCE;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{oracle, rpcclient};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba], "holder::files_are_open", files_are_open);
    suite.test(&[Need::Samba], "holder::on_a_server_that_wants_encryption", with_encryption);
    suite.test(&[Need::Samba], "oracle::levels_and_errors", levels_and_errors);
    suite.test(&[Need::Samba], "many::a_thousand_over_four_connections", || many(1_000, 4));
    suite.test(&[Need::Samba], "many::five_hundred_connections", || many(500, 500));
}

fn files_are_open() -> Result<()> {
    let samba = Samba::builder().start()?;
    let alice = Holder::open(samba.address(), ALICE, 3)?;
    let _bob = Holder::open(samba.address_v6(), BOB, 1)?;
    let rows = oracle::list(samba.address(), ADMIN, 1)?.ok().context("refused")?;
    let opens =
        |user: &str| rows.iter().find(|row| row.user.as_deref() == Some(user)).and_then(|row| row.opens);
    ensure!(opens("alice") == Some(3) && opens("bob") == Some(1), "{rows:?}");
    ensure!(rows.iter().any(|row| row.client == "::1"), "{rows:?}");
    drop(alice);
    let begun = Instant::now();
    loop {
        let after = oracle::list(samba.address(), ADMIN, 1)?.ok().context("refused")?;
        if after.iter().all(|row| row.user.as_deref() != Some("alice")) {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "alice is still there: {after:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn with_encryption() -> Result<()> {
    let samba = Samba::builder().global("server smb encrypt = required").start()?;
    let _carol = Holder::open(samba.address(), CAROL, 2)?;
    let rows = oracle::list(samba.address(), ADMIN, 1)?.ok().context("refused")?;
    ensure!(rows.iter().any(|row| row.user.as_deref() == Some("carol") && row.opens == Some(2)), "{rows:?}");
    Ok(())
}

fn levels_and_errors() -> Result<()> {
    let samba = Samba::builder().start()?;
    let names = oracle::list(samba.address(), ADMIN, 0)?.ok().context("refused")?;
    ensure!(names.len() == 1 && names[0].client == "127.0.0.1" && names[0].user.is_none(), "{names:?}");
    for level in [2, 10, 502] {
        let listing = oracle::list(samba.address(), ADMIN, level)?;
        ensure!(listing == Err(124), "level {level}: {listing:?}");
    }
    let alice = oracle::list(samba.address(), ALICE, 1)?;
    ensure!(alice == Err(5), "{alice:?}");
    Ok(())
}

fn many(sessions: usize, connections: usize) -> Result<()> {
    let samba = Samba::builder().start()?;
    let many = Many::log_on(samba.address(), &[ALICE, BOB], sessions, connections)?;
    let count = rpcclient::enumerate(samba.address(), ADMIN, &[])?;
    ensure!(count == Ok(sessions + 1), "{count:?}");
    println!("{sessions} sessions over {connections} connections took {:?}", many.took());
    Ok(())
}
