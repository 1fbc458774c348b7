//! Filters go to the server and are applied again here.

use anyhow::{Result, ensure};
use netsession_interop::netsession::Row;
use netsession_interop::suite::{Need, Suite};

use crate::support::rows;
use crate::table;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "filters::server_that_honours_them", || filtered("filtering", 1));
    suite.test(&[Need::Wine], "filters::server_that_ignores_them", || filtered("table", 1));
    suite.test(&[Need::Wine], "filters::over_pages", || filtered("paged", 3));
    suite.test(&[Need::Wine], "filters::domains", domains);
    suite.test(&[Need::Wine], "filters::level_without_users", level_without_users);
}

fn ensure_lists(server: &str, calls: u32, filter: &[&str], expected: &[Row]) -> Result<()> {
    let listed = rows(&[&[server], filter].concat(), &[(server, calls)])?;
    ensure!(listed == expected, "{server} {filter:?}: {listed:?}");
    Ok(())
}

/// 2312 and 2221 in answer to a filter are an empty listing, and no error. A server that lists nothing with a filter is
/// asked once more without it.
fn filtered(server: &str, calls: u32) -> Result<()> {
    for (filter, users) in [
        (&["--user", "ALICE"][..], &["alice"][..]),
        (&["--user", "женя"], &["Женя"]),
        (&["--client", "10.0.0.5"], &["alice", "carol🦀"]),
        (&["--client", r"\\ws-07"], &["Женя"]),
        (&["--client", "[fe80::1]"], &[r"LAB\bob"]),
        (&["--client", "10.0.0.5", "--user", "alice"], &["alice"]),
        (&["--client", "10.0.0.200"], &[]),
        (&["--user", "mallory"], &[]),
        (&["--client", "10.0.0.5", "--user", "Женя"], &[]),
    ] {
        let again = if server == "filtering" && users.is_empty() { 1 } else { 0 };
        ensure_lists(server, calls + again, filter, &table::rows_of(server, 502, users))?;
    }
    Ok(())
}

/// A domain is not sent; here both must match, unless the server shows none.
fn domains() -> Result<()> {
    for (user, users) in [
        ("bob", &[r"LAB\bob"][..]),
        (r"lab\BOB", &[r"LAB\bob"]),
        (r"other\bob", &[]),
        (r"other\alice", &["alice"]),
    ] {
        ensure_lists("table", 1, &["--user", user], &table::rows_of("table", 502, users))?;
    }
    Ok(())
}

/// Level 0 has no user to filter by.
fn level_without_users() -> Result<()> {
    let alice: Vec<Row> = table::rows_of("table", 0, &["alice"]);
    ensure_lists("table", 1, &["--user", "alice", "-l", "0"], &alice)
}
