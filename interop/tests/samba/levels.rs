//! Samba knows levels 0 and 1.

use anyhow::{Result, ensure};
use netsession_interop::account::ADMIN;
use netsession_interop::netsession::Row;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_error, ensure_says, list, shared};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "level::0", level_0);
    suite.test(NEEDS, "level::1", || is_level_1(&rows(&["-l", "1"])?));
    suite.test(NEEDS, "level::auto_comes_down_to_1", auto);
    suite.test(NEEDS, "level::10_is_answered_from_1", level_10);
    for level in ["2", "502"] {
        suite.test(NEEDS, format!("level::{level}_is_refused"), move || refused(level));
    }
}

fn rows(args: &[&str]) -> Result<Vec<Row>> {
    let rows = list(shared(&[])?.address())?.args(args).rows()?;
    ensure!(!rows.is_empty(), "not even the caller's own session");
    Ok(rows)
}

fn level_0() -> Result<()> {
    for row in rows(&["-l", "0"])? {
        ensure!(row.level == 0 && row.client.as_deref().is_some_and(|client| !client.is_empty()), "{row:?}");
        let beyond = row.user.is_some() || row.opens.is_some() || row.connected_seconds.is_some();
        ensure!(
            !beyond && row.idle_seconds.is_none() && row.flags.is_none(),
            "more than the level has: {row:?}"
        );
    }
    Ok(())
}

fn is_level_1(rows: &[Row]) -> Result<()> {
    for row in rows {
        ensure!(row.level == 1, "{row:?}");
        let complete = row.client.is_some() && row.user.is_some() && row.opens.is_some();
        ensure!(complete && row.connected_seconds.is_some() && row.idle_seconds.is_some(), "{row:?}");
        ensure!(row.flags == Some(Vec::new()), "{row:?}");
        ensure!(row.client_type.is_none() && row.transport.is_none() && row.client_name.is_none(), "{row:?}");
    }
    ensure!(rows.iter().any(|row| row.user.as_deref() == Some(ADMIN.name)), "{rows:?}");
    Ok(())
}

fn auto() -> Result<()> {
    is_level_1(&rows(&[])?)?;
    is_level_1(&rows(&["-l", "auto"])?)
}

fn level_10() -> Result<()> {
    let server = shared(&[])?;
    let run = list(server.address())?.args(&["-l", "10", "-v", "-f", "json"]).run()?;
    let rows = run.rows()?;
    ensure!(!rows.is_empty());
    for row in rows {
        ensure!(row.level == 10 && row.user.is_some() && row.connected_seconds.is_some(), "{row:?}");
        ensure!(row.idle_seconds.is_some() && row.opens.is_none() && row.flags.is_none(), "{row:?}");
    }
    // -v says that another level was asked.
    ensure_says(&run.outcome.stderr, &["asking NetrSessionEnum level=1 "])
}

fn refused(level: &str) -> Result<()> {
    let server = shared(&[])?;
    let error = list(server.address())?.args(&["-l", level]).error()?;
    let code = Some((124, "ERROR_INVALID_LEVEL"));
    // What to do instead.
    ensure_error(&error, "level_not_supported", code, "level 1 works")
}
