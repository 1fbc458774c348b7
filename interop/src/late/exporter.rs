use std::fmt::Write as _;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::fleet::LateFleet;
use crate::account::{ADMIN, Account};
use crate::exporter::Exporter;

/// An exporter with a wrong password whose targets are all scraped together, `rounds` times and until the last answer is
/// there.
pub fn exporter(server: SocketAddr, delay: Duration, scrape: Duration, rounds: usize) -> Result<usize> {
    let fleet = LateFleet::start(server, super::SERVERS, delay)?;
    let mut config =
        String::from("[credentials]\nwrong = { login = 'admin', password_file = 'wrong.password' }\n");
    let targets = fleet.targets();
    for target in &targets {
        writeln!(config, "[servers.'{target}']\naddress = '{target}'\ncredentials = 'wrong'")?;
    }
    let exporter = Exporter::start(&config, &[("wrong", Account { password: "wrong", ..ADMIN })])?;
    let round = || -> Result<()> {
        thread::scope(|scope| {
            let probes: Vec<_> =
                targets.iter().map(|target| scope.spawn(|| exporter.probe(target, scrape))).collect();
            // A probe panics only where the test does.
            probes.into_iter().try_for_each(|probe| probe.join().map_or(Ok(()), |probe| probe.map(drop)))
        })
    };
    let begun = Instant::now();
    for _ in 0..rounds {
        round()?;
    }
    thread::sleep((delay * 2).saturating_sub(begun.elapsed()));
    round()?;
    Ok(fleet.log_ons())
}
