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
        suite.test(&[Need::Impacket], format!("impacket::every_level::{name}"), move || all_levels(name));
    }
    suite.test(&[Need::Impacket], "impacket::filters_and_refusals", filters_and_refusals);
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
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let alice = truth::rows(&scenario, level).into_iter().take(1).collect();
        for (by_client, by_user, expected) in [
            (Some(r"\\10.0.0.5"), Some("alice"), Ok(alice)),
            (None, Some("nobody"), Err(2221)),
            (Some(r"\\10.9.9.9"), None, Err(2312)),
            (Some("10.0.0.5"), None, Err(2351)),
        ] {
            let question = Question { by_client, by_user, ..Question::level(level) };
            let listing = impacket::list(address, DOUBLE_ADMIN, &question)?;
            ensure!(listing == expected, "{question:?}: {listing:?}");
        }
        let listing = impacket::list(address, DOUBLE_ALICE, &Question::level(level))?;
        ensure!(listing.is_ok() == [0, 10].contains(&level), "level {level}: {listing:?}");
        ensure!(listing.is_ok() || listing == Err(5), "level {level}: {listing:?}");
    }
    Ok(())
}
