//! A little of what `cargo xtask exporter-load` does at length.

use std::time::Duration;

use netsession_interop::load::{self, Plan};
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(
        &[Need::Program, Need::TestServer],
        "load::servers_die_stall_and_come_back_under_probes",
        || {
            let timeout = Duration::from_secs(2);
            let (probes, targets, askers) = (500, 50, 8);
            let plan =
                Plan { probes, targets, askers, concurrency: 64, delay_ms: 0, timeout, disturbances: 1 };
            load::run(plan)?.ensure_fine()
        },
    );
}
