//! Somebody in between, who wants an NTLM response: it can be used at another server, and the password guessed from it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use netsession_interop::domain::{Cache, Domain, LABADM, SERVER, SILENT_REALM};
use netsession_interop::netsession::Run;
use netsession_interop::proxy::tamper::Honest;
use netsession_interop::proxy::{Action, Proxy, Tamper};
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error, ensure_says, principal};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "in_between::takes_kerberos_out_of_the_offer", without_kerberos);
    suite.test(NEEDS, "in_between::blocks_the_domain_controllers", blocked);
    suite.test(NEEDS, "in_between::keeps_the_domain_controllers_silent", silent);
    suite.test(NEEDS, "in_between::keeps_dns_silent", no_address);
}

/// Overwrites each number of Kerberos in the answer to NEGOTIATE with one that nothing has.
#[derive(Clone, Copy)]
struct WithoutKerberos;

impl Tamper for WithoutKerberos {
    fn server_frame(&mut self, mut frame: Vec<u8>) -> Action {
        const NEGOTIATE: [u8; 2] = [0, 0];
        for number in [*b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", *b"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"] {
            let is_negotiate = frame.get(12..14) == Some(&NEGOTIATE);
            let place = frame.windows(number.len()).position(|bytes| bytes == number);
            if let Some(place) = place.filter(|_| is_negotiate) {
                frame[place + number.len() - 1] = 0x7f;
            }
        }
        Action::Pass(frame)
    }
}

fn without_kerberos() -> Result<()> {
    let cache = domain()?.kinit(LABADM, &[])?;
    let conf = domain()?.conf();
    for (login, cache) in [(principal(LABADM), None), (r"ADLAB\labadm".into(), Some(&cache))] {
        let run = attacked(&login, cache, &conf, WithoutKerberos)?;
        ensure_error(&run.lines()?[0]["error"], "integrity", None, None).with_context(|| login)?;
    }
    Ok(())
}

/// The domain's controller is known, and its port is closed.
fn blocked() -> Result<()> {
    let cache = domain()?.kinit(LABADM, &[])?;
    let conf = domain()?.conf_with_kdc("127.0.0.1:1")?;
    for (login, cache) in [(principal(LABADM), None), (r"ADLAB\labadm".into(), Some(&cache))] {
        let run = attacked(&login, cache, &conf, Honest)?;
        let error = &run.lines()?[0]["error"];
        ensure_error(error, "kerberos", None, None).with_context(|| login)?;
        ensure_says(&error["message"].to_string(), &["no domain controller (KDC) of the realm answers"])?;
    }
    let list =
        domain()?.list(SERVER, None)?.env("KRB5_CONFIG", &conf).env("NETSESSION_LOGIN", principal(LABADM));
    let run = list.env("NETSESSION_PASSWORD", LABADM.password).run()?;
    ensure_says(&run.outcome.stderr, &["-k off"])
}

fn silent() -> Result<()> {
    Domain::be_silent()?;
    let login = format!("labadm@{SILENT_REALM}");
    // Wide: what comes before the ticket must be over within it.
    let run = attacked_within("20s", &login, None, &domain()?.conf(), Honest)?;
    ensure!(run.outcome.elapsed < Duration::from_secs(120), "{run:?}");
    let error = &run.lines()?[0]["error"];
    ensure_error(error, "timeout", None, None)?;
    ensure_says(&error["message"].to_string(), &["Kerberos ticket as"])
}

/// The domain controllers are known by name, and no name server answers.
fn no_address() -> Result<()> {
    let conf = domain()?.conf_with_kdc("dc7.nosuch.invalid")?;
    let run = attacked(&principal(LABADM), None, &conf, Honest)?;
    ensure_error(&run.lines()?[0]["error"], "kerberos", None, None)
}

/// A password for a server behind the attacker: nothing of NTLM goes to it.
fn attacked<T: Tamper + Copy + 'static>(
    login: &str,
    cache: Option<&Cache>,
    conf: &Path,
    tamper: T,
) -> Result<Run> {
    attacked_within("120s", login, cache, conf, tamper)
}

/// The same with another timeout.
fn attacked_within<T: Tamper + Copy + 'static>(
    timeout: &str,
    login: &str,
    cache: Option<&Cache>,
    conf: &Path,
    tamper: T,
) -> Result<Run> {
    let proxy = Proxy::to(([127, 0, 0, 1], 445).into()).tamper(move || tamper).start()?;
    let server = format!("{SERVER}:{}", proxy.address().port());
    let list = domain()?.list(&server, cache)?.env("KRB5_CONFIG", conf).env("NETSESSION_LOGIN", login);
    let list = list.env("NETSESSION_PASSWORD", LABADM.password);
    let run = list.args(&["-f", "jsonl", "--timeout", timeout]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    for event in proxy.traces().iter().flat_map(|trace| &trace.events) {
        let is_response = event.frame.windows(12).any(|bytes| bytes == b"NTLMSSP\0\x03\0\0\0");
        ensure!(!is_response, "an NTLM response was sent: {run:?}");
    }
    Ok(run)
}
