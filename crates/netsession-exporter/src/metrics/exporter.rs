use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession::ErrorKind;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::families::{Families, Seconds};
use super::process;
use crate::allowlist::TargetError;
use crate::probe_recorder::RecorderMetrics;
use crate::query::ProbeResult;

/// What the exporter counts while it runs. It survives a reload of the configuration.
#[derive(Debug)]
pub(crate) struct ExporterCounters {
    started: SystemTime,
    probes: Mutex<BTreeMap<&'static str, u64>>,
    bad_request: AtomicU64,
    not_allowed: AtomicU64,
    busy: AtomicU64,
    queries: AtomicU64,
    probes_in_flight: Arc<AtomicUsize>,
    queries_in_flight: Arc<AtomicUsize>,
    reload_succeeded: AtomicBool,
    loaded: Mutex<SystemTime>,
}

/// Counts a probe or a query as in flight until it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ExporterCounters {
    pub(crate) fn new() -> Self {
        let kinds = ErrorKind::ALL.iter().map(|kind| kind.as_str());
        Self {
            started: SystemTime::now(),
            // Every result is there from the start: rate() misses the first increase of a new series.
            probes: Mutex::new(["success"].into_iter().chain(kinds).map(|result| (result, 0)).collect()),
            bad_request: AtomicU64::default(),
            not_allowed: AtomicU64::default(),
            busy: AtomicU64::default(),
            queries: AtomicU64::default(),
            probes_in_flight: Arc::default(),
            queries_in_flight: Arc::default(),
            reload_succeeded: AtomicBool::new(true),
            loaded: Mutex::new(SystemTime::now()),
        }
    }

    pub(crate) fn begin_probe(&self) -> InFlight {
        InFlight::new(&self.probes_in_flight)
    }

    pub(crate) fn begin_query(&self) -> InFlight {
        self.queries.fetch_add(1, Ordering::Relaxed);
        InFlight::new(&self.queries_in_flight)
    }

    pub(crate) fn queries_in_flight(&self) -> usize {
        self.queries_in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn count_probe(&self, result: &ProbeResult) {
        let label = result.stats.as_ref().map_or_else(|kind| kind.as_str(), |_| "success");
        let mut probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = probes.entry(label).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn count_target_error(&self, error: TargetError) {
        match error {
            TargetError::InvalidName => self.count_bad_request(),
            TargetError::NotAllowed => _ = self.not_allowed.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn count_not_allowed(&self) {
        self.not_allowed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_bad_request(&self) {
        self.bad_request.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// The time of the last successful load of the configuration.
    pub(crate) fn loaded(&self) -> SystemTime {
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last load of the configuration succeeded.
    pub(crate) fn is_reload_successful(&self) -> bool {
        self.reload_succeeded.load(Ordering::Relaxed)
    }

    pub(crate) fn record_reload(&self, succeeded: bool) {
        self.reload_succeeded.store(succeeded, Ordering::Relaxed);
        if succeeded {
            *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = SystemTime::now();
        }
    }
}

/// The metrics of the exporter itself.
#[derive(Debug)]
pub(crate) struct ExporterMetrics {
    pub(crate) counters: Arc<ExporterCounters>,
    pub(crate) targets: usize,
    pub(crate) patterns: usize,
    pub(crate) blocked_accounts: usize,
    pub(crate) held_accounts: usize,
    pub(crate) kept_connections: usize,
    /// `None` where nothing is recorded.
    pub(crate) recorder: Option<RecorderMetrics>,
}

impl Collector for ExporterMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut families = Families::new(encoder);
        self.encode_configuration(&mut families)?;
        self.encode_probes(&mut families)?;
        self.recorder.map_or(Ok(()), |recorder| encode_recorder(recorder, &mut families))?;
        families.gauge(
            "process_start_time_seconds",
            "Start time of the process since the Unix epoch, in seconds.",
            since_epoch(self.counters.started),
        )?;
        process::encode(&mut families)
    }
}

impl ExporterMetrics {
    fn encode_configuration(&self, families: &mut Families<'_>) -> fmt::Result {
        families.labelled_gauges(
            "netsession_exporter_build_info",
            "Version of the exporter. The value is always 1.",
            "version",
            [(env!("CARGO_PKG_VERSION"), 1_u32)],
        )?;
        families.gauge(
            "netsession_exporter_targets",
            "Servers in the configuration that may be probed.",
            self.targets,
        )?;
        families.gauge(
            "netsession_exporter_patterns",
            "Patterns in the configuration that allow further servers.",
            self.patterns,
        )?;
        families.gauge(
            "netsession_exporter_config_last_reload_successful",
            "1 if the last load of the configuration succeeded, 0 if it failed.",
            u32::from(self.counters.is_reload_successful()),
        )?;
        families.gauge(
            "netsession_exporter_config_last_reload_success_timestamp_seconds",
            "Time of the last successful load of the configuration since the Unix epoch, in seconds.",
            since_epoch(self.counters.loaded()),
        )
    }

    fn encode_probes(&self, families: &mut Families<'_>) -> fmt::Result {
        let counters = self.counters.as_ref();
        families.labelled_counters(
            "netsession_exporter_probes",
            "Probes by result: success, or the kind of error.",
            "result",
            counters.probes.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        )?;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        families.labelled_counters(
            "netsession_exporter_refused",
            "Requests refused without a query: bad_request (400), not_allowed (403) or busy (503).",
            "reason",
            [
                ("bad_request", count(&counters.bad_request)),
                ("not_allowed", count(&counters.not_allowed)),
                ("busy", count(&counters.busy)),
            ],
        )?;
        families.counter(
            "netsession_exporter_queries",
            "Queries to servers. Simultaneous probes of one server share a query.",
            count(&counters.queries),
        )?;
        families.gauge(
            "netsession_exporter_probes_in_flight",
            "Probes that wait for a result.",
            counters.probes_in_flight.load(Ordering::Relaxed),
        )?;
        families.gauge(
            "netsession_exporter_queries_in_flight",
            "Queries that are running or wait for a free slot (see the setting concurrency).",
            counters.queries_in_flight(),
        )?;
        families.gauge(
            "netsession_exporter_kept_connections",
            "Connections to servers that are kept for the next probe.",
            self.kept_connections,
        )?;
        families.gauge(
            "netsession_exporter_blocked_accounts",
            "Accounts that a server refused. They are not used until a reload, over HTTP one with another secret, or /-/unblock.",
            self.blocked_accounts,
        )?;
        families.gauge(
            "netsession_exporter_held_accounts",
            "Accounts that are not used because log-ons are unanswered: until one is answered, or for 35 minutes.",
            self.held_accounts,
        )
    }
}

fn encode_recorder(recorder: RecorderMetrics, families: &mut Families<'_>) -> fmt::Result {
    families.gauge(
        "netsession_exporter_history_last_write_successful",
        "1 if the store of the history was written last time, 0 if that failed or the file is gone.",
        u32::from(!recorder.is_failing),
    )?;
    families.counter(
        "netsession_exporter_history_failed_writes",
        "Failed writes to the store of the history. What was not written is in memory until the next write.",
        recorder.failed_writes,
    )?;
    families.gauge(
        "netsession_exporter_history_waiting_results",
        "Results of queries that are not in the store of the history yet.",
        recorder.waiting_results,
    )?;
    families.counter(
        "netsession_exporter_history_lost_results",
        "Results of queries that are not recorded: the store is written too slowly, or the file is gone.",
        recorder.lost_results,
    )
}

fn since_epoch(time: SystemTime) -> Seconds {
    Seconds(time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ExpositionFormat;

    #[test]
    fn exporter_metrics() {
        let counters = Arc::new(ExporterCounters::new());
        let in_flight = (counters.begin_probe(), counters.begin_query());
        counters.count_probe(&ProbeResult::without_query(ErrorKind::TimedOut));
        counters.count_target_error(TargetError::NotAllowed);
        counters.count_bad_request();
        counters.record_reload(false);
        let metrics = ExporterMetrics {
            counters: Arc::clone(&counters),
            targets: 2,
            patterns: 3,
            blocked_accounts: 1,
            held_accounts: 2,
            kept_connections: 4,
            recorder: Some(RecorderMetrics {
                waiting_results: 5,
                lost_results: 6,
                failed_writes: 7,
                is_failing: true,
            }),
        };
        let text = String::from_utf8(ExpositionFormat::Text.render(metrics)).unwrap();
        drop(in_flight);
        // Times and the resources of the process differ in each run.
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
        assert_eq!(counters.probes_in_flight.load(Ordering::Relaxed) + counters.queries_in_flight(), 0);
    }
}
