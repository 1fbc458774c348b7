//! Samba 4.22 of Debian 13, in a chroot; its member server is in the suite `domain`.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, PLAIN};
use netsession_interop::holder::Holder;
use netsession_interop::netsession::List;
use netsession_interop::oracle;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

const NEEDS: &[Need] = &[Need::Samba, Need::Debian13, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    for level in ["auto", "0", "1", "10"] {
        suite.test(NEEDS, format!("samba_4_22::lists::level_{level}"), move || lists(level));
    }
    suite.test(NEEDS, "samba_4_22::is_4_22", version);
    suite.test(NEEDS, "samba_4_22::no_level_2", no_such_level);
    suite.test(NEEDS, "samba_4_22::encrypted", encrypted);
    suite.test(NEEDS, "samba_4_22::without_the_right", without_the_right);
    suite.test(NEEDS, "samba_4_22::hosts_deny", hosts_deny);
}

fn warm(settings: &[&str]) -> Result<Samba> {
    let samba = settings.iter().fold(Samba::builder(), |builder, line| builder.global(*line));
    let samba = samba.of_debian13()?.start()?;
    samba.warm_up().with_context(|| format!("the server said: {}", samba.log()))?;
    Ok(samba)
}

fn version() -> Result<()> {
    let samba = warm(&[])?;
    let log = samba.log();
    ensure!(log.contains("smbd version 4.22"), "another version: {log}");
    Ok(())
}

/// Alice with two open files, as python3-samba sees her as well, and the own session.
fn lists(level: &str) -> Result<()> {
    let samba = warm(&[])?;
    let _alice = Holder::open(samba.address(), ALICE, 2)?;
    let rows = List::new(samba.address().to_string())?.login(ADMIN).args(&["-l", level]).rows()?;
    ensure!(rows.iter().all(|row| row.client.as_deref() == Some("127.0.0.1")), "{rows:?}");
    if level == "0" {
        ensure!(rows.len() >= 2 && rows.iter().all(|row| row.user.is_none()), "{rows:?}");
        return Ok(());
    }
    let of_alice: Vec<_> = rows.iter().filter(|row| row.user.as_deref() == Some(ALICE.name)).collect();
    let [alice] = of_alice.as_slice() else { anyhow::bail!("not one session of alice: {rows:?}") };
    ensure!(rows.iter().any(|row| row.user.as_deref() == Some(ADMIN.name)), "no own session: {rows:?}");
    if level != "10" {
        let theirs = oracle::list(samba.address(), ADMIN, 1)?.ok().context("python3-samba was refused")?;
        let theirs = theirs.iter().find(|row| row.user.as_deref() == Some(ALICE.name));
        ensure!(alice.opens == Some(2) && theirs.and_then(|row| row.opens) == Some(2), "{alice:?}");
    }
    // 4.22 often says 0xFFFFFFFF of a session that has just begun.
    ensure!(alice.connected_seconds.is_some_and(|seconds| seconds < 600), "{alice:?}");
    Ok(())
}

fn no_such_level() -> Result<()> {
    let samba = warm(&[])?;
    let error = List::new(samba.address().to_string())?.login(ADMIN).args(&["-l", "2"]).error()?;
    ensure!(error["kind"] == "level_not_supported" && error["code"] == 124, "{error}");
    Ok(())
}

fn encrypted() -> Result<()> {
    let samba = warm(&["server smb encrypt = required"])?;
    for encrypt in ["required", "auto"] {
        let list = List::new(samba.address().to_string())?.login(ADMIN).args(&["--encrypt", encrypt]);
        ensure!(!list.rows()?.is_empty(), "no own session");
    }
    let error = List::new(samba.address().to_string())?.login(ADMIN).args(&["--encrypt", "off"]).error()?;
    ensure!(error["kind"] == "encryption", "{error}");
    Ok(())
}

fn without_the_right() -> Result<()> {
    let samba = warm(&[])?;
    let error = List::new(samba.address().to_string())?.login(PLAIN).error()?;
    ensure!(error["kind"] == "access_denied" && error["code"] == 5, "{error}");
    Ok(())
}

/// Answered with a negative session response of NetBIOS. `hosts allow` never excludes 127.0.0.1.
fn hosts_deny() -> Result<()> {
    let samba = Samba::builder().global("hosts deny = 127.0.0.1").of_debian13()?.start()?;
    let error = List::new(samba.address().to_string())?.login(ADMIN).error()?;
    ensure!(error["kind"] == "host_denied", "{error}");
    let message = error["message"].as_str().unwrap_or_default();
    ensure!(message.contains("this machine may not connect"), "{error}");
    Ok(())
}
