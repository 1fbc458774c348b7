//! A sample of `cargo xtask late-log-ons`: refusals that are late make two log-ons at most.

use std::time::Duration;

use anyhow::ensure;
use netsession_interop::late::{self, BOUND};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba, Need::Program], "late::refusals_that_are_late_make_two_log_ons", || {
        let samba = Samba::builder().start()?;
        let seconds = Duration::from_secs;
        for (delay, jobs, timeout) in [(0, 64, None), (2, 4, Some("1s")), (5, 64, Some("1s")), (12, 64, None)]
        {
            let log_ons = late::list(samba.address(), seconds(delay), jobs, timeout)?;
            ensure!((1..=BOUND).contains(&log_ons), "{delay} s late, --jobs {jobs}: {log_ons} log-ons");
        }
        for (delay, scrape, rounds) in [(2, 1, 3), (12, 10, 1)] {
            let log_ons = late::exporter(samba.address(), seconds(delay), seconds(scrape), rounds)?;
            ensure!((1..=BOUND).contains(&log_ons), "{delay} s late, scraped {scrape} s: {log_ons} log-ons");
        }
        Ok(())
    });
}
