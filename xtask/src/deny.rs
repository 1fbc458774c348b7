//! cargo-deny: licences, bans and sources always; advisories where their database can be had.

use anyhow::Result;

use crate::install::CargoTool;
use crate::{install, sh};

pub(crate) fn run() -> Result<()> {
    install::cargo_tool(&CargoTool::any("deny"))?;
    sh::run(&mut sh::cargo(&["deny", "--all-features", "check", "bans", "licenses", "sources"]))?;
    if sh::succeeds(&mut sh::cargo(&["deny", "fetch", "db"])) {
        sh::run(&mut sh::cargo(&["deny", "--all-features", "check", "--disable-fetch", "advisories"]))
    } else {
        eprintln!("skipped: advisories, because their database cannot be fetched from here");
        Ok(())
    }
}
