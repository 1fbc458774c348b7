//! A fleet with a wrong password, as the server counts it.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, Account};
use netsession_interop::netsession::List;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use tempfile::NamedTempFile;

const SERVERS: u8 = 250;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba, Need::Program], "sweep::one_wrong_password_is_one_log_on", one_log_on);
}

/// One Samba on every address of loopback, which writes down each log-on.
fn one_log_on() -> Result<()> {
    let samba = Samba::builder()
        .global("bind interfaces only = no")
        .global("interfaces = 127.0.0.0/8")
        .global("log level = 1 auth_audit:3")
        .start()?;
    let mut servers = String::new();
    for last in 1..=SERVERS {
        writeln!(servers, "127.0.0.{last}:{}", samba.address().port())?;
    }
    let file = NamedTempFile::new()?;
    std::fs::write(file.path(), servers)?;
    let sweep = |who: Account, jobs: &str| {
        let list = file.path().to_string_lossy().into_owned();
        // So much time that the guard does not lapse where a machine is slow, after a quarter of it. Less than a run may take.
        let args = ["--jobs", jobs, "-f", "jsonl", "--timeout", "5m"];
        List::new("--servers-from")?.args(&[&list]).args(&args).login(who).run()
    };
    let run = sweep(Account { password: "wrong", ..ADMIN }, "250")?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let text = run.text()?;
    let failed = |kind: &str| text.matches(&format!("\"kind\":\"{kind}\"")).count();
    ensure!(text.lines().count() == usize::from(SERVERS), "{run:?}");
    ensure!(failed("logon_refused") == 1, "{run:?}");
    // A Samba that forks 250 times at once may close some of them before there is anything to block.
    ensure!(failed("logon_blocked") > usize::from(SERVERS) / 2, "{run:?}");
    let log_ons = samba.log().matches("NT_STATUS_WRONG_PASSWORD").count();
    ensure!(log_ons == 1, "the server has seen {log_ons} log-ons");
    // The log does count: with the right password all of them log on.
    let run = sweep(ADMIN, "32")?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let log_ons = samba.log().matches("status [NT_STATUS_OK]").count();
    ensure!(log_ons >= usize::from(SERVERS), "{log_ons} log-ons in the log of {SERVERS}");
    Ok(())
}
