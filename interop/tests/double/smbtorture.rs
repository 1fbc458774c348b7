//! Samba's torture test of `srvsvc`: it calls everything that is there, and most of it the double has not.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::smbtorture;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Scenario, Server, scenario};

pub(crate) fn add(suite: &mut Suite) {
    for name in ["windows", "windows-hardened", "illumos"] {
        suite.test(&[Need::Smbtorture], format!("smbtorture::rpc_srvsvc::{name}"), move || {
            without_a_disconnect(&scenario::shipped(name)?)
        });
    }
}

/// What a client says when the connection or the pipe is gone.
const GONE: [&str; 8] = [
    "DISCONNECT",
    "CONNECTION_RESET",
    "CONNECTION_INVALID",
    "END_OF_FILE",
    "PIPE_BROKEN",
    "PIPE_CLOSING",
    "INVALID_NETWORK_RESPONSE",
    "IO_TIMEOUT",
];

pub(crate) fn without_a_disconnect(scenario: &Scenario) -> Result<()> {
    let (address, _server) = Server::start(scenario.clone())?;
    let run = smbtorture::srvsvc(address, DOUBLE_ADMIN)?;
    for gone in GONE {
        ensure!(!run.text.contains(gone), "{gone} in: {}", run.text);
    }
    for call in ["NetSessEnum", "NetRemoteTOD", "NetFileEnum", "NetConnEnum", "NetSrvGetInfo"] {
        let name = format!("srvsvc (admin access).{call}");
        let ended = run.tests.get(&name).with_context(|| format!("{call} did not run"))?;
        ensure!(ended.how == "success", "{call}: {ended:?}");
    }
    ensure!(run.tests.len() >= 17, "{} tests ran: {}", run.tests.len(), run.text);
    for (name, ended) in &run.tests {
        // Every other call is answered with a fault that the client understands; it refuses anonymous sessions.
        let reason = if name.contains("anonymous") {
            "NT_STATUS_LOGON_FAILURE"
        } else {
            "NT_STATUS_RPC_PROCNUM_OUT_OF_RANGE"
        };
        // It asks for shares at levels that the double does not have: 0, 501, 502.
        let is_level = ["NetShareEnumAll", "NetShareEnum"].iter().any(|call| name.ends_with(call))
            && ended.why.contains("WERR_INVALID_LEVEL");
        let is_known =
            ended.how == "success" || ended.how == "skip" || is_level || ended.why.contains(reason);
        ensure!(is_known, "{name}: {ended:?}");
    }
    Ok(())
}
