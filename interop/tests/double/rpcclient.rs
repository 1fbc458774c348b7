//! The double as rpcclient sees it. It prints a count, no rows, and cannot leave a filter out.

use anyhow::{Result, ensure};
use netsession_interop::account::{DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::oracle::Question;
use netsession_interop::rpcclient;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Server, scenario};

use crate::truth::LEVELS;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Rpcclient], "rpcclient::every_level", every_level);
    suite.test(&[Need::Rpcclient], "rpcclient::filters_and_refusals", filters_and_refusals);
}

fn every_level() -> Result<()> {
    // The one does not look at the filter that rpcclient must send, the other does.
    let (illumos, _server) = Server::start(scenario::shipped("illumos")?)?;
    let (windows, _other) = Server::start(scenario::shipped("windows")?)?;
    for level in LEVELS {
        let question = Question::level(level);
        let all = rpcclient::ask(illumos, DOUBLE_ADMIN, &question, &[])?;
        ensure!(all == Ok(3), "level {level}: {all:?}");
        let question = Question { by_client: Some(r"\\10.0.0.5"), by_user: Some("alice"), ..question };
        let one = rpcclient::ask(windows, DOUBLE_ADMIN, &question, &[])?;
        ensure!(one == Ok(1), "level {level}: {one:?}");
    }
    Ok(())
}

fn filters_and_refusals() -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    for (by_client, by_user, error) in [
        ("x", "x", "WERR_NERR_INVALIDCOMPUTER"),
        (r"\\10.0.0.5", "nobody", "WERR_NERR_USERNOTFOUND"),
        (r"\\10.9.9.9", "alice", "WERR_NERR_CLIENTNAMENOTFOUND"),
    ] {
        let question = Question { by_client: Some(by_client), by_user: Some(by_user), ..Question::level(1) };
        let listing = rpcclient::ask(address, DOUBLE_ADMIN, &question, &[])?;
        ensure!(listing == Err(error.to_owned()), "{question:?}: {listing:?}");
    }
    let question =
        Question { by_client: Some(r"\\10.0.0.5"), by_user: Some("alice"), ..Question::level(502) };
    let listing = rpcclient::ask(address, DOUBLE_ALICE, &question, &[])?;
    ensure!(listing == Err("WERR_ACCESS_DENIED".to_owned()), "{listing:?}");
    Ok(())
}
