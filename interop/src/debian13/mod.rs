//! Debian 13 in a folder of the target folder, for its Samba 4.22: smbd runs in it by chroot, in the mount namespace
//! of a test, so that nothing stays mounted however the test ends.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process;

/// The shell function `enter_root`: what a server in another root needs to be mounted there.
pub(crate) const ENTER_ROOT: &str = include_str!("enter_root.sh");

/// Samba, and what a member of a domain needs to give its users Unix accounts.
const PACKAGES: &str = "samba,winbind,libnss-winbind";

/// The root of it; an error where there is none yet.
pub fn root() -> Result<PathBuf> {
    let root = folder()?;
    ensure!(
        root.join("usr/sbin/smbd").exists(),
        "Debian 13 with Samba 4.22 in {} (cargo xtask test --install, as root)",
        root.display()
    );
    Ok(root)
}

/// The same, made where there is none yet, in one to two minutes: from the mirror that apt is set up with.
pub fn prepare() -> Result<PathBuf> {
    if let Ok(root) = root() {
        return Ok(root);
    }
    let root = folder()?;
    let mirror = mirror()?;
    // Under another name until it is complete.
    let unfinished = root.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    // What it mounts is in a namespace of its own, and is gone with it.
    let mut make = Command::new("unshare");
    make.args(["--mount", "--propagation", "private", "mmdebstrap", "--mode=root", "--variant=minbase"])
        .arg(format!("--include={PACKAGES}"))
        .args(["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"])
        .args(["--dpkgopt=path-exclude=/usr/share/locale/*", "trixie"])
        .arg(&unfinished)
        .arg(&mirror);
    let status = make.status().context("cannot start mmdebstrap")?;
    ensure!(status.success(), "mmdebstrap trixie from {mirror}: {status}");
    fs::rename(&unfinished, &root)?;
    self::root()
}

/// Debian's mirror in apt's sources.
fn mirror() -> Result<String> {
    let targets = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)", "Label: Debian", "Created-By: Packages"])
        .output()
        .context("cannot start apt-get")?;
    let list = String::from_utf8(targets.stdout)?;
    Ok(list.lines().next().context("apt has no mirror of Debian")?.to_owned())
}

/// In the target folder, beside the profiles.
fn folder() -> Result<PathBuf> {
    Ok(process::target()?.join("debian13"))
}
