//! What this machine must have for the tests with real servers.

use std::path::Path;
use std::process::{Command, Stdio};

/// Programs, and the Debian package that brings each.
const PROGRAMS: [(&str, &str); 6] = [
    ("smbd", "samba"),
    ("smbpasswd", "samba-common-bin"),
    ("net", "samba-common-bin"),
    ("smbclient", "smbclient"),
    ("rpcclient", "smbclient"),
    ("unshare", "util-linux"),
];

/// Everything that is missing for a private Samba and its clients, in words; empty when the tests can run.
pub fn missing() -> Vec<String> {
    let mut missing: Vec<String> =
        PROGRAMS.iter().filter_map(|(name, package)| program(name, package)).collect();
    missing.extend(python3_samba());
    if is_installed("unshare")
        && !succeeds("unshare", &["-m", "-p", "--fork", "mount", "-t", "tmpfs", "x", "/mnt"])
    {
        missing.push("the right to mount in a namespace of its own (run as root)".to_owned());
    }
    missing
}

/// python3-samba, if it is missing.
pub fn python3_samba() -> Option<String> {
    let is_there = succeeds("/usr/bin/python3", &["-c", "import samba.dcerpc.srvsvc"]);
    (!is_there).then(|| "/usr/bin/python3 with samba.dcerpc (Debian package python3-samba)".to_owned())
}

/// A program, if it is missing.
pub fn program(name: &str, package: &str) -> Option<String> {
    (!is_installed(name)).then(|| format!("{name} (Debian package {package})"))
}

pub(crate) fn is_installed(program: &str) -> bool {
    // sbin is not on everybody's PATH.
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/usr/sbin", "/sbin"]).any(|folder| Path::new(folder).join(program).exists())
}

pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
