//! Levels that are missing or refused are handled as on the wire.

use anyhow::{Result, ensure};
use netsession_interop::suite::{Need, Suite};

use crate::support::{error, rows};
use crate::table;

pub(crate) fn add(suite: &mut Suite) {
    for level in [0, 1, 2, 10, 502] {
        suite.test(&[Need::Wine], format!("levels::{level}"), move || named(level));
    }
    suite.test(&[Need::Wine], "levels::auto_comes_down", auto_comes_down);
    suite.test(&[Need::Wine], "levels::named_from_a_richer_one", named_from_a_richer_one);
    suite.test(&[Need::Wine], "levels::unsupported", unsupported);
    suite.test(&[Need::Wine], "levels::refused", refused);
}

fn named(level: u32) -> Result<()> {
    let listed = rows(&["table", "-l", &level.to_string()], &[("table", 1)])?;
    ensure!(listed == table::rows("table", level), "{listed:?}");
    Ok(())
}

fn auto_comes_down() -> Result<()> {
    for (server, level, calls) in
        [("table", 502, 1), ("level1", 1, 2), ("invalidtag", 1, 2), ("opentoall", 10, 2), ("only0", 0, 4)]
    {
        let listed = rows(&[server], &[(server, calls)])?;
        ensure!(listed == table::rows(server, level), "{server}: {listed:?}");
    }
    Ok(())
}

fn named_from_a_richer_one() -> Result<()> {
    let listed = rows(&["level1", "-l", "10"], &[("level1", 2)])?;
    ensure!(listed == table::rows("level1", 10), "{listed:?}");
    Ok(())
}

fn unsupported() -> Result<()> {
    for (level, calls) in [("502", 3), ("2", 3)] {
        let error = error(&["level1", "-l", level], &[("level1", calls)])?;
        ensure!(error["kind"] == "level_not_supported" && error["code"] == 124, "{error}");
        ensure!(error["name"] == "ERROR_INVALID_LEVEL", "{error}");
        ensure!(error["message"].to_string().contains("level 1 works"), "{error}");
    }
    let error = error(&["only0", "-l", "1"], &[("only0", 3)])?;
    ensure!(error["kind"] == "level_not_supported", "{error}");
    Ok(())
}

fn refused() -> Result<()> {
    for level in ["1", "2", "502"] {
        let error = error(&["opentoall", "-l", level], &[("opentoall", 1)])?;
        ensure!(error["kind"] == "access_denied" && error["code"] == 5, "{error}");
    }
    Ok(())
}
