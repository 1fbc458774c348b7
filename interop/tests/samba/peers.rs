//! Peers that are no SMB server: a clear error within the deadline.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use netsession_interop::faulty::{self, Fault, Faulty};
use netsession_interop::process::ProgramOutput;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

use crate::support::{ensure_error, list};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Program], "peer::refuses", refuses);
    suite.test(&[Need::Program], "peer::swallows", swallows);
    suite.test(&[Need::Program], "peer::resets", || {
        at_once(Fault::Reset, "closed", "the connection was reset")
    });
    suite.test(&[Need::Program], "peer::closes_without_a_word", || {
        at_once(Fault::CloseSilently, "closed", "the server closed the connection before it answered")
    });
    suite.test(&[Need::Program], "peer::speaks_http", || {
        at_once(Fault::Http, "not_smb", "not an SMB server: it said \"HTTP/1.1 ")
    });
    suite.test(&[Need::Program], "peer::name_does_not_resolve", no_such_name);
}

/// The error, which names the server and comes in time.
fn fails(server: &str, timeout: &str, limit: Duration) -> Result<(Value, ProgramOutput)> {
    let run = list(server)?.args(&["--timeout", timeout, "-f", "jsonl"]).run()?;
    ensure!(run.outcome.code == Some(1) && run.outcome.stderr.is_empty(), "{run:?}");
    ensure!(run.outcome.elapsed < limit, "too late: {run:?}");
    let lines = run.lines()?;
    let [line] = lines.as_slice() else { bail!("not one line: {run:?}") };
    ensure!(line["server"] == server, "{line}");
    let message = line["error"]["message"].as_str().unwrap_or_default();
    ensure!(message.starts_with(&format!("{server}: ")), "the server is not named: {line}");
    Ok((line["error"].clone(), run.outcome))
}

/// The deadline is far away: the error does not wait for it.
fn at_once(fault: Fault, kind: &str, words: &str) -> Result<()> {
    let peer = Faulty::start(fault)?;
    let (error, _) = fails(&peer.address().to_string(), "10m", Duration::from_secs(40))?;
    ensure_error(&error, kind, None, words)
}

fn refuses() -> Result<()> {
    let address: SocketAddr = faulty::refusing();
    let (error, _) = fails(&address.to_string(), "10m", Duration::from_secs(40))?;
    ensure_error(&error, "connect", None, "connect: refused")
}

fn swallows() -> Result<()> {
    let peer = Faulty::start(Fault::Swallow)?;
    // Wide: the connection must be there before.
    let (error, outcome) = fails(&peer.address().to_string(), "10s", Duration::from_secs(40))?;
    ensure!(outcome.elapsed >= Duration::from_secs(10), "it did not wait: {outcome:?}");
    ensure_error(&error, "timeout", None, "negotiate: timed out")
}

fn no_such_name() -> Result<()> {
    let (error, _) = fails("no-such-host.invalid", "2s", Duration::from_secs(40))?;
    // Where no DNS server answers, that is what is told.
    let kind = error["kind"].as_str().unwrap_or_default().to_owned();
    ensure!(["resolve", "timeout"].contains(&kind.as_str()), "{error}");
    ensure_error(&error, &kind, None, "resolve: ")
}
