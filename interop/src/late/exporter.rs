use std::fmt::Write as _;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fleet::LateFleet;
use crate::account::{ADMIN, Account};
use crate::exporter::{Exporter, value};
use crate::process::PATIENCE;
use crate::proxy::tamper::LogOnAnswer;

/// An exporter with a wrong password whose targets are all scraped together, `rounds` times and until the last answer is
/// there.
pub fn exporter(server: SocketAddr, delay: Duration, scrape: Duration, rounds: usize) -> Result<usize> {
    let fleet = LateFleet::start(server, super::SERVERS, LogOnAnswer::Late(delay))?;
    let wrong = Account { password: "wrong", ..ADMIN };
    let exporter = Exporter::start(&configuration(&fleet, wrong, 2)?, &[("account", wrong)])?;
    let begun = Instant::now();
    for _ in 0..rounds {
        round(&exporter, &fleet, scrape)?;
    }
    thread::sleep((delay * 2).saturating_sub(begun.elapsed()));
    round(&exporter, &fleet, scrape)?;
    Ok(fleet.log_ons())
}

/// An exporter whose targets accept the password, until `change` changes it: the log-ons after that. Refusals are late
/// by `delay`, and all targets are scraped together.
pub fn password_changed(
    server: SocketAddr,
    who: Account,
    (servers, at_once): (u8, usize),
    delay: Duration,
    scrape: Duration,
    change: impl FnOnce() -> Result<()>,
) -> Result<usize> {
    let fleet = LateFleet::start(server, servers, LogOnAnswer::LateRefusal(delay))?;
    let exporter = Exporter::start(&configuration(&fleet, who, at_once)?, &[("account", who)])?;
    // On a busy machine one scrape is too short for the log-ons of all, which are one after the other.
    let begun = Instant::now();
    loop {
        let listed = round(&exporter, &fleet, Duration::from_secs(30))?;
        if listed == usize::from(servers) {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "{listed} of {servers} are listed: {}", exporter.said());
    }
    change()?;
    let before = fleet.log_ons();
    let begun = Instant::now();
    // Until the last answer is there, and one more.
    while begun.elapsed() < delay * 2 {
        round(&exporter, &fleet, scrape)?;
    }
    let listed = round(&exporter, &fleet, scrape)?;
    ensure!(listed == 0, "{listed} are listed with the old password");
    Ok(fleet.log_ons() - before)
}

fn configuration(fleet: &LateFleet, who: Account, at_once: usize) -> Result<String> {
    let mut config = format!(
        "[exporter]\nlog_ons_at_once = {at_once}\n\
         [credentials]\naccount = {{ login = '{}', password_file = 'account.password' }}\n",
        who.name
    );
    for target in fleet.targets() {
        writeln!(config, "[servers.'{target}']\naddress = '{target}'\ncredentials = 'account'")?;
    }
    Ok(config)
}

/// Scrapes all targets together. How many are listed.
fn round(exporter: &Exporter, fleet: &LateFleet, scrape: Duration) -> Result<usize> {
    let targets = fleet.targets();
    thread::scope(|scope| {
        let probes: Vec<_> =
            targets.iter().map(|target| scope.spawn(|| exporter.probe(target, scrape))).collect();
        // A probe panics only where the test does.
        let probes = probes.into_iter().filter_map(|probe| probe.join().ok());
        let mut listed = 0;
        for response in probes {
            listed += usize::from(value(&response?.body, "netsession_up") == Some(1.0));
        }
        Ok(listed)
    })
}
