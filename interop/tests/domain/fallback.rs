//! `auto` goes on with NTLM where this machine has no ticket of a login that is no principal, or knows no domain
//! controller; never because of what comes from the network. `required` never does.

use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::domain::{ALIAS, BOB, Cache, DORA, DOWN_REALM, Domain, LABADM, SERVER, SILENT_REALM};
use netsession_interop::netsession::{List, Run};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;

use crate::support::{domain, ensure_error, ensure_lists, ensure_says, principal};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "fallback::no_ticket_for_the_server", unknown_server);
    suite.test(NEEDS, "fallback::ticket_of_another_user", ticket_of_another);
    suite.test(NEEDS, "fallback::expired_ticket", expired_ticket);
    suite.test(NEEDS, "fallback::no_ticket", no_ticket);
    suite.test(NEEDS, "fallback::unknown_principal", unknown_principal);
    suite.test(NEEDS, "fallback::unknown_realm", unknown_realm);
    suite.test(NEEDS, "fallback::no_domain_controller", no_domain_controller);
    suite.test(NEEDS, "fallback::silent_domain_controller", silent);
    suite.test(NEEDS, "fallback::clock_off", clock_off);
    suite.test(NEEDS, "fallback::server_accepts_ntlm_only", standalone);
    suite.test(NEEDS, "fallback::not_after_a_refusal", refusal);
}

/// The same question with `auto`, which goes on with NTLM and says why.
fn follows(list: impl Fn() -> Result<List>, why: &str) -> Result<Run> {
    let auto = list()?.args(&["-v", "-f", "json"]).run()?;
    ensure_says(&auto.outcome.stderr, &[why, "next is NTLM", "log-on with NTLM"])?;
    Ok(auto)
}

/// With `required` a password is of no use without its realm, which is said before anything is sent.
fn is_wrong(list: impl Fn() -> Result<List>, why: &str) -> Result<()> {
    let required = list()?.args(&["-v", "-k", "required"]).run()?;
    ensure!(required.outcome.code == Some(2), "{required:?}");
    ensure!(!required.outcome.stderr.contains("NTLM"), "{required:?}");
    ensure_says(&required.outcome.stderr, &[why, "USER@REALM"])
}

/// An error with `auto` as well, with this advice, and no NTLM.
fn neither(list: impl Fn() -> Result<List>, why: &str, advice: &str) -> Result<Value> {
    let auto = list()?.args(&["-v"]).run()?;
    ensure!(auto.outcome.code == Some(1) && !auto.outcome.stderr.contains("log-on with NTLM"), "{auto:?}");
    ensure_says(&auto.outcome.stderr, &[why, advice])?;
    let error = list()?.args(&["-k", "required"]).error()?;
    ensure_says(&error["message"].to_string(), &[why])?;
    Ok(error)
}

/// As somebody whose password NTLM takes.
fn as_labadm(server: &str, cache: Option<&Cache>, login: &str) -> Result<List> {
    let list = domain()?.list(server, cache)?.env("NETSESSION_LOGIN", login);
    Ok(list.env("NETSESSION_PASSWORD", LABADM.password))
}

fn unknown_server() -> Result<()> {
    let cache = domain()?.kinit(LABADM, &[])?;
    let list = || as_labadm(ALIAS, Some(&cache), &principal(LABADM));
    let error = neither(list, "KDC_ERR_S_PRINCIPAL_UNKNOWN", "-k off")?;
    ensure_error(&error, "kerberos", Some(7), Some("KDC_ERR_S_PRINCIPAL_UNKNOWN"))
}

fn ticket_of_another() -> Result<()> {
    let cache = domain()?.kinit(BOB, &[])?;
    let list = || as_labadm(SERVER, Some(&cache), r"ADLAB\labadm");
    ensure_lists(&follows(list, "the ticket is of bob@ADLAB.TEST")?.rows()?, LABADM)?;
    is_wrong(list, "the ticket is of bob@ADLAB.TEST")
}

fn expired_ticket() -> Result<()> {
    let cache = domain()?.kinit(LABADM, &["-l", "1s"])?;
    std::thread::sleep(Duration::from_millis(2_100));
    let list = || as_labadm(SERVER, Some(&cache), r"ADLAB\labadm");
    ensure_lists(&follows(list, "the ticket has expired")?.rows()?, LABADM)?;
    is_wrong(list, "the ticket has expired")
}

fn no_ticket() -> Result<()> {
    let list = || as_labadm(SERVER, None, r"ADLAB\labadm");
    ensure_lists(&follows(list, "there is no ticket")?.rows()?, LABADM)?;
    is_wrong(list, "there is no ticket")
}

