//! Domain controllers that say nothing.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use netsession_interop::domain::{ALIAS, Domain, LABADM, SERVER, SILENT_REALM, write_keytab};
use netsession_interop::exporter::Exporter;
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_says, principal};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "kdc::silent_costs_its_own_deadline_only",
        silent,
    );
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "kdc::silent_costs_a_limited_number_of_threads",
        threads,
    );
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "kdc::silent_before_the_first_packet",
        keytab_of_the_machine,
    );
}

/// A ticket for each of a hundred servers, round after round, from a domain controller that says nothing: the library
/// cannot be interrupted, and each thread that waits in it is left behind.
fn threads() -> Result<()> {
    const TARGETS: usize = 100;
    // Those of the cap, of the runtime, and of resolvers.
    const MOST: usize = 64 + 64;
    let domain = domain()?;
    Domain::be_silent()?;
    let cache = domain.kinit(LABADM, &[])?;
    let conf = domain.silent_conf()?.display().to_string();
    let targets: String = (0..TARGETS)
        .map(|number| {
            format!("t{number} = {{ address = '127.0.0.1', spn = 't{number}', credentials = 'lab' }}\n")
        })
        .collect();
    let login = principal(LABADM);
    let config = format!(
        "[servers]\n{targets}[credentials]\nlab = {{ login = '{login}' \
         }}\n"
    );
    let exporter =
        Exporter::start_with(&config, &[], &[("KRB5CCNAME", cache.name()), ("KRB5_CONFIG", &conf)])?;
    let mut most = 0;
    for _ in 0..5 {
        std::thread::scope(|scope| -> Result<()> {
            let probes: Vec<_> = (0..TARGETS)
                .map(|number| {
                    let exporter = &exporter;
                    scope.spawn(move || exporter.probe(&format!("t{number}"), Duration::from_secs(1)))
                })
                .collect();
            for probe in probes {
                let response = probe.join().map_err(|_| anyhow::anyhow!("a probe panicked"))??;
                ensure!(response.body.contains("netsession_up 0"), "{response:?}");
            }
            Ok(())
        })?;
        most = most.max(exporter.threads()?);
    }
    ensure!(most < MOST, "{most} threads");
    Ok(())
}

/// Where there is no ticket, and the machine's configuration names a keytab, the library asks a domain controller to
/// find out who asks: for the time that one server may take.
fn keytab_of_the_machine() -> Result<()> {
    Domain::be_silent()?;
    let folder = tempfile::tempdir()?;
    let keytab = folder.path().join("client.keytab");
    write_keytab(&keytab, &format!("x@{SILENT_REALM}"), "whatever")?;
    let list = domain()?.list(SERVER, None)?.env("KRB5_CLIENT_KTNAME", &keytab);
    let run = list.args(&["--timeout", "2s"]).run()?;
    ensure!(run.outcome.code == Some(2), "{run:?}");
    ensure!(run.outcome.elapsed < Duration::from_secs(40), "{run:?}");
    ensure_says(&run.outcome.stderr, &["no login", "the Kerberos library does not answer in time"])
}

/// One realm's domain controller says nothing: its server fails at its deadline, the other one is listed at once.
fn silent() -> Result<()> {
    let domain = domain()?;
    Domain::be_silent()?;
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("netsession"))?;
    let config = format!(
        "[servers]\n'{ALIAS}' = {{ credentials = 'silent' }}\n'{SERVER}' = {{ credentials = 'lab' }}\n[credentials]\n\
         silent = {{ login = 'x@{SILENT_REALM}', password_env = 'PASSWORD' }}\n\
         lab = {{ login = '{}', password_env = 'PASSWORD' }}\n",
        principal(LABADM)
    );
    std::fs::write(folder.path().join("netsession/config.toml"), config)?;
    // Wide: the other server must answer within it.
    let list = domain.list(ALIAS, None)?.args(&[SERVER, "-k", "required", "--timeout", "20s", "-f", "jsonl"]);
    let list = list.env("XDG_CONFIG_HOME", folder.path()).env("PASSWORD", LABADM.password);
    let start = Instant::now();
    let run = list.run()?;
    let took = start.elapsed();
    ensure!(
        took > Duration::from_millis(19_900) && took < Duration::from_secs(120),
        "it took {took:?}: {run:?}"
    );
    let lines = run.lines()?;
    ensure!(lines[0]["server"] == SERVER && lines[0]["user"].is_string(), "not listed first: {run:?}");
    let error = &lines.last().map(|line| line["error"].clone()).unwrap_or_default();
    ensure_error(error, "timeout", None, None)?;
    ensure_says(&error["message"].to_string(), &[ALIAS, "Kerberos ticket as x@SILENT.TEST: timed out"])
}
