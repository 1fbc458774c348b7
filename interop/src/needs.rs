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

/// Everything that is missing, in words; empty when the tests can run.
pub fn missing() -> Vec<String> {
    let mut missing: Vec<String> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_installed(program))
        .map(|(program, package)| format!("{program} (Debian package {package})"))
        .collect();
    if !succeeds("/usr/bin/python3", &["-c", "import samba.dcerpc.srvsvc"]) {
        missing.push("/usr/bin/python3 with samba.dcerpc (Debian package python3-samba)".to_owned());
    }
    if is_installed("unshare")
        && !succeeds("unshare", &["-m", "-p", "--fork", "mount", "-t", "tmpfs", "x", "/mnt"])
    {
        missing.push("the right to mount in a namespace of its own (run as root)".to_owned());
    }
    missing
}

/// Whether a program is on the path, or where only root has it there.
pub(crate) fn is_installed(program: &str) -> bool {
    // sbin is not on everybody's PATH.
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':').chain(["/usr/sbin", "/sbin"]).any(|folder| Path::new(folder).join(program).exists())
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
