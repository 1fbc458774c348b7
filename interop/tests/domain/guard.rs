//! One refusal, one log-on: counted by the domain, whichever way the account is proved.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use netsession_interop::account::Account;
use netsession_interop::domain::{ALIAS, CAROL, FRIDA, SERVER, write_keytab};
use netsession_interop::exporter::Exporter;
use netsession_interop::netsession::List;
use netsession_interop::proxy::Proxy;
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

/// Each of its answers comes 1.5 s late, so that the one to the password comes after the deadline of 2 s.
fn late_controller() -> Result<()> {
    const TARGETS: usize = 12;
    let domain = domain()?;
    let kdc = Proxy::to(([127, 0, 0, 1], 88).into()).delay(Duration::from_millis(1_500)).start()?;
    // It has `udp_preference_limit = 1`.
    let conf = domain.conf_with_kdc(&kdc.address().to_string())?;
    let targets: Vec<_> = (0..TARGETS).map(|number| format!("t{number}")).collect();
    let mut config = format!(
        "[credentials]\nwrong = {{ login = '{}', password_file = 'wrong.password' }}\n[servers]\n",
        principal(FRIDA)
    );
    for target in &targets {
        config += &format!("{target} = {{ address = '{SERVER}', credentials = 'wrong' }}\n");
    }
    let folder = tempdir()?;
    let own = folder.path().join("netsession");
    fs::create_dir(&own)?;
    fs::write(own.join("config.toml"), &config)?;
    fs::write(own.join("wrong.password"), WRONG)?;
    fs::set_permissions(own.join("wrong.password"), fs::Permissions::from_mode(0o600))?;
    let (first, others) = targets.split_first().context("no target")?;
    let others: Vec<_> = others.iter().map(String::as_str).collect();
    let bounded = |case: &str, ask: &dyn Fn() -> Result<()>| -> Result<()> {
        let before = domain.wrong_passwords(FRIDA)?;
        ask()?;
        let counted = domain.wrong_passwords(FRIDA)? - before;
        ensure!((1..=2).contains(&counted), "{case}: the domain counted {counted} log-ons");
        Ok(())
    };
    for jobs in ["1", "4", "64"] {
        bounded(&format!("--jobs {jobs}"), &|| {
            let list = domain.list(first, None)?.args(&others).args(&["-k", "required", "--timeout", "2s"]);
            let list = list.env("XDG_CONFIG_HOME", folder.path()).env("KRB5_CONFIG", &conf);
            let run = list.args(&["--jobs", jobs, "-f", "jsonl"]).run()?;
            ensure!(
                run.lines()?.iter().filter(|line| line["error"].is_object()).count() == TARGETS,
                "{run:?}"
            );
            // What was sent last is answered.
            thread::sleep(Duration::from_secs(4));
            Ok(())
        })?;
    }
    let account = [("wrong", Account { password: WRONG, ..FRIDA })];
    let conf = conf.display().to_string();
    for scrape in [2, 10] {
        let variables = [("KRB5_CONFIG", conf.as_str()), ("KRB5CCNAME", "/nonexistent")];
        let exporter = Exporter::start_with(&config, &account, &variables)?;
        bounded(&format!("scraped {scrape} s"), &|| {
            for _ in 0..4 {
                thread::scope(|scope| {
                    for target in &targets {
                        scope.spawn(|| exporter.probe(target, Duration::from_secs(scrape)));
                    }
                });
            }
            thread::sleep(Duration::from_secs(4));
            Ok(())
        })?;
    }
    Ok(())
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
