//! The wire, from the program for Windows: a real Samba, and the double of a server, which has the same sessions as
//! the double of Windows' library.

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, ALICE, BOB};
use netsession_interop::double::Double;
use netsession_interop::holder::Holder;
use netsession_interop::netsession::{self, Row};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

use crate::support::{ensure_calls, list, rows as rows_of_windows};
use crate::table;

const NEEDS: &[Need] = &[Need::Wine, Need::TestServer];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine, Need::Samba, Need::Program], "wire::samba", samba);
    suite.test(NEEDS, "wire::both_backends_list_the_same", both_backends);
    suite.test(NEEDS, "wire::filters", filters);
    suite.test(NEEDS, "wire::wrong_password", wrong_password);
}

/// Names, addresses and open files; the sessions of those who ask come and go.
fn held(rows: &[Row]) -> Vec<(Option<&str>, Option<&str>, Option<u32>)> {
    let held = rows.iter().filter(|row| row.user.as_deref() != Some(ADMIN.name));
    let mut held: Vec<_> = held.map(|row| (row.client.as_deref(), row.user.as_deref(), row.opens)).collect();
    held.sort_unstable();
    held
}

/// The program for Windows lists what the one for this system lists.
fn samba() -> Result<()> {
    let samba = Samba::builder().start()?;
    let _alice = Holder::open(samba.address(), ALICE, 2)?;
    let _bob = Holder::open(samba.address(), BOB, 0)?;
    let server = samba.address().to_string();
    let here = netsession::List::new(&server)?.login(ADMIN).rows()?;
    for backend in ["auto", "smb"] {
        let asked = list(&[&server, "--backend", backend, "-f", "json"])?;
        let asked = asked.env("NETSESSION_LOGIN", ADMIN.name).env("NETSESSION_PASSWORD", ADMIN.password);
        let (run, report) = asked.run()?;
        let there = run.rows()?;
        ensure_calls(&report, &[])?;
        ensure!(held(&there) == held(&here) && held(&there).len() == 2, "{there:?} instead of {here:?}");
    }
    Ok(())
}

/// The listing of the same program, over the wire.
fn rows_of_the_wire(server: &Double, args: &[&str]) -> Result<Vec<Row>> {
    let address = server.address();
    let asked = list(&[&[address, "--backend", "smb", "-f", "json"], args].concat())?;
    let (run, report) = asked.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "secret").run()?;
    ensure_calls(&report, &[])?;
    run.rows()
}

/// The same but for the name of the server.
fn ensure_equal(windows: &[Row], wire: &[Row]) -> Result<()> {
    let nameless = |rows: &[Row]| -> Vec<Row> {
        rows.iter().map(|row| Row { server: String::new(), ..row.clone() }).collect()
    };
    ensure!(nameless(windows) == nameless(wire), "Windows: {windows:?}\nthe wire: {wire:?}");
    Ok(())
}

fn both_backends() -> Result<()> {
    let server = Double::start(&table::scenario())?;
    for level in ["auto", "0", "1", "2", "10", "502"] {
        let windows = rows_of_windows(&["table", "-l", level, "--backend", "windows"], &[("table", 1)])?;
        let wire = rows_of_the_wire(&server, &["-l", level])?;
        ensure_equal(&windows, &wire)?;
        ensure!(wire == table::rows(server.address(), level.parse().unwrap_or(502)), "{wire:?}");
    }
    Ok(())
}

fn filters() -> Result<()> {
    let server = Double::start(&table::scenario())?;
    for filter in
        [["--user", "ALICE"], ["--client", "10.0.0.5"], ["--client", "fe80::1"], ["--user", "mallory"]]
    {
        // Without a match it is asked once more for everything.
        let calls = if filter == ["--user", "mallory"] { 2 } else { 1 };
        let windows = rows_of_windows(&[&["filtering"][..], &filter].concat(), &[("filtering", calls)])?;
        ensure_equal(&windows, &rows_of_the_wire(&server, &filter)?)?;
    }
    Ok(())
}

fn wrong_password() -> Result<()> {
    let server = Double::start(&table::scenario())?;
    let asked = list(&[server.address(), "-f", "jsonl"])?;
    let (run, _) = asked.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "wrong").run()?;
    let lines: Vec<Value> = run.lines()?;
    ensure!(run.outcome.code == Some(1) && lines.len() == 1, "{run:?}");
    ensure!(lines[0]["error"]["kind"] == "logon_refused", "{run:?}");
    Ok(())
}
