//! `auto` goes on with NTLM where there is a password, and says so; `required` never does.

use anyhow::{Result, ensure};
use netsession_interop::domain::{ALIAS, BOB, LABADM, SERVER};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_lists, ensure_says, principal};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(Need::Domain, "fallback::auto_without_a_ticket_for_the_server", unknown_server);
    suite.test(Need::Domain, "fallback::auto_with_the_ticket_of_another", ticket_of_another);
    suite.test(Need::Domain, "fallback::auto_with_an_unknown_realm", unknown_realm);
    suite.test(Need::Domain, "fallback::required_never", required);
    suite.test(Need::Domain, "fallback::auto_where_the_server_takes_ntlm_only", standalone);
}

fn unknown_server() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let list = domain.list(ALIAS, Some(&cache))?.env("NETSESSION_LOGIN", principal(LABADM));
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v", "-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure_says(&run.outcome.stderr, &["KDC_ERR_S_PRINCIPAL_UNKNOWN", "next is NTLM", "log-on with NTLM"])
}

fn ticket_of_another() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(BOB, &[])?;
    let list = domain.list(SERVER, Some(&cache))?.env("NETSESSION_LOGIN", r"ADLAB\labadm");
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v", "-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure_says(&run.outcome.stderr, &["the ticket is of bob@ADLAB.TEST; next is NTLM"])
}

/// A user principal name need not have the name of a realm, and NTLM takes it.
fn unknown_realm() -> Result<()> {
    let domain = domain()?;
    let list = domain.list(SERVER, None)?.env("NETSESSION_LOGIN", "labadm@NOSUCH.TEST");
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v"]).run()?;
    ensure_says(&run.outcome.stderr, &["the realm is not known here", "next is NTLM", "log-on with NTLM"])
}

fn required() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let list = domain.list(ALIAS, Some(&cache))?.env("NETSESSION_LOGIN", principal(LABADM));
    let list =
        list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v", "-k", "required", "-f", "jsonl"]);
    let run = list.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_error(&run.lines()?[0]["error"], "kerberos", Some(7), Some("KDC_ERR_S_PRINCIPAL_UNKNOWN"))?;
    ensure!(!run.outcome.stderr.contains("NTLM"), "{run:?}");
    Ok(())
}

/// A file server of no domain, under a name for which there is a ticket.
fn standalone() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let samba = Samba::builder().user(LABADM).administrator(LABADM.name).start()?;
    let server = format!("{SERVER}:{}", samba.port());
    let list = || -> Result<_> {
        let list = domain.list(&server, Some(&cache))?.env("NETSESSION_LOGIN", r"ADLAB\labadm");
        Ok(list.env("NETSESSION_PASSWORD", LABADM.password))
    };
    let run = list()?.args(&["-v", "-f", "json"]).run()?;
    ensure!(run.rows()?.iter().any(|row| row.user.as_deref() == Some(LABADM.name)), "{run:?}");
    ensure_says(&run.outcome.stderr, &["the server does not offer Kerberos: NTLM", "log-on with NTLM"])?;
    let error = list()?.args(&["-k", "required"]).error()?;
    ensure!(error["kind"] == "kerberos" || error["kind"] == "logon_refused", "{error}");
    ensure_says(&error["message"].to_string(), &["Kerberos"])
}