fn unknown_principal() -> Result<()> {
    let list = || as_labadm(SERVER, None, "ghost@ADLAB.TEST");
    let error = neither(list, "the domain has no such account", "-k off")?;
    ensure_error(&error, "kerberos", Some(6), Some("KDC_ERR_C_PRINCIPAL_UNKNOWN"))
}

/// A user principal name need not have the name of a realm, and NTLM takes it. Here there is no such account.
fn unknown_realm() -> Result<()> {
    let list = || as_labadm(SERVER, None, "labadm@NOSUCH.TEST");
    let auto = follows(list, "the realm is not known here")?;
    ensure!(auto.outcome.code == Some(1), "{auto:?}");
    let error = list()?.args(&["-k", "required"]).error()?;
    ensure_says(&error["message"].to_string(), &["the realm is not known here"])?;
    // Without -v as well.
    let told = list()?.run()?.outcome.stderr;
    let warning = "netsession: warning: dc1.adlab.test: log-on with NTLM instead of Kerberos";
    ensure_says(&told, &[warning, "does not prove which server answers", "guess the password"])?;
    ensure_error(&error, "kerberos", None, None)
}

fn no_domain_controller() -> Result<()> {
    let login = format!("labadm@{DOWN_REALM}");
    let list = || as_labadm(SERVER, None, &login);
    let error = neither(list, "no domain controller (KDC) of the realm answers", "-k off")?;
    ensure_error(&error, "kerberos", None, None)
}

fn silent() -> Result<()> {
    Domain::be_silent()?;
    let login = format!("labadm@{SILENT_REALM}");
    // Wide: what comes before the ticket must be over within it.
    let list = || Ok(as_labadm(SERVER, None, &login)?.args(&["--timeout", "20s"]));
    let error = neither(list, "timed out", "-k off")?;
    ensure_error(&error, "timeout", None, None)
}

fn clock_off() -> Result<()> {
    let cache = domain()?.kinit(LABADM, &[])?;
    let list = || as_labadm(SERVER, Some(&cache), r"ADLAB\labadm")?.under(&["faketime", "-f", "+1h"]);
    let error = neither(list, "the clocks are too far apart", "set the clock")?;
    ensure_error(&error, "kerberos", Some(37), Some("KRB_AP_ERR_SKEW"))
}

/// A password that the domain controller has refused is not shown to a server: not even with `auto`.
fn refusal() -> Result<()> {
    let login = principal(DORA);
    let list = domain()?.list(SERVER, None)?.env("NETSESSION_LOGIN", login);
    let run = list.env("NETSESSION_PASSWORD", DORA.password).args(&["-v", "-f", "jsonl"]).run()?;
    ensure_error(&run.lines()?[0]["error"], "logon_refused", Some(18), Some("KDC_ERR_CLIENT_REVOKED"))?;
    ensure!(!run.outcome.stderr.contains("log-on with NTLM"), "{run:?}");
    Ok(())
}

/// A file server of no domain, under a name for which there is a ticket. What it offers is not signed: with a ticket
/// NTLM is chosen by the user alone.
fn standalone() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let samba = Samba::builder().user(LABADM).administrator(LABADM.name).start()?;
    let server = format!("{SERVER}:{}", samba.port());
    let list = || -> Result<_> {
        let list = domain.list(&server, Some(&cache))?.env("NETSESSION_LOGIN", r"ADLAB\labadm");
        Ok(list.env("NETSESSION_PASSWORD", LABADM.password))
    };
    let auto = list()?.args(&["-v"]).run()?;
    ensure!(auto.outcome.code == Some(1) && !auto.outcome.stderr.contains("log-on with NTLM"), "{auto:?}");
    ensure_says(&auto.outcome.stderr, &["with a Kerberos ticket", "-k off"])?;
    let run = list()?.args(&["-k", "off", "-f", "json"]).run()?;
    ensure!(run.rows()?.iter().any(|row| row.user.as_deref() == Some(LABADM.name)), "{run:?}");
    let required = list()?.args(&["-v", "-k", "required", "-f", "jsonl"]).run()?;
    ensure!(!required.outcome.stderr.contains("NTLM"), "{required:?}");
    let error = &required.lines()?[0]["error"];
    ensure_error(error, "logon_refused", Some(0xC000_000D), Some("STATUS_INVALID_PARAMETER"))?;
    ensure_says(&error["message"].to_string(), &["with a Kerberos ticket"])
}
