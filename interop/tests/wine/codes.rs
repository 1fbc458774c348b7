//! Return codes become the same named errors, with the same explanations, as on the wire.

use anyhow::{Context, Result, ensure};
use netsession_interop::suite::{Need, Suite};

use crate::support::{error, list};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "codes::named", named);
    suite.test(&[Need::Wine], "codes::explained", explained);
    suite.test(&[Need::Wine], "codes::fault_behind_a_code", fault_behind_a_code);
    suite.test(&[Need::Wine], "codes::server_that_is_not_there", server_that_is_not_there);
}

#[rustfmt::skip]
const CODES: [(u32, &str, &str); 18] = [
    (5, "access_denied", "ERROR_ACCESS_DENIED"),
    (65, "access_denied", "ERROR_NETWORK_ACCESS_DENIED"),
    (8, "status", "ERROR_NOT_ENOUGH_MEMORY"),
    (50, "level_not_supported", "ERROR_NOT_SUPPORTED"),
    (53, "connect", "ERROR_BAD_NETPATH"),
    (64, "closed", "ERROR_NETNAME_DELETED"),
    (87, "status", "ERROR_INVALID_PARAMETER"),
    (121, "timeout", "ERROR_SEM_TIMEOUT"),
    (1219, "status", "ERROR_SESSION_CREDENTIAL_CONFLICT"),
    (1311, "status", "ERROR_NO_LOGON_SERVERS"),
    (1326, "logon_refused", "ERROR_LOGON_FAILURE"),
    (1331, "logon_refused", "ERROR_ACCOUNT_DISABLED"),
    (1722, "connect", "RPC_S_SERVER_UNAVAILABLE"),
    (1909, "logon_refused", "ERROR_ACCOUNT_LOCKED_OUT"),
    (2114, "status", "NERR_ServerNotStarted"),
    (2221, "status", "NERR_UserNotFound"),
    (2312, "status", "NERR_ClientNameNotFound"),
    (2351, "status", "NERR_InvalidComputer"),
];

/// All in one run: each server its own code.
fn named() -> Result<()> {
    let servers: Vec<String> = CODES.iter().map(|(code, ..)| format!("code-{code}")).collect();
    let args: Vec<&str> = servers.iter().map(String::as_str).chain(["-f", "jsonl"]).collect();
    let (run, report) = list(&args)?.run()?;
    report.calls()?;
    let lines = run.lines()?;
    ensure!(run.outcome.code == Some(1) && lines.len() == CODES.len(), "{run:?}");
    for (code, kind, name) in CODES {
        let server = format!("code-{code}");
        let line = lines.iter().find(|line| line["server"] == server.as_str());
        let error = &line.with_context(|| server.clone())?["error"];
        ensure!(error["kind"] == kind && error["code"] == code && error["name"] == name, "{server}: {error}");
    }
    Ok(())
}

/// Texts of NERR codes are in no library that the usual call looks into.
fn explained() -> Result<()> {
    for (code, text, advice) in [
        (5, "access denied (ERROR_ACCESS_DENIED 5)", "Administrators or Server Operators"),
        (53, "the network path was not found (ERROR_BAD_NETPATH 53)", "no route to the server"),
        (1909, "(ERROR_ACCOUNT_LOCKED_OUT 1909)", "The account is locked"),
        (2114, "the Server service is not started (NERR_ServerNotStarted 2114)", "LanmanServer"),
        (2999, "the server answered with 2999", ""),
    ] {
        let (run, _) = list(&[&format!("code-{code}")])?.run()?;
        ensure!(run.outcome.code == Some(1) && run.outcome.stdout.is_empty(), "{run:?}");
        ensure!(run.outcome.stderr.contains(text) && run.outcome.stderr.contains(advice), "{run:?}");
    }
    Ok(())
}

/// The RPC runtime makes return codes of faults; they are named as on the wire.
fn fault_behind_a_code() -> Result<()> {
    let error = error(&["noproc"], &[("noproc", 1)])?;
    ensure!(error["code"] == 0x1C01_0002 && error["name"] == "nca_op_rng_error", "{error}");
    Ok(())
}

fn server_that_is_not_there() -> Result<()> {
    let error = error(&["nosuchserver"], &[("nosuchserver", 1)])?;
    ensure!(error["kind"] == "connect" && error["code"] == 53, "{error}");
    Ok(())
}
