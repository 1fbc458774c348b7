//! Who asks: Windows, or the program over the wire.

use std::fs;

use anyhow::{Result, ensure};
use netsession_interop::double::Double;
use netsession_interop::faulty;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::{List, Report};

use crate::support::{ensure_calls, ensure_wrong, list, rows};
use crate::table;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "choice::windows_without_any_credentials", without_credentials);
    suite.test(&[Need::Wine], "choice::credentials_mean_the_wire", credentials_mean_the_wire);
    suite.test(&[Need::Wine], "choice::port_means_the_wire", port_means_the_wire);
    suite.test(&[Need::Wine], "choice::encryption_and_kerberos_mean_the_wire", options_mean_the_wire);
    suite.test(&[Need::Wine, Need::TestServer], "choice::each_server_as_it_needs", each_server_as_it_needs);
    suite.test(
        &[Need::Wine],
        "choice::windows_rejects_options_of_the_wire",
        windows_rejects_options_of_the_wire,
    );
    suite.test(&[Need::Wine], "choice::wire_needs_a_user", wire_needs_a_user);
}

const VARIABLES: [&str; 3] = ["NETSESSION_LOGIN", "NETSESSION_AUTH_FILE", "NETSESSION_PASSWORD"];

fn without_credentials() -> Result<()> {
    for backend in ["auto", "windows"] {
        ensure!(rows(&["table", "--backend", backend], &[("table", 1)])?.len() == 6, "{backend}");
    }
    Ok(())
}

/// A closed port: the wire fails there, and Windows is not asked.
fn refusing() -> String {
    faulty::refusing().to_string()
}

fn login(list: List) -> List {
    list.env("NETSESSION_LOGIN", "admin").env("NETSESSION_PASSWORD", "secret")
}

fn ensure_wire(list: List) -> Result<Report> {
    let (run, report) = list.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_calls(&report, &[])?;
    let lines = run.lines()?;
    ensure!(lines.len() == 1 && lines[0]["error"]["kind"] == "connect", "{run:?}");
    ensure!(lines[0]["error"]["code"].is_null(), "{run:?}");
    Ok(report)
}

fn credentials_mean_the_wire() -> Result<()> {
    // No name server, so that the name is not found: the wire was tried.
    let (run, report) = login(list(&["table", "-f", "jsonl", "--timeout", "5s"])?).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_calls(&report, &[])?;
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), "username = admin\npassword = secret\n")?;
    let path = format!("Z:{}", file.path().display());
    ensure_wire(list(&["-f", "jsonl", "-A", &path, &refusing()])?)?;
    Ok(())
}

fn port_means_the_wire() -> Result<()> {
    ensure_wire(login(list(&["-f", "jsonl", &refusing()])?))?;
    // No user is named.
    let (run, report) = list(&[&refusing()])?.run()?;
    ensure_wrong(&run, &report, "no login")
}

fn options_mean_the_wire() -> Result<()> {
    for option in [&["--encrypt", "required"][..], &["--encrypt", "off"], &["--kerberos", "off"]] {
        ensure_wire(login(list(&[option, &["-f", "jsonl", &refusing()]].concat())?))?;
        let (run, report) = list(&[option, &["table"]].concat())?.run()?;
        ensure_wrong(&run, &report, "no login")?;
    }
    Ok(())
}

/// In one listing: what the configuration says of one server does not take the others away from Windows.
fn each_server_as_it_needs() -> Result<()> {
    let server = Double::start(&table::scenario())?;
    let home = tempfile::tempdir()?;
    fs::create_dir(home.path().join("netsession"))?;
    let config = format!(
        "[servers]\nnas = {{ address = '{}', credentials = 'lab' }}\n\n\
         [credentials]\nlab = {{ login = 'admin', password_env = 'LAB_PASSWORD' }}\n",
        server.address()
    );
    fs::write(home.path().join("netsession/config.toml"), config)?;
    let configured = |args: &[&str]| -> Result<List> {
        let list = list(args)?.env("XDG_CONFIG_HOME", &format!("Z:{}", home.path().display()));
        Ok(list.env("LAB_PASSWORD", "secret"))
    };
    let (run, report) = configured(&["table", "nas", "paged", "-f", "json"])?.run()?;
    ensure_calls(&report, &[("paged", 3), ("table", 1)])?;
    let expected: Vec<_> =
        ["table", "nas", "paged"].into_iter().flat_map(|server| table::rows(server, 502)).collect();
    let listed = run.rows()?;
    ensure!(listed == expected, "{listed:?}");

    let (run, report) = configured(&["table", "nas", "--backend", "windows"])?.run()?;
    ensure_wrong(&run, &report, "the configuration has credentials for nas")?;
    // No user is named for the server with a port, and no server is asked.
    let (run, report) = list(&["table", &refusing()])?.run()?;
    ensure_wrong(&run, &report, "no login")
}

fn windows_rejects_options_of_the_wire() -> Result<()> {
    for args in [
        &["-U", "admin"][..],
        &["-A", "somewhere"],
        &["--password-file", "somewhere"],
        &["--password-stdin"],
        &["--encrypt", "required"],
        &["--encrypt", "off"],
        &["--kerberos", "off"],
        &["--keytab", "somewhere", "-U", "admin@LAB.EXAMPLE"],
        &["table:4455"],
    ] {
        let (run, report) = list(&[args, &["table", "--backend", "windows"]].concat())?.run()?;
        ensure_wrong(&run, &report, "--backend windows")?;
    }
    for variable in VARIABLES {
        let (run, report) = list(&["table", "--backend", "windows"])?.env(variable, "x").run()?;
        ensure_wrong(&run, &report, variable)?;
    }
    // Over the wire Windows has NTLM only.
    for backend in ["auto", "smb", "windows"] {
        let (run, report) = list(&["table", "--kerberos", "required", "--backend", backend])?.run()?;
        ensure_wrong(&run, &report, "--kerberos required")?;
    }
    Ok(())
}

fn wire_needs_a_user() -> Result<()> {
    let (run, report) = list(&["table", "--backend", "smb"])?.run()?;
    ensure_wrong(&run, &report, "no login")
}
