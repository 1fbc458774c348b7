//! One refusal, one log-on: counted by the domain, whichever way the account is proved.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use netsession_interop::domain::{ALIAS, CAROL, FRIDA, SERVER, write_keytab};
use netsession_interop::late::{self, LateController};
use netsession_interop::netsession::List;
use netsession_interop::suite::{Need, Suite};
use tempfile::tempdir;

use crate::support::{domain, principal};

const WRONG: &str = "wrong-for-carol";

pub(crate) fn add(suite: &mut Suite) {
    // One test: all count the wrong passwords of the same account.
    suite.test(&[Need::Samba, Need::Program, Need::Domain], "guard::one_refusal_one_log_on", || {
        let principal = principal(CAROL);
        let required = &["-k", "required"][..];
        for (login, servers, args, refusals, counted) in [
            (principal.as_str(), ["dc1", SERVER, ALIAS], required, 1, 1),
            (&principal, ["dc1", SERVER, ALIAS], &[], 1, 1),
            // By Kerberos first, where the server is named by its name: no NTLM for the one named by its address.
            (&principal, [SERVER, "127.0.0.1", "dc1"], &["--jobs", "1"], 1, 1),
            // The other way round. For a name with a realm Samba refuses a wrong NTLM password without counting it, and
            // with STATUS_NOT_FOUND, which says nothing of the password: one more log-on follows, and no third.
            (&principal, ["127.0.0.1", SERVER, "dc1"], &["--jobs", "1"], 2, 1),
            (r"ADLAB\carol", ["127.0.0.1", SERVER, "dc1"], &[], 1, 1),
            (r"ADLAB\carol", [SERVER, ALIAS, "127.0.0.1"], &["-k", "off"], 1, 1),
        ] {
            by_password(login, &servers, args, refusals, counted)?;
        }
        // The way round it. It also shows that the domain counts more than one where there is more than one.
        by_password(&principal, &["dc1", SERVER], &["-k", "required", "--keep-going", "--jobs", "1"], 2, 2)?;
        // At the same time they share one request.
        by_password(&principal, &["dc1", SERVER], &["-k", "required"], 1, 1)?;
        by_keytab()
    });
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "guard::domain_controller_that_is_late_hears_two_log_ons",
        late_controller,
    );
}

/// A sample of `cargo xtask late-log-ons --kerberos`. Each answer comes 1.5 s late, so that the one to the password comes
/// after the deadline of 2 s.
fn late_controller() -> Result<()> {
    for jobs in [1, 4, 64] {
        one_or_two(&format!("--jobs {jobs}"), |controller, scale| {
            controller.list(jobs, Some(&format!("{}s", 2 * scale)))
        })?;
    }
    for seconds in [2, 10] {
        one_or_two(&format!("scraped {seconds} s"), |controller, scale| {
            controller.exporter(Duration::from_secs(seconds) * scale, 4)
        })?;
    }
    Ok(())
}

/// The log-ons that the domain counts, with all times multiplied by what `ask` is given.
fn one_or_two(case: &str, ask: impl Fn(&LateController<'_>, u32) -> Result<u32>) -> Result<()> {
    let domain = domain()?;
    late::one_or_two(case, |scale| {
        let controller = LateController::start(&domain, FRIDA, Duration::from_millis(1_500) * scale, 12)?;
        Ok(usize::try_from(ask(&controller, scale)?)?)
    })
}

/// A wrong password for several servers.
fn by_password(login: &str, servers: &[&str], args: &[&str], refusals: usize, counted: u32) -> Result<()> {
    let (first, others) = servers.split_first().context("no server")?;
    let list = domain()?.list(first, None)?.args(others).args(args).env("NETSESSION_LOGIN", login);
    refused(list.env("NETSESSION_PASSWORD", WRONG), servers.len(), refusals, counted)
        .with_context(|| format!("{login} {servers:?} {args:?}"))
}

/// A key that is not the account's any more.
fn by_keytab() -> Result<()> {
    let folder = tempdir()?;
    let keytab = folder.path().join("old.keytab");
    write_keytab(&keytab, &principal(CAROL), WRONG)?;
    let keytab = keytab.display().to_string();
    let list =
        domain()?.list(SERVER, None)?.args(&["dc1", ALIAS, "--keytab", &keytab, "-U", &principal(CAROL)]);
    refused(list, 3, 1, 1).context("by keytab")
}

/// Of `servers`, `refusals` report the refusal, the others were not tried, and the domain has counted `counted` log-ons.
fn refused(list: List, servers: usize, refusals: usize, counted: u32) -> Result<()> {
    let domain = domain()?;
    let before = domain.wrong_passwords(CAROL)?;
    let run = list.args(&["-f", "jsonl"]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let kinds: Vec<_> = run.lines()?.iter().map(|line| line["error"]["kind"].to_string()).collect();
    let count = |kind: &str| kinds.iter().filter(|found| found.contains(kind)).count();
    ensure!(count("logon_refused") == refusals, "not {refusals} refusals: {run:?}");
    ensure!(count("logon_blocked") == servers - refusals, "the others were tried: {run:?}");
    let of_domain = domain.wrong_passwords(CAROL)? - before;
    ensure!(of_domain == counted, "the domain counted {of_domain} log-ons: {run:?}");
    Ok(())
}
