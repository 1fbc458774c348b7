//! A Samba that does not let this machine as far as the log-on.

use std::net::TcpStream;

use anyhow::{Result, ensure};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_error, ensure_says, list};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "unwelcome::hosts_deny", hosts_deny);
    suite.test(NEEDS, "unwelcome::max_smbd_processes", max_smbd_processes);
    suite.test(NEEDS, "unwelcome::no_rpc_helpers", no_rpc_helpers);
}

/// `hosts allow` never excludes 127.0.0.1.
fn hosts_deny() -> Result<()> {
    let samba = Samba::builder().global("hosts deny = 127.0.0.1").start()?;
    let error = list(samba.address())?.error()?;
    let words = "negotiate: this machine may not connect to that server (hosts allow, hosts deny)";
    ensure_error(&error, "host_denied", None, words)
}

/// Connections beyond the limit are closed before anything is read from them.
fn max_smbd_processes() -> Result<()> {
    const LIMIT: usize = 2;
    let samba = Samba::builder().global(format!("max smbd processes = {LIMIT}")).start()?;
    // They are accepted in their order: when the program comes, the limit is reached.
    let held = (0..4 * LIMIT).map(|_| TcpStream::connect(samba.address())).collect::<Result<Vec<_>, _>>()?;
    let error = list(samba.address())?.error()?;
    drop(held);
    ensure!(error["message"].as_str().is_some_and(|text| text.contains("answered")), "{error}");
    ensure_error(&error, "closed", None, "negotiate: ")
}

/// The pipe is refused, because smbd may not start what is behind it.
fn no_rpc_helpers() -> Result<()> {
    let samba = Samba::builder().global("rpc start on demand helpers = no").start()?;
    let run = list(samba.address())?.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_says(&run.outcome.stderr, &["open of the pipe srvsvc: "])?;
    ensure_says(&run.outcome.stderr, &["rpc start on demand helpers = yes"])
}
