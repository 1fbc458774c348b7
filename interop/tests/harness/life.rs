//! A private Samba from start to end.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, PLAIN};
use netsession_interop::process::PATIENCE;
use netsession_interop::rpcclient;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba], "samba::starts_and_leaves_nothing", starts_and_leaves_nothing);
    suite.test(&[Need::Samba], "samba::two_at_the_same_time", two_at_the_same_time);
    suite.test(&[Need::Samba], "samba::host_keeps_its_users", host_keeps_its_users);
    suite.test(&[Need::Samba], "samba::only_administrators_list", only_administrators_list);
    suite.test(&[Need::Samba], "samba::bad_setting_is_an_error", bad_setting_is_an_error);
}

fn starts_and_leaves_nothing() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let folder = samba.conf().parent().map(Path::to_path_buf).unwrap_or_default();
    ensure!(mentions(&folder)? > 0, "no process of it is seen, so its end could not be either");
    drop(samba);
    ensure!(!folder.exists(), "{} is left", folder.display());
    ensure!(mentions(&folder)? == 0, "a process is left");
    Ok(())
}

fn two_at_the_same_time() -> Result<()> {
    let (first, second) = (Samba::builder().start()?, Samba::builder().start()?);
    ensure!(first.port() != second.port());
    first.warm_up()?;
    second.warm_up()
}

fn host_keeps_its_users() -> Result<()> {
    let before = (fs::read("/etc/passwd")?, fs::read("/etc/group")?);
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    ensure!(before == (fs::read("/etc/passwd")?, fs::read("/etc/group")?), "the host's users changed");
    Ok(())
}

fn only_administrators_list() -> Result<()> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let begun = Instant::now();
    loop {
        let admin = rpcclient::enumerate(samba.address(), ADMIN, &[])?;
        if admin == Ok(1) {
            break;
        }
        // The session of the client before ends a moment after it.
        ensure!(admin.is_ok() && begun.elapsed() < PATIENCE, "its own session alone: {admin:?}");
        thread::sleep(Duration::from_millis(100));
    }
    let plain = rpcclient::enumerate(samba.address(), PLAIN, &[])?;
    ensure!(plain == Err("WERR_ACCESS_DENIED".to_owned()), "{plain:?}");
    Ok(())
}

fn bad_setting_is_an_error() -> Result<()> {
    let started = Samba::builder().global("passdb backend = nosuch:thing").start();
    ensure!(started.is_err(), "it started with a setting that it cannot have");
    Ok(())
}

/// How many processes have the folder in their command line.
fn mentions(folder: &Path) -> Result<usize> {
    let folder = folder.to_string_lossy().into_owned();
    let mut count = 0;
    for entry in fs::read_dir("/proc")? {
        // Not a process, or one that has just ended.
        let Ok(line) = fs::read(entry?.path().join("cmdline")) else { continue };
        count += usize::from(String::from_utf8_lossy(&line).contains(&folder));
    }
    Ok(count)
}
