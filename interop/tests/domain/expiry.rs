//! A server ends a session when the ticket of its log-on ends.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use netsession_interop::domain::{LABADM, SERVER};
use netsession_interop::exporter::{Exporter, value};
use netsession_interop::process::PATIENCE;
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, principal};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Samba, Need::Program, Need::Domain],
        "expiry::kept_connection_is_made_again_in_the_same_probe",
        kept,
    );
}

/// Two sessions of a kept connection expire. No probe fails: the one that is told so logs on with the ticket that the cache
/// has by then.
fn kept() -> Result<()> {
    // What a probe has that connects.
    const CONNECTS: &str = "netsession_probe_duration_seconds{phase=\"negotiate\"}";
    let domain = domain()?;
    // For the service itself: with a ticket that lives for two minutes or less, Samba gives no others.
    let service = format!("cifs/{SERVER}");
    let ticket = || domain.kinit(LABADM, &["-S", &service, "-l", "20s"]);
    let cache = ticket()?;
    let conf = domain.conf().display().to_string();
    let config = format!(
        "[servers]\ndc1 = {{ address = '{SERVER}', credentials = 'lab' }}\n\
         [credentials]\nlab = {{ login = '{}', kerberos = 'required' }}\n",
        principal(LABADM)
    );
    let exporter =
        Exporter::start_with(&config, &[], &[("KRB5CCNAME", cache.name()), ("KRB5_CONFIG", &conf)])?;
    let (begun, mut connected, mut kept) = (Instant::now(), 0, 0);
    while connected < 3 {
        ensure!(begun.elapsed() < PATIENCE, "{connected} connections in {kept} probes: {}", exporter.said());
        ticket()?.take_place_of(&cache)?;
        let response = exporter.probe("dc1", Duration::from_secs(60))?;
        let is_up = value(&response.body, "netsession_up") == Some(1.0);
        ensure!(is_up, "after {connected} connections: {response:?} {}", exporter.said());
        match value(&response.body, CONNECTS) {
            Some(_) => connected += 1,
            None => kept += 1,
        }
        sleep(Duration::from_secs(1));
    }
    ensure!(kept > 0, "no connection was kept");
    Ok(())
}
