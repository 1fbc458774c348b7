//! Log-ons that succeed: each way to a ticket, each kind of key, each protection.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::domain::{ALIAS, BOB, Cache, LABADM, SERVER};
use netsession_interop::netsession::List;
use netsession_interop::proxy::{Proxy, Side};
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_lists, ensure_says, principal};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "kerberos::4_round_trips_encrypted", || round_trips("required", true));
    suite.test(NEEDS, "kerberos::4_round_trips_signed", || round_trips("off", false));
    suite.test(NEEDS, "kerberos::ticket_of_the_cache_is_the_login", ticket);
    suite.test(NEEDS, "kerberos::ticket_of_the_login_in_each_spelling", spellings);
    suite.test(NEEDS, "kerberos::rc4_session_key", rc4);
    suite.test(NEEDS, "cache::dir", || collection(&domain()?.new_cache().as_folder()?));
    suite.test(NEEDS, "cache::kcm", || collection(&domain()?.kcm()));
    suite.test(&[Need::Samba, Need::Program, Need::Domain, Need::KeyStore], "cache::keyring", keyring);
    suite.test(NEEDS, "kerberos::keytab", keytab);
    suite.test(NEEDS, "kerberos::password_of_user_at_realm", password);
    suite.test(NEEDS, "kerberos::mutual_and_without_delegation", mutual);
    suite.test(NEEDS, "ntlm::off_is_ntlm_alone", off);
    suite.test(NEEDS, "ntlm::by_address", by_address);
    suite.test(NEEDS, "kerberos::no_library_is_needed_to_start", without_library);
}

/// NEGOTIATE, SESSION_SETUP, the compound, the question: and all after the log-on protected.
fn round_trips(encrypt: &str, encrypted: bool) -> Result<()> {
    const SESSION_SETUP: u16 = 1;
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let proxy = Proxy::to(([127, 0, 0, 1], 445).into()).delay(Duration::from_millis(40)).start()?;
    let server = format!("{SERVER}:{}", proxy.address().port());
    let args = ["-l", "1", "--encrypt", encrypt, "-k", "required"];
    ensure_lists(&domain.list(&server, Some(&cache))?.args(&args).rows()?, LABADM)?;
    let mut traces = proxy.traces();
    ensure!(traces.len() == 1, "{} connections", traces.len());
    let trace = traces.pop().context("no connection")?;
    ensure!(trace.round_trips() == 4, "{} round trips instead of 4", trace.round_trips());
    let last = trace.events.iter().rposition(|event| event.command() == Some(SESSION_SETUP));
    let last = last.context("no log-on")?;
    ensure!(trace.events[last].is_signed(), "the last answer of the log-on is not signed");
    let after = &trace.events[last + 1..];
    ensure!(after.iter().any(|event| event.from == Side::Server), "nothing after the log-on");
    for event in after.iter().filter(|event| !event.is_interim()) {
        ensure!(if encrypted { event.is_encrypted() } else { event.is_signed() }, "unprotected: {event:?}");
    }
    Ok(())
}

fn ticket() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let run = domain.list(SERVER, Some(&cache))?.args(&["-v", "-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure_says(
        &run.outcome.stderr,
        &["login from the Kerberos ticket", "log-on with the Kerberos ticket of labadm@ADLAB.TEST"],
    )
}

/// A ticket of the login is used, and no password is asked for: there is no terminal to ask on.
fn spellings() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    for login in ["labadm@ADLAB.TEST", "LabAdm@adlab.test", r"ADLAB\labadm", r"adlab.test\labadm"] {
        let list = domain.list(SERVER, Some(&cache))?.args(&["-U", login]);
        ensure_lists(&list.rows().with_context(|| login.to_owned())?, LABADM)?;
    }
    // Alone it is an account of the server itself, unless Kerberos is wanted in any case.
    let alone = domain.list(SERVER, Some(&cache))?.args(&["-U", "labadm"]).run()?;
    ensure!(alone.outcome.code == Some(2), "{alone:?}");
    let list = domain.list(SERVER, Some(&cache))?.args(&["-U", "labadm", "-k", "required"]);
    ensure_lists(&list.rows()?, LABADM)
}

/// A session key of 16 bytes instead of 32.
fn rc4() -> Result<()> {
    let domain = domain()?;
    let cache = domain.new_cache();
    cache.fill(&domain.rc4_conf(), LABADM, &[])?;
    for encrypt in ["required", "off"] {
        let list = domain.list(SERVER, Some(&cache))?.env("KRB5_CONFIG", domain.rc4_conf());
        ensure_lists(&list.args(&["-k", "required", "--encrypt", encrypt]).rows()?, LABADM)?;
    }
    Ok(())
}

