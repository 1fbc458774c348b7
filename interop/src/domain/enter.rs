use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

const ENTERED: &str = "NETSESSION_INTEROP_NAMESPACE";

/// Brings loopback up, and names the domain controller, in namespaces that are new.
const SETUP: &str = r#"
set -eu
ip link set lo up
hosts=$(mktemp)
printf '127.0.0.1 localhost\n127.0.0.1 dc1.adlab.test dc1 fs1.adlab.test\n127.0.0.1 alias.adlab.test\n' >"$hosts"
mount --bind "$hosts" /etc/hosts
rm "$hosts"
exec "$@"
"#;

/// Goes on in a network namespace and a mount namespace of its own, with nothing on the network but loopback.
/// Returns when this process is there; to get there it starts itself again.
pub fn enter() -> Result<()> {
    if std::env::var_os(ENTERED).is_some() {
        return Ok(());
    }
    let error = Command::new("unshare")
        .args(["--net", "--mount", "--propagation", "private", "sh", "-c", SETUP, "sh"])
        .arg(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env("PATH", process::path_with_sbin())
        .env(ENTERED, "1")
        .exec();
    Err(error).context("cannot start unshare")
}
