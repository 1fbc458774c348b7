//! The double as impacket sees it: Python from the first byte to the last.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::impacket;
use netsession_interop::oracle::Question;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Server, scenario};

use crate::truth::{self, LEVELS};

pub(crate) fn add(suite: &mut Suite) {
    for name in ["windows", "windows-hardened", "illumos"] {
        suite.test(Need::Impacket, format!("impacket::every_level::{name}"), move || all_levels(name));
    }
    suite.test(Need::Impacket, "impacket::filters_and_refusals", filters_and_refusals);
}

fn all_levels(name: &str) -> Result<()> {
    let scenario = scenario::shipped(name)?;
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let rows = impacket::list(address, DOUBLE_ADMIN, &Question::level(level))?;
        let rows = rows.ok().context("it was refused")?;
        truth::ensure_same(&rows, &truth::rows(&scenario, level))
            .with_context(|| format!("level {level}"))?;
    }
    Ok(())
}

fn filters_and_refusals() -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    let question =
        Question { by_client: Some(r"\\10.0.0.5"), by_user: Some("alice"), ..Question::level(502) };
    let rows = impacket::list(address, DOUBLE_ADMIN, &question)?.ok().context("it was refused")?;
    ensure!(rows.len() == 1 && rows[0].client == r"\\10.0.0.5", "{rows:?}");
    let question = Question { by_user: Some("nobody"), ..Question::level(1) };
    ensure!(impacket::list(address, DOUBLE_ADMIN, &question)? == Err(2221));
    ensure!(impacket::list(address, DOUBLE_ALICE, &Question::level(502))? == Err(5));
    Ok(())
}
