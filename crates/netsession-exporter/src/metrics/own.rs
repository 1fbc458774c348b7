use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use netsession::ErrorKind;

use super::{Exposition, process};
use crate::answer::Answer;
use crate::targets::Refused;

/// What the exporter knows of itself.
#[derive(Debug)]
pub(crate) struct Own {
    started: SystemTime,
    answered: Mutex<BTreeMap<&'static str, u64>>,
    no_server: AtomicU64,
    not_allowed: AtomicU64,
    busy: AtomicU64,
    questions: AtomicU64,
    probing: Arc<AtomicUsize>,
    questioning: Arc<AtomicUsize>,
    reload_succeeded: AtomicBool,
    loaded: Mutex<SystemTime>,
}

/// Counts as long as it lives.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Own {
    /// With a count of questions that are under way, which others read as well.
    pub(crate) fn new(questioning: Arc<AtomicUsize>) -> Self {
        let kinds = ErrorKind::ALL.iter().map(|kind| kind.as_str());
        Self {
            started: SystemTime::now(),
            answered: Mutex::new(["success"].into_iter().chain(kinds).map(|result| (result, 0)).collect()),
            no_server: AtomicU64::default(),
            not_allowed: AtomicU64::default(),
            busy: AtomicU64::default(),
            questions: AtomicU64::default(),
            probing: Arc::default(),
            questioning,
            reload_succeeded: AtomicBool::new(true),
            loaded: Mutex::new(SystemTime::now()),
        }
    }

    pub(crate) fn probing(&self) -> UnderWay {
        UnderWay::new(&self.probing)
    }

    pub(crate) fn questioning(&self) -> UnderWay {
        self.questions.fetch_add(1, Ordering::Relaxed);
        UnderWay::new(&self.questioning)
    }

    pub(crate) fn probed(&self, answer: &Answer) {
        let result = answer.result.as_ref().map_or_else(|kind| kind.as_str(), |_| "success");
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let count = answered.entry(result).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn refused(&self, refused: Refused) {
        match refused {
            Refused::NoServer => &self.no_server,
            Refused::NotAllowed => &self.not_allowed,
        }
        .fetch_add(1, Ordering::Relaxed);
    }

    /// Parameters that are missing, twice there or unknown count as no server.
    pub(crate) fn bad_request(&self) {
        self.refused(Refused::NoServer);
    }

    pub(crate) fn busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn reloaded(&self, succeeded: bool) {
        self.reload_succeeded.store(succeeded, Ordering::Relaxed);
        if succeeded {
            *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = SystemTime::now();
        }
    }

    /// Everything that `/metrics` tells.
    pub(crate) fn exposition(&self, blocked: usize, (targets, patterns): (usize, usize)) -> Exposition {
        let mut metrics = Exposition::default();
        let label = |name, value: &str| vec![(name, value.to_owned())];
        metrics.gauges(
            "netsession_exporter_build_info",
            "The version of the exporter; always 1.",
            [(label("version", env!("CARGO_PKG_VERSION")), true.into())],
        );
        metrics.gauge("netsession_exporter_targets", "Targets with an entry of their own.", targets);
        metrics.gauge("netsession_exporter_patterns", "Patterns of targets without one.", patterns);
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone();
        metrics.counters(
            "netsession_exporter_probes",
            "Probes that were answered: success, or the kind of error.",
            answered.into_iter().map(|(result, count)| (label("result", result), count.into())),
        );
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed).into();
        metrics.counters(
            "netsession_exporter_refused",
            "Probes for which no server was asked: bad_request (400), not_allowed (403) or busy (503).",
            [
                (label("reason", "bad_request"), read(&self.no_server)),
                (label("reason", "not_allowed"), read(&self.not_allowed)),
                (label("reason", "busy"), read(&self.busy)),
            ],
        );
        metrics.counters(
            "netsession_exporter_queries",
            "Questions to servers; simultaneous probes of one target share one.",
            [(Vec::new(), read(&self.questions))],
        );
        let under_way = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        metrics.gauge(
            "netsession_exporter_probes_in_flight",
            "Probes without an answer yet.",
            under_way(&self.probing),
        );
        metrics.gauge(
            "netsession_exporter_queries_in_flight",
            "Questions without an answer yet, those that wait for their turn included.",
            under_way(&self.questioning),
        );
        metrics.gauge(
            "netsession_exporter_blocked_accounts",
            "Accounts that a server has refused; they are not tried again before a reload.",
            blocked,
        );
        metrics.gauge(
            "netsession_exporter_config_last_reload_successful",
            "Whether the configuration was right when it was last loaded.",
            self.reload_succeeded.load(Ordering::Relaxed),
        );
        metrics.gauge(
            "netsession_exporter_config_last_reload_success_timestamp_seconds",
            "When the configuration that counts was loaded.",
            since_epoch(*self.loaded.lock().unwrap_or_else(PoisonError::into_inner)),
        );
        metrics.gauge(
            "process_start_time_seconds",
            "When the process was started.",
            since_epoch(self.started),
        );
        process::add(&mut metrics);
        metrics
    }
}

fn since_epoch(time: SystemTime) -> std::time::Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Format;

    #[test]
    fn what_it_says_of_itself() {
        let own = Own::new(Arc::default());
        let probing = (own.probing(), own.questioning());
        own.probed(&Answer::without_server(ErrorKind::TimedOut));
        own.refused(Refused::NotAllowed);
        own.bad_request();
        own.reloaded(false);
        let text = String::from_utf8(Format::Text.render(own.exposition(1, (2, 3)))).unwrap();
        drop(probing);
        // Times, and what the process takes, are never the same.
        let steady = text
            .lines()
            .filter(|line| {
                line.starts_with('#') || line.contains('{') || line.starts_with("netsession_exporter")
            })
            .filter(|line| {
                !line.contains("process_")
                    && !line.starts_with("netsession_exporter_config_last_reload_success_t")
            })
            .map(|line| line.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
        insta::assert_snapshot!(steady.collect::<Vec<_>>().join("\n"));
        assert_eq!(own.probing.load(Ordering::Relaxed) + own.questioning.load(Ordering::Relaxed), 0);
    }
}
