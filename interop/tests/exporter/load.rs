//! A little of what `cargo xtask exporter-load` does at length.

use std::time::Duration;

use netsession_interop::load::{self, Plan};
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(Need::ProgramAndTestServer, "load::servers_die_stall_and_come_back_under_probes", || {
        let timeout = Duration::from_secs(2);
        let plan = Plan { probes: 500, targets: 50, askers: 8, timeout, disturbances: 1 };
        load::run(plan)?.ensure_fine()
    });
}