/// Two tickets in one collection: the default one is used, and with a login the one that is its own.
fn collection(caches: &Cache) -> Result<()> {
    let domain = domain()?;
    caches.fill(&domain.conf(), BOB, &[])?;
    caches.fill(&domain.conf(), LABADM, &[])?;
    let list = || -> Result<_> { Ok(domain.list(SERVER, Some(caches))?.args(&["-k", "required"])) };
    ensure_lists(&list()?.rows()?, LABADM)?;
    ensure_lists(&list()?.args(&["-U", &principal(LABADM)]).rows()?, LABADM)?;
    let error = list()?.args(&["-U", &principal(BOB)]).error()?;
    ensure_error(&error, "access_denied", Some(5), Some("ERROR_ACCESS_DENIED"))?;
    ensure_says(&error["message"].to_string(), &["as bob@ADLAB.TEST"])
}

fn keyring() -> Result<()> {
    let caches = domain()?.keyring();
    let result = collection(&caches);
    caches.destroy()?;
    result
}

/// The log lines of the library for a log-on with a ticket that could be forwarded: the server's proof was read, and the only
/// ticket that was asked for is that for the server. To forward one it would ask for a second krbtgt.
fn mutual() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &["-f"])?;
    let folder = tempfile::tempdir()?;
    let trace = folder.path().join("trace");
    let list = domain.list(SERVER, Some(&cache))?.env("KRB5_TRACE", &trace).args(&["-k", "required"]);
    ensure_lists(&list.rows()?, LABADM)?;
    let told = std::fs::read_to_string(trace)?;
    ensure!(told.contains("Read AP-REP"), "the server did not prove itself: {told}");
    let asked: Vec<_> = told.lines().filter(|line| line.contains("TGS reply is for")).collect();
    ensure!(asked.len() == 1 && asked[0].contains("-> cifs/dc1.adlab.test@ADLAB.TEST"), "{asked:?}");
    Ok(())
}

fn keytab() -> Result<()> {
    let domain = domain()?;
    let cache = domain.new_cache();
    let keytab = domain.keytab().display().to_string();
    let args = ["--keytab", &keytab, "--login", &principal(LABADM)];
    ensure_lists(&domain.list(SERVER, Some(&cache))?.args(&args).rows()?, LABADM)?;
    ensure!(!cache.exists(), "the user's cache was written");
    Ok(())
}

fn password() -> Result<()> {
    let domain = domain()?;
    let cache = domain.new_cache();
    let login = principal(LABADM).to_lowercase();
    for args in [&["-k", "required"][..], &["-v"]] {
        let list = domain.list(SERVER, Some(&cache))?.env("NETSESSION_LOGIN", &login);
        let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(args).args(&["-f", "json"]).run()?;
        ensure_lists(&run.rows()?, LABADM)?;
        if args.contains(&"-v") {
            ensure_says(&run.outcome.stderr, &["log-on with the Kerberos ticket of labadm@ADLAB.TEST"])?;
        }
    }
    ensure!(!cache.exists(), "the user's cache was written");
    Ok(())
}

/// The name is one for which there is no ticket, so that Kerberos could not have been it.
fn off() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let list = domain.list(ALIAS, Some(&cache))?.env("NETSESSION_LOGIN", r"ADLAB\labadm");
    let run =
        list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v", "-k", "off", "-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure!(!run.outcome.stderr.contains("Kerberos"), "{run:?}");
    ensure_says(&run.outcome.stderr, &["log-on with NTLM"])
}

fn by_address() -> Result<()> {
    let domain = domain()?;
    let cache = domain.kinit(LABADM, &[])?;
    let list = domain.list("127.0.0.1", Some(&cache))?.env("NETSESSION_LOGIN", principal(LABADM));
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure_says(
        &run.outcome.stderr,
        &[
            "netsession: warning: 127.0.0.1: log-on with NTLM instead of Kerberos",
            "named by its address",
            "--spn",
        ],
    )?;
    let list = domain.list("127.0.0.1", Some(&cache))?.env("NETSESSION_LOGIN", r"ADLAB\labadm");
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-f", "json"]).run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure!(!run.outcome.stderr.contains("warning"), "{run:?}");
    Ok(())
}

/// Where no Kerberos is installed the program starts, and logs on by NTLM: the library is hidden from it.
fn without_library() -> Result<()> {
    const HIDE: &str = "mount -t tmpfs none /mnt; for f in /usr/lib/*/libgssapi_krb5.so.2; do \
                        : >/mnt/none; mount --bind /mnt/none \"$f\"; done; exec \"$@\"";
    let domain = domain()?;
    let hidden = |list: List| list.under(&["unshare", "--mount", "sh", "-c", HIDE, "sh"]);
    let list = domain.list(SERVER, None)?.env("NETSESSION_LOGIN", principal(LABADM));
    let list = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-v", "-f", "json"]);
    let run = hidden(list)?.run()?;
    ensure_lists(&run.rows()?, LABADM)?;
    ensure_says(&run.outcome.stderr, &["this system has no Kerberos library", "log-on with NTLM"])?;
    let list = domain.list(SERVER, None)?.env("NETSESSION_LOGIN", principal(LABADM));
    let list = list.env("NETSESSION_PASSWORD", LABADM.password).args(&["-k", "required"]);
    let error = hidden(list)?.error()?;
    ensure!(error["kind"] == "kerberos", "{error}");
    ensure_says(&error["message"].to_string(), &["this system has no Kerberos library"])
}
