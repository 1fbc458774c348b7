//! What several tests look at: Prometheus with everything that `contrib/` has, a Samba, a thousand doubles, and a
//! server that is down.

use std::sync::Arc;

use anyhow::Result;
use netsession_interop::account::{ADMIN, ALICE, Account};
use netsession_interop::exporter::Exporter;
use netsession_interop::fleet::{self, Fleet};
use netsession_interop::holder::Holder;
use netsession_interop::prometheus::{Prometheus, configuration, rules};
use netsession_interop::samba::Samba;
use netsession_interop::shared::Shared;

pub(crate) const DOUBLES: usize = 1000;
/// Files that alice has open at the Samba.
pub(crate) const FILES: usize = 3;

pub(crate) struct Stage {
    pub(crate) prometheus: Prometheus,
    pub(crate) exporter: Exporter,
    pub(crate) samba: Samba,
    _alice: Holder,
    _fleet: Fleet,
}

static STAGE: Shared<(), Stage> = Shared::empty();

/// The stage that all tests share.
pub(crate) fn shared() -> Result<Arc<Stage>> {
    STAGE.get((), start)
}

/// Ends it.
pub(crate) fn stop() {
    STAGE.clear();
}

fn start() -> Result<Stage> {
    let samba = Samba::builder().start()?;
    samba.warm_up()?;
    let alice = Holder::open(samba.address(), ALICE, FILES)?;
    let fleet = Fleet::start(DOUBLES)?;
    // The table of credentials is begun in there.
    let of_samba = "[credentials]\nsamba = { login = 'admin', password_file = 'samba.password' }\n";
    // A thousand log-ons in the first minute, on a machine that may be busy: two of them without an answer would be the
    // end of all.
    let config = format!(
        "[servers]\nsamba = {{ address = '{}', credentials = 'samba' }}\n\
         down = {{ address = '127.0.0.1:1', credentials = 'samba' }}\n\
         [exporter]\nlog_ons_at_once = 64\nfiles = true\nshares = ['share']\nuser_labels = 3\nidle_limits = ['1h', '8h']\n{}",
        samba.address(),
        fleet.configuration().replace("[credentials]\n", of_samba)
    );
    let accounts: Vec<(&str, Account)> = fleet::ACCOUNTS.into_iter().chain([("samba", ADMIN)]).collect();
    let exporter = Exporter::start(&config, &accounts)?;
    // Those that only a pattern allows; Prometheus asks the exporter itself for the others.
    let targets = fleet.targets();
    let configuration = configuration("netsession.yml", &[("127.0.0.1:9945", exporter.address())])?;
    let rules = rules()?;
    let prometheus = Prometheus::start(&configuration, &targets, &[("rules.yml", &rules)])?;
    Ok(Stage { prometheus, exporter, samba, _alice: alice, _fleet: fleet })
}
