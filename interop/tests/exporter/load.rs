//! A little of what `cargo xtask exporter-load` and `watch-load` do at length.

use netsession_interop::load::{self, LoadPlan};
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    let needs = &[Need::Program, Need::TestServer];
    suite.test(needs, "load::servers_die_stall_and_come_back_under_probes", || {
        let (probes, targets, askers) = (100, 50, 8);
        let plan = LoadPlan {
            probes,
            targets,
            askers,
            concurrency: 64,
            delay_ms: 0,
            disturbances: 1,
            new_connections: false,
            // Time enough for a busy machine. How punctual the exporter is, a quiet one shows at length.
            scrape_timeout: 10,
            late_after: Some(60),
        };
        load::run(plan)?.ensure_fine()
    });
    suite.test(needs, "load::kept_connection_takes_little_memory", || load::ensure_kept_is_small(200));
    suite.test(&[Need::Program], "load::watch_of_1000_servers_does_not_grow", || {
        load::ensure_watch_is_flat(1000, 2)
    });
}
