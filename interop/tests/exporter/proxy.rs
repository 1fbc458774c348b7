//! nginx in front, as the documentation has it: TLS and a log-on.

use anyhow::{Result, anyhow, ensure};
use netsession_interop::exporter::Exporter;
use netsession_interop::fleet::{ACCOUNTS, Fleet};
use netsession_interop::http;
use netsession_interop::nginx::{LOGIN, NAME, Nginx};
use netsession_interop::prometheus::{Prometheus, configuration, rules};
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Program, Need::TestServer, Need::Prometheus, Need::Nginx],
        "proxy::tls_and_a_log_on",
        log_on,
    );
    suite.test(
        &[Need::Program, Need::TestServer, Need::Nginx],
        "proxy::guessing_a_password_is_slow",
        guesses,
    );
    suite.test(
        &[Need::Program, Need::TestServer, Need::Prometheus, Need::Nginx],
        "proxy::prometheus_scrapes_through_it",
        scrape,
    );
}

fn log_on() -> Result<()> {
    let fleet = Fleet::start(1)?;
    let exporter = Exporter::start(&fleet.configuration(), &ACCOUNTS)?;
    let nginx = Nginx::start(exporter.address())?;
    let target = fleet.targets().concat();
    let probe = format!("/probe?target={}", http::encoded(&target));
    let login = format!("{}:{}", LOGIN.0, LOGIN.1);
    for (arguments, status) in [
        (vec![], 401),
        (vec!["-u", "prometheus:wrong"], 401),
        (vec!["-u", &login], 200),
        (vec!["-u", &login, "-X", "POST"], 403),
    ] {
        let (answered, body) = nginx.curl(&probe, &arguments)?;
        ensure!(answered == status, "{arguments:?}: {answered}: {body}");
        ensure!(body.contains("\nnetsession_up 1\n") == (status == 200), "{body}");
    }
    // Nothing but TLS.
    let plain = http::get(&format!("127.0.0.1:{}", nginx.port()), &probe, &[])?;
    ensure!(plain.status == 400 && !plain.body.contains("netsession_up"), "{plain:?}");
    Ok(())
}

/// From an address that is no Prometheus, the right password comes too late after many wrong ones.
fn guesses() -> Result<()> {
    // The burst of 20, and as many again.
    const GUESSES: usize = 40;
    let fleet = Fleet::start(1)?;
    let exporter = Exporter::start(&fleet.configuration(), &ACCOUNTS)?;
    let nginx = Nginx::start(exporter.address())?;
    let login = format!("{}:{}", LOGIN.0, LOGIN.1);
    let from = |address: &str, login: &str| {
        nginx.curl("/-/healthy", &["--interface", address, "-u", login]).map(|(status, _)| status)
    };
    let statuses = std::thread::scope(|scope| {
        let guesses: Vec<_> =
            (0..GUESSES).map(|_| scope.spawn(|| from("127.0.0.2", "prometheus:wrong"))).collect();
        guesses
            .into_iter()
            .map(|guess| guess.join().map_err(|_| anyhow!("panicked"))?)
            .collect::<Result<Vec<_>>>()
    })?;
    let refused = statuses.iter().filter(|status| **status == 429).count();
    // Ten a minute: a slow machine gets some more through.
    ensure!(refused >= GUESSES / 4, "{statuses:?}");
    ensure!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    let other = [from("127.0.0.1", &login)?, from("127.0.0.3", &login)?];
    ensure!(other == [200, 200], "Prometheus, another address: {other:?}");
    // A place is free again each six seconds: the right password may find one, and the next time none.
    let tries = (0..10).map(|_| from("127.0.0.2", &login)).collect::<Result<Vec<_>>>()?;
    ensure!(tries.contains(&429) && tries.iter().all(|status| [200, 429].contains(status)), "{tries:?}");
    Ok(())
}

fn scrape() -> Result<()> {
    const DOUBLES: usize = 10;
    let fleet = Fleet::start(DOUBLES)?;
    let exporter = Exporter::start(&fleet.listed(), &ACCOUNTS)?;
    let nginx = Nginx::start(exporter.address())?;
    let certificate = nginx.certificate()?;
    let rules = rules()?;
    let files: [(&str, &[u8]); 3] = [
        ("netsession.crt", &certificate),
        ("netsession.password", LOGIN.1.as_bytes()),
        ("rules.yml", &rules),
    ];
    let address = format!("127.0.0.1:{}", nginx.port());
    // The name is in the certificate, and in no DNS.
    let configuration = configuration("tls.yml", &[(&format!("{NAME}:9946"), &address)])?;
    // The only list of targets is that of the exporter, which is read through the proxy as well.
    let prometheus = Prometheus::start(&configuration, &[], &files)?;
    prometheus.wait_for("count(netsession_up == 1)", |count| count == DOUBLES as f64)?;
    prometheus.wait_for("netsession_exporter_config_last_reload_successful", |value| value == 1.0)
}
