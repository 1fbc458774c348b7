//! What this machine must have for the tests with real servers.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process;

/// Programs, and the Debian package that brings each.
const PROGRAMS: [(&str, &str); 6] = [
    ("smbd", "samba"),
    ("smbpasswd", "samba-common-bin"),
    ("net", "samba-common-bin"),
    ("smbclient", "smbclient"),
    ("rpcclient", "smbclient"),
    ("unshare", "util-linux"),
];

/// What a domain needs beyond that: programs and files, and the Debian package that brings each.
const OF_A_DOMAIN: [(&str, &str); 9] = [
    ("samba", "samba"),
    ("samba-tool", "samba-common-bin"),
    ("winbindd", "winbind"),
    ("kinit", "krb5-user"),
    ("kcm", "heimdal-kcm"),
    ("keyctl", "keyutils"),
    ("ip", "iproute2"),
    ("faketime", "faketime"),
    ("setsid", "util-linux"),
];

/// What the tests with a domain lack beyond what [`missing`] names.
pub fn missing_for_a_domain() -> Vec<String> {
    let mut missing: Vec<String> =
        OF_A_DOMAIN.iter().filter_map(|(name, package)| program(name, package)).collect();
    if !Path::new("/usr/share/samba/setup/provision.ldif").exists() {
        missing.push("what a domain is made from (Debian package samba-ad-provision)".to_owned());
    }
    if !succeeds("sh", &["-c", "ls /usr/lib/*/samba/ldb/acl.so"]) {
        missing.push("the modules of the directory (Debian package samba-dsdb-modules)".to_owned());
    }
    if is_installed("unshare") && !succeeds("unshare", &["--net", "true"]) {
        missing.push("the right to make a network namespace (run as root)".to_owned());
    }
    missing
}

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

/// What the tests with Prometheus lack.
pub fn missing_for_prometheus() -> Vec<String> {
    ["prometheus", "promtool"].iter().filter_map(|name| program(name, "prometheus")).collect()
}

/// What the tests of the reverse proxy lack.
pub fn missing_for_nginx() -> Vec<String> {
    ["nginx", "openssl", "curl"].iter().filter_map(|name| program(name, name)).collect()
}

/// As [`key_store`] names it.
pub(crate) const KEY_STORE: &str = "the kernel's store of keys (keyctl)";

/// The kernel's store of keys, which the rules of a container may close.
pub fn key_store() -> Option<String> {
    (!succeeds("keyctl", &["show"])).then(|| KEY_STORE.to_owned())
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

/// Whether a program is on the path, or where only root has it there.
pub(crate) fn is_installed(program: &str) -> bool {
    process::path_with_sbin().split(':').any(|folder| Path::new(folder).join(program).exists())
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
