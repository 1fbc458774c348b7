//! What Windows hands out, as this program prints it.

use anyhow::{Result, ensure};
use netsession_interop::netsession::Row;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_calls, list, rows};
use crate::table;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "rows::this_machine", this_machine);
    suite.test(&[Need::Wine], "rows::names_of_servers", names_of_servers);
    suite.test(&[Need::Wine], "rows::arguments_of_the_call", arguments_of_the_call);
    suite.test(&[Need::Wine], "rows::pages", pages);
    suite.test(&[Need::Wine], "rows::empty_listing", empty_listing);
    suite.test(&[Need::Wine], "rows::null_strings", null_strings);
    suite.test(&[Need::Wine], "rows::unpaired_surrogates", unpaired_surrogates);
    suite.test(&[Need::Wine], "rows::many_servers", many_servers);
    suite.test(&[Need::Wine], "rows::table_and_csv", table_and_csv);
}

/// Without a server Windows is given none, and no name of this machine either.
fn this_machine() -> Result<()> {
    let listed = rows(&[], &[("(this machine)", 1)])?;
    ensure!(listed == table::rows("localhost", 502), "{listed:?}");
    Ok(())
}

fn names_of_servers() -> Result<()> {
    for name in ["table", r"\\table", "//table", "smb://table", "table:445"] {
        let listed = rows(&[name], &[("table", 1)])?;
        ensure!(listed == table::rows("table", 502), "{name}: {listed:?}");
    }
    Ok(())
}

/// The double answers these with what it was asked: server, client, user, level, preferred length, resume handle.
fn arguments_of_the_call() -> Result<()> {
    for (args, server, client, user) in [
        (&["echo"][..], r"\\echo", "(null)", "(null)"),
        (&["::1"], r"\\0--1.ipv6-literal.net", "(null)", "(null)"),
        (&["localhost"], r"\\localhost", "(null)", "(null)"),
        (&["echo", "--user", r"LAB\alice"], r"\\echo", "(null)", "alice"),
        (&["echo", "--client", "10.0.0.5"], r"\\echo", "10.0.0.5", "(null)"),
        (&["echo", "--client", "[fe80::1]", "--user", "Ünal"], r"\\echo", "fe80::1", "Ünal"),
    ] {
        let (run, report) = list(&[args, &["-f", "json"]].concat())?.run()?;
        report.calls()?;
        let listed = run.rows()?;
        let told = |row: &Row| {
            (row.client_type.clone(), row.client.clone(), row.user.clone(), row.opens, row.connected_seconds)
        };
        let text = |text: &str| Some(text.to_owned());
        // Everything at once. A preferred length of 0xFFFFFFFF is shown as a time of -1, which means 0.
        let expected = (text(server), text(client), text(user), Some(502), Some(0));
        ensure!(listed.iter().map(told).collect::<Vec<_>>() == [expected], "{args:?}: {listed:?}");
        ensure!(listed[0].idle_seconds == Some(0), "not from the start: {listed:?}");
    }
    Ok(())
}

fn pages() -> Result<()> {
    let listed = rows(&["paged"], &[("paged", 3)])?;
    ensure!(listed == table::rows("paged", 502), "{listed:?}");
    Ok(())
}

fn empty_listing() -> Result<()> {
    for server in ["nobody", "nullbuffer"] {
        ensure!(rows(&[server], &[(server, 1)])?.is_empty(), "{server}");
    }
    Ok(())
}

/// As from the wire: empty.
fn null_strings() -> Result<()> {
    let listed = rows(&["nullstrings"], &[("nullstrings", 1)])?;
    let names: Vec<_> = listed.iter().map(|row| (row.client.as_deref(), row.user.as_deref())).collect();
    ensure!(names == [(Some("10.0.0.5"), Some("")), (Some(""), Some("nobody"))], "{listed:?}");
    let others = listed.iter().map(|row| (row.client_type.as_deref(), row.transport.as_deref()));
    ensure!(others.eq([(Some(""), Some("")), (Some(""), Some(""))]), "{listed:?}");
    Ok(())
}

fn unpaired_surrogates() -> Result<()> {
    let listed = rows(&["surrogates"], &[("surrogates", 1)])?;
    let [row] = listed.as_slice() else { anyhow::bail!("{listed:?}") };
    ensure!(row.user.as_deref() == Some("a\u{fffd}b"), "{row:?}");
    ensure!(row.client_type.as_deref() == Some("\u{fffd}"), "{row:?}");
    ensure!(row.transport.as_deref() == Some("\u{fffd}\u{fffd}"), "{row:?}");
    Ok(())
}

fn many_servers() -> Result<()> {
    let servers: Vec<String> = (10..40).map(|number| format!("paged-{number}")).collect();
    let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
    let calls: Vec<_> = servers.iter().map(|&server| (server, 3)).collect();
    let listed = rows(&servers, &calls)?;
    let expected: Vec<Row> = servers.iter().flat_map(|server| table::rows(server, 502)).collect();
    ensure!(listed == expected, "{listed:?}");
    Ok(())
}

fn table_and_csv() -> Result<()> {
    let (run, report) = list(&["table"])?.run()?;
    ensure_calls(&report, &[("table", 1)])?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let text = run.text()?;
    ensure!(text.starts_with("CLIENT") && text.lines().count() == 9, "{text}");
    ensure!(table::TABLE.iter().all(|known| text.contains(known.user)), "{text}");
    ensure!(!text.contains('\u{1b}'), "colours in a pipe: {text:?}");

    let (run, _) = list(&["table", "-f", "csv"])?.run()?;
    ensure!(
        run.text()?.lines().count() == 7 && run.text()?.contains(",Женя,17,59,0,no_encryption,"),
        "{run:?}"
    );
    Ok(())
}
