//! How often the program waits for the server, between TCP connect and the answer. It says no farewell, so the
//! whole conversation is counted.

use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB, CAROL};
use netsession_interop::many::Many;
use netsession_interop::proxy::Proxy;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_lists, list, only_trace, shared, warm};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "round_trips::5_at_level_1", || small(&[], &["-l", "1"], 5));
    suite.test(NEEDS, "round_trips::5_at_level_1_signed", || {
        small(&["server smb encrypt = off"], &["-l", "1"], 5)
    });
    suite.test(NEEDS, "round_trips::5_at_level_1_encryption_required", || {
        small(&["server smb encrypt = required"], &["-l", "1"], 5)
    });
    suite.test(NEEDS, "round_trips::6_with_auto", || small(&[], &[], 6));
    suite.test(NEEDS, "round_trips::6_for_1005_sessions", || large("auto"));
    suite.test(NEEDS, "round_trips::6_for_1005_sessions_signed", || large("off"));
}

fn small(settings: &[&'static str], args: &[&str], expected: usize) -> Result<()> {
    count(&*shared(settings)?, args, expected).map(|_| ())
}

fn large(encrypt: &str) -> Result<()> {
    let samba = warm(&[])?;
    let _many = Many::log_on(samba.address(), &[ALICE, BOB, CAROL], 1_004, 4)?;
    let rows = count(&samba, &["-l", "1", "--encrypt", encrypt], 6)?;
    ensure!(rows == 1_005, "{rows} sessions");
    Ok(())
}

fn count(samba: &Samba, args: &[&str], expected: usize) -> Result<usize> {
    let proxy = Proxy::to(samba.address()).delay(Duration::from_millis(40)).start()?;
    let rows = list(proxy.address())?.args(args).rows()?;
    ensure_lists(&rows, ADMIN)?;
    let trips = only_trace(&proxy)?.round_trips();
    ensure!(trips == expected, "{trips} round trips instead of {expected}");
    Ok(rows.len())
}
