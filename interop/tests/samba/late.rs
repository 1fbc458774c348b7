//! A sample of `cargo xtask late-log-ons`: refusals that are late make two log-ons at most.

use std::time::Duration;

use netsession_interop::late;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba, Need::Program], "late::refusals_that_are_late_make_two_log_ons", || {
        let samba = Samba::builder().start()?;
        let seconds = Duration::from_secs;
        for (delay, jobs, timeout) in [(0, 64, None), (2, 4, Some(1)), (5, 64, Some(1)), (12, 64, None)] {
            late::one_or_two(&format!("{delay} s late, --jobs {jobs}"), |scale| {
                let timeout = timeout.map(|seconds: u32| format!("{}s", seconds * scale));
                late::list(samba.address(), seconds(delay) * scale, jobs, timeout.as_deref())
            })?;
        }
        for (delay, scrape, rounds) in [(2, 1, 3), (12, 10, 1)] {
            late::one_or_two(&format!("{delay} s late, scraped {scrape} s"), |scale| {
                late::exporter(samba.address(), seconds(delay) * scale, seconds(scrape) * scale, rounds)
            })?;
        }
        Ok(())
    });
}
