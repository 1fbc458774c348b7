//! Peers that are no SMB server: a clear error within the deadline.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::faulty::{self, Fault, Faulty};
use netsession_interop::netsession::Run;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_says, list};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(Need::ProgramAlone, "peer::refuses", refuses);
    suite.test(Need::ProgramAlone, "peer::swallows", swallows);
    suite.test(Need::ProgramAlone, "peer::resets", || {
        ensure_says(&at_once(Fault::Reset)?.outcome.stderr, &["the connection was reset"])
    });
    suite.test(Need::ProgramAlone, "peer::closes_without_a_word", closes);
    suite.test(Need::ProgramAlone, "peer::speaks_http", http);
    suite.test(Need::ProgramAlone, "peer::name_does_not_resolve", no_such_name);
}

fn fails(server: &str, timeout: &str, limit: Duration) -> Result<Run> {
    let run = list(server)?.args(&["--timeout", timeout]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure!(run.outcome.stderr.contains(server), "the server is not named: {run:?}");
    ensure!(run.outcome.elapsed < limit, "too late: {run:?}");
    Ok(run)
}

/// The deadline is far away: the error does not wait for it.
fn at_once(fault: Fault) -> Result<Run> {
    let peer = Faulty::start(fault)?;
    fails(&peer.address().to_string(), "30s", Duration::from_secs(10))
}

fn refuses() -> Result<()> {
    let address: SocketAddr = faulty::refusing();
    let run = fails(&address.to_string(), "30s", Duration::from_secs(10))?;
    ensure_says(&run.outcome.stderr, &["refused"])
}

fn swallows() -> Result<()> {
    let peer = Faulty::start(Fault::Swallow)?;
    let run = fails(&peer.address().to_string(), "700ms", Duration::from_secs(3))?;
    ensure!(run.outcome.elapsed >= Duration::from_millis(700), "it did not wait: {run:?}");
    Ok(())
}

fn closes() -> Result<()> {
    let run = at_once(Fault::CloseSilently)?;
    // The usual reason.
    ensure_says(&run.outcome.stderr, &["SMB1"])
}

fn http() -> Result<()> {
    let run = at_once(Fault::Http)?;
    ensure_says(&run.outcome.stderr, &["http", "not SMB", "no SMB"])
}

fn no_such_name() -> Result<()> {
    fails("no-such-host.invalid", "2s", Duration::from_secs(5)).map(|_| ())
}
