//! Every dialect, with signing mandatory and with encryption required, by other people's clients and by ours.

use anyhow::{Context, Result, ensure};
use netsession::Dialect;
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::impacket;
use netsession_interop::netsession::List;
use netsession_interop::oracle::{self, Question};
use netsession_interop::rpcclient;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::scenario::{self, DialectNumber, Encryption};
use netsession_testserver::{Scenario, Server};

use crate::smbtorture;
use crate::truth::{self, LEVELS};

const DIALECTS: [(&str, DialectNumber); 5] = [
    ("2.0.2", DialectNumber::Smb202),
    ("2.1", DialectNumber::Smb210),
    ("3.0", DialectNumber::Smb300),
    ("3.0.2", DialectNumber::Smb302),
    ("3.1.1", DialectNumber::Smb311),
];

pub(crate) fn add(suite: &mut Suite) {
    for (name, dialect) in DIALECTS {
        for encryption in [Encryption::Off, Encryption::Required] {
            // Encryption came with 3.0.
            if encryption == Encryption::Required && name.starts_with('2') {
                continue;
            }
            let how = if encryption == Encryption::Off { "signed" } else { "encrypted" };
            let mut test = |need, client: &str, body: fn(&Scenario) -> Result<()>| {
                suite.test(need, format!("protection::{how}::{name}::{client}"), move || {
                    body(&server(dialect, encryption)?)
                });
            };
            test(&[Need::Python3Samba], "python3_samba", python3_samba);
            test(&[Need::Rpcclient], "rpcclient", by_rpcclient);
            // impacket knows all dialects but this one.
            if name != "3.0.2" {
                test(&[Need::Impacket], "impacket", by_impacket);
            }
            test(&[Need::Smbtorture], "smbtorture", smbtorture::without_a_disconnect);
            test(&[Need::Program], "netsession", netsession);
        }
    }
}

/// It speaks one dialect, so a client that lists it has spoken that one.
fn server(dialect: DialectNumber, encryption: Encryption) -> Result<Scenario> {
    let mut scenario = scenario::shipped("windows")?;
    scenario.smb.dialects = vec![dialect];
    scenario.smb.encryption = encryption;
    scenario.smb.signing_required = true;
    Ok(scenario)
}

fn python3_samba(scenario: &Scenario) -> Result<()> {
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let rows = oracle::list(address, DOUBLE_ADMIN, level)?.ok().context("it was refused")?;
        truth::ensure_same(&rows, &truth::rows(scenario, level))?;
    }
    Ok(())
}

fn by_impacket(scenario: &Scenario) -> Result<()> {
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let dialect = scenario.smb.dialects.first().map(|dialect| Dialect::from(*dialect).number());
        let rows = impacket::list(address, DOUBLE_ADMIN, &Question { dialect, ..Question::level(level) })?;
        truth::ensure_same(&rows.ok().context("it was refused")?, &truth::rows(scenario, level))?;
    }
    Ok(())
}

fn by_rpcclient(scenario: &Scenario) -> Result<()> {
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let question =
            Question { by_client: Some(r"\\10.0.0.5"), by_user: Some("alice"), ..Question::level(level) };
        let listing = rpcclient::ask(address, DOUBLE_ADMIN, &question, &[])?;
        ensure!(listing == Ok(1), "level {level}: {listing:?}");
    }
    Ok(())
}

fn netsession(scenario: &Scenario) -> Result<()> {
    let (address, _server) = Server::start(scenario.clone())?;
    let rows = List::new(address.to_string())?.login(DOUBLE_ADMIN).args(&["-l", "502"]).rows()?;
    truth::ensure_shows(&rows, &truth::rows(scenario, 502))
}
