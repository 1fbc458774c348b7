//! What cannot succeed: each has its own message, with kind, code and name.

use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::domain::{ALIAS, BOB, DORA, DOWN_REALM, Domain, LABADM, SERVER};
use netsession_interop::netsession::{List, Run};
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_says, principal};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "refused::ordinary_user", ordinary_user);
    suite.test(NEEDS, "refused::expired_ticket", expired_ticket);
    suite.test(NEEDS, "refused::no_ticket", no_ticket);
    suite.test(NEEDS, "refused::ticket_of_another_user", ticket_of_another);
    suite.test(NEEDS, "refused::clock_off", clock_off);
    suite.test(NEEDS, "refused::unknown_principal", unknown_principal);
    suite.test(NEEDS, "refused::unknown_server", unknown_server);
    suite.test(NEEDS, "refused::wrong_realm", wrong_realm);
    suite.test(NEEDS, "refused::disabled_account", disabled);
    suite.test(NEEDS, "refused::wrong_keytab", wrong_keytab);
    suite.test(NEEDS, "refused::address_with_required", address);
    suite.test(NEEDS, "refused::no_domain_controller", no_domain_controller);
}

/// With its password in the environment, and Kerberos or nothing.
fn with_password(domain: &Domain, server: &str, login: &str, password: &str) -> Result<List> {
    let list = domain.list(server, None)?.env("NETSESSION_LOGIN", login);
    Ok(list.env("NETSESSION_PASSWORD", password).args(&["-k", "required"]))
}

fn said(run: &Run) -> &str {
    &run.outcome.stderr
}

fn ordinary_user() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(BOB, &[])?;
    let error = domain.list(SERVER, Some(&cache))?.args(&["-k", "required"]).error()?;
    ensure_error(&error, "access_denied", Some(5), Some("ERROR_ACCESS_DENIED"))?;
    ensure_says(&error["message"].to_string(), &[SERVER, "as bob@ADLAB.TEST", "access denied"])?;
    let run = domain.list(SERVER, Some(&cache))?.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    ensure_says(said(&run), &["ERROR_ACCESS_DENIED 5", r"BUILTIN\Administrators", "net groupmap add"])
}

fn expired_ticket() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &["-l", "1s"])?;
    std::thread::sleep(Duration::from_millis(2_100));
    let list = domain.list(SERVER, Some(&cache))?.args(&["-U", r"ADLAB\labadm", "-k", "required"]);
    let error = list.error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &["the ticket has expired"])?;
    // Without a login it is all there is to ask as.
    let run = domain.list(SERVER, Some(&cache))?.run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure!(!said(&run).contains("Success"), "{run:?}");
    ensure_says(said(&run), &["no login", "the ticket has expired"])
}

fn no_ticket() -> Result<()> {
    let domain = domain()?;
    let run = domain.list(SERVER, None)?.args(&["-k", "required"]).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure_says(said(&run), &["--kerberos required: there is no ticket", "run kinit"])?;
    let error = domain.list(SERVER, None)?.args(&["-k", "required", "-U", r"ADLAB\labadm"]).error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &[r"as ADLAB\\labadm", "there is no ticket"])
}

fn ticket_of_another() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(BOB, &[])?;
    let list = domain.list(SERVER, Some(&cache))?.args(&["-k", "required", "-U", r"ADLAB\labadm"]);
    let error = list.error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &["the ticket is of bob@ADLAB.TEST"])
}

/// The program's clock is an hour ahead of the domain's; told by the domain controller, and by the server where the
/// ticket for it is in the cache already.
fn clock_off() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let ahead = |list: List| list.under(&["faketime", "-f", "+1h"]);
    let error = ahead(domain.list(SERVER, Some(&cache))?.args(&["-k", "required"]))?.error()?;
    ensure_error(&error, "kerberos", Some(37), Some("KRB_AP_ERR_SKEW"))?;
    ensure_says(&error["message"].to_string(), &["the clocks are too far apart"])?;
    let run = ahead(domain.list(SERVER, Some(&cache))?)?.run()?;
    ensure_says(said(&run), &["five minutes", "set the clock"])?;
    domain.list(SERVER, Some(&cache))?.args(&["-k", "required"]).rows()?;
    let error = ahead(domain.list(SERVER, Some(&cache))?.args(&["-k", "required"]))?.error()?;
    ensure_error(&error, "kerberos", Some(37), Some("KRB_AP_ERR_SKEW"))?;
    ensure_says(&error["message"].to_string(), &["log-on as labadm@ADLAB.TEST with a Kerberos ticket"])
}

fn unknown_principal() -> Result<()> {
    let error = with_password(&*domain()?, SERVER, "ghost@ADLAB.TEST", "x")?.error()?;
    ensure_error(&error, "kerberos", Some(6), Some("KDC_ERR_C_PRINCIPAL_UNKNOWN"))?;
    ensure_says(&error["message"].to_string(), &["as ghost@ADLAB.TEST", "no such account"])
}

fn unknown_server() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let error = domain.list(ALIAS, Some(&cache))?.args(&["-k", "required"]).error()?;
    ensure_error(&error, "kerberos", Some(7), Some("KDC_ERR_S_PRINCIPAL_UNKNOWN"))?;
    ensure_says(&error["message"].to_string(), &[ALIAS, "no file server by this name"])
}

fn wrong_realm() -> Result<()> {
    let domain = domain()?;
    let error = with_password(&domain, SERVER, "labadm@NOSUCH.TEST", LABADM.password)?.error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &["the realm is not known here", "NOSUCH.TEST"])?;
    let run = with_password(&domain, SERVER, "labadm@NOSUCH.TEST", LABADM.password)?.run()?;
    ensure_says(said(&run), &["krb5.conf", "DNS name of the domain in upper case"])
}

fn no_domain_controller() -> Result<()> {
    let domain = domain()?;
    let error = with_password(&domain, SERVER, &format!("x@{DOWN_REALM}"), "wrong-for-x")?.error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &["no domain controller (KDC) of the realm answers"])?;
    let run = with_password(&domain, SERVER, &format!("x@{DOWN_REALM}"), "wrong-for-x")?.run()?;
    ensure_says(said(&run), &["port 88"])
}

fn disabled() -> Result<()> {
    let error = with_password(&*domain()?, SERVER, &principal(DORA), DORA.password)?.error()?;
    ensure_error(&error, "logon_refused", Some(18), Some("KDC_ERR_CLIENT_REVOKED"))?;
    ensure_says(&error["message"].to_string(), &["disabled, locked or expired"])
}

/// A keytab that has no key of the login.
fn wrong_keytab() -> Result<()> {
    let domain = domain()?;
    let keytab = domain.keytab().display().to_string();
    let error =
        domain.list(SERVER, None)?.args(&["--keytab", &keytab, "--login", &principal(BOB)]).error()?;
    ensure_error(&error, "kerberos", None, None)?;
    ensure_says(&error["message"].to_string(), &["the keytab cannot be used"])
}

fn address() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let run = domain.list("127.0.0.1", Some(&cache))?.args(&["-k", "required"]).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure_says(
        said(&run),
        &[
            "127.0.0.1: is an IP address",
            "cifs/NAME",
            "no ticket or keytab that is there can be used",
            "--spn NAME",
        ],
    )
}
