use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use netsession::logon_guard::LogonGuard;
use netsession::{Account, ErrorKind, MemoryBudget};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::instrument::WithSubscriber as _;

use crate::allowlist::{AllowedTarget, TargetError};
use crate::cache::ProbeLimits;
use crate::lifecycle::{Lifecycle, Unblock};
use crate::loaded_config::{LoadedConfig, MAX_BUDGET, deadline};
use crate::metrics::{ExporterCounters, ExporterMetrics};
use crate::page::{self, PageStatus};
use crate::probe_log::ProbeLog;
use crate::probe_recorder::{ProbeRecorder, WeakProbeRecorder};
use crate::query::ProbeResult;
use crate::settings::Settings;
use crate::{discovery, effective};

/// Minimum timeout of a query. A probe with less time is told `timeout`, but its query goes on: the result is for other
/// probes as well.
const MIN_BUDGET: Duration = Duration::from_secs(1);
/// A query times out this long before its probe, so that the probe can still report how far the query came.
const HEAD_START: Duration = Duration::from_millis(50);
/// How long the end of the process waits for what is recorded last.
const PATIENCE_FOR_DISK: Duration = Duration::from_secs(10);
/// Maximum queries that are running or waiting for a slot. At this number, probes are refused with 503.
const MAX_QUERIES: usize = 20_000;

/// Answers probes. Clones are the same exporter.
#[derive(Clone)]
pub struct Exporter(Arc<Inner>);

struct Inner {
    loaded: RwLock<Arc<LoadedConfig>>,
    counters: Arc<ExporterCounters>,
    lifecycle: Lifecycle,
    /// Stores of configurations before this one, which may not be written to their end yet.
    former_recorders: Mutex<Vec<WeakProbeRecorder>>,
    /// One for the process: queries of the old configuration go on beside those of the new one.
    budget: MemoryBudget,
    /// Probes for their log share nothing with others: one at a time, so that no client can have a server asked often.
    logging: Arc<Semaphore>,
}

/// Why a probe has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeError {
    Target(TargetError),
    /// Too many queries are running.
    Busy,
    /// Another probe for its log is running.
    Logging,
}

impl Exporter {
    /// An exporter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let budget = MemoryBudget::new(settings.max_memory);
        let guard = LogonGuard::with_log_ons_at_once(settings.log_ons_at_once);
        let loaded = RwLock::new(Arc::new(LoadedConfig::new(settings, guard)));
        let (counters, lifecycle) = (Arc::new(ExporterCounters::new()), Lifecycle::new());
        let (former_recorders, logging) = (Mutex::default(), Arc::new(Semaphore::new(1)));
        Self(Arc::new(Inner { loaded, counters, lifecycle, former_recorders, budget, logging }))
    }

    /// Replaces the settings. Accounts that were refused are used again, and the best level is tried again.
    pub fn reload(&self, settings: Settings) {
        let guard = LogonGuard::with_log_ons_at_once(settings.log_ons_at_once);
        self.replace(LoadedConfig::new(settings, guard));
    }

    /// As [`reload`](Self::reload), but accounts that were refused are used again only where the secret has changed.
    pub fn reload_keeping_blocks(&self, settings: Settings) {
        let old = self.loaded();
        let guard = old.guard.clone();
        guard.set_log_ons_at_once(settings.log_ons_at_once);
        let new = LoadedConfig::new(settings, guard);
        new.guard.in_use(old.allowlist.credentials()).replace_with(new.allowlist.credentials());
        self.replace(new);
    }

    fn replace(&self, new: LoadedConfig) {
        self.0.budget.set_limit(new.settings.max_memory);
        let recorder = new.settings.recorder.clone();
        let old = self.loaded();
        new.cache.show_former(&old.cache, |target| {
            let (before, now) = (old.allowlist.find_server(target)?, new.allowlist.find_server(target)?);
            // Another address is another server, whose state is not known yet.
            (before.address == now.address).then_some(now.is_listed)
        });
        drop(old);
        let old = std::mem::replace(
            &mut *self.0.loaded.write().unwrap_or_else(PoisonError::into_inner),
            Arc::new(new),
        );
        // Not only when the last probe by the old settings has ended: one of a silent server may take minutes.
        old.kept.close();
        self.keep_track(old.settings.recorder.as_ref(), recorder.as_ref());
        self.0.counters.record_reload(true);
    }

    /// Lets an account of the configuration log on again that a server has refused.
    pub(crate) fn unblock(&self, account: &Account) -> Unblock {
        let loaded = self.loaded();
        let mut of_account =
            loaded.allowlist.credentials().filter(|one| one.account() == *account).peekable();
        if of_account.peek().is_none() {
            return Unblock::UnknownAccount;
        }
        if !of_account.any(|credentials| loaded.guard.has_block(credentials)) {
            return Unblock::NotBlocked;
        }
        let unblock = self.0.lifecycle.unblock(account, Instant::now(), || loaded.guard.allow_again(account));
        if unblock == Unblock::Lifted {
            tracing::info!("{account} is used again: its block was lifted by a request");
        }
        unblock
    }

    /// The requests of HTTP clients.
    pub(crate) fn lifecycle(&self) -> &Lifecycle {
        &self.0.lifecycle
    }

    /// Whether HTTP clients may reload the configuration and lift blocks.
    pub(crate) fn has_lifecycle(&self) -> bool {
        self.loaded().settings.lifecycle
    }

    /// Records in the metrics that the new settings are invalid. The old ones stay in use.
    pub fn reload_failed(&self) {
        self.0.counters.record_reload(false);
    }

    /// The number of targets in the configuration, and the number of patterns.
    pub(crate) fn size(&self) -> (usize, usize) {
        let loaded = self.loaded();
        (loaded.allowlist.listed(), loaded.settings.patterns.len())
    }

    /// The timeout of a probe for which Prometheus sends none.
    pub(crate) fn default_timeout(&self) -> Duration {
        self.loaded().settings.timeout
    }

    /// Probes a target, by a query of its own or by one that another probe has started.
    pub(crate) async fn probe(&self, target: &str, budget: Duration) -> Result<Arc<ProbeResult>, ProbeError> {
        let loaded = self.loaded();
        let target = self.allowed(&loaded, target)?;
        let counters = &self.0.counters;
        let _in_flight = counters.begin_probe();
        let limits = ProbeLimits {
            is_listed: target.is_listed,
            deadline: deadline(Instant::now(), budget),
            budget: budget.saturating_sub((budget / 20).min(HEAD_START)).clamp(MIN_BUDGET, MAX_BUDGET),
            min_interval: loaded.settings.min_interval,
        };
        let start = || {
            let (loaded, target, in_flight) = (Arc::clone(&loaded), target.clone(), counters.begin_query());
            let memory = self.0.budget.clone();
            async move {
                let result = loaded.query(&target, &memory, limits.budget, true).await;
                drop(in_flight);
                result
            }
        };
        let result = loaded.cache.probe(&target.name, limits, start).await;
        counters.count_probe(&result);
        Ok(result)
    }

    /// Probes a target by a query of its own over a connection of its own, and returns its log as well. One at a time.
    pub(crate) async fn probe_with_log(
        &self,
        target: &str,
        budget: Duration,
    ) -> Result<(Arc<ProbeResult>, ProbeLog), ProbeError> {
        let loaded = self.loaded();
        let target = self.allowed(&loaded, target)?;
        let turn = Arc::clone(&self.0.logging).try_acquire_owned().map_err(|_| ProbeError::Logging)?;
        let counters = &self.0.counters;
        let in_flight = (turn, counters.begin_probe(), counters.begin_query());
        let (memory, log) = (self.0.budget.clone(), ProbeLog::new());
        let subscriber = log.clone();
        // On a task of its own: a log-on that has begun is ended also if the client goes.
        let query = tokio::spawn(async move {
            let _in_flight = in_flight;
            let budget = budget.clamp(MIN_BUDGET, MAX_BUDGET);
            let query = loaded.query(&target, &memory, budget, false);
            query.with_subscriber(subscriber).await
        });
        let result = query.await.unwrap_or_else(|_| ProbeResult::without_query(ErrorKind::Local));
        counters.count_probe(&result);
        Ok((Arc::new(result), log))
    }

    /// Finds a target, unless too many queries are running.
    fn allowed(&self, loaded: &LoadedConfig, target: &str) -> Result<AllowedTarget, ProbeError> {
        let counters = &self.0.counters;
        let target = loaded.allowlist.find(target).map_err(|error| {
            counters.count_target_error(error);
            ProbeError::Target(error)
        })?;
        if counters.queries_in_flight() >= MAX_QUERIES {
            return Err(ProbeError::Busy);
        }
        Ok(target)
    }

    /// The servers of the configuration, for service discovery.
    pub(crate) fn targets(&self) -> Vec<u8> {
        discovery::render(self.loaded().allowlist.names())
    }

    /// The settings that are in force, as JSON.
    pub(crate) fn config(&self) -> Vec<u8> {
        let loaded = self.loaded();
        effective::render(&loaded.settings, self.0.counters.loaded(), loaded.limits)
    }

    /// Names by which a browser may reach an exporter on loopback.
    pub(crate) fn allowed_hosts(&self) -> Vec<String> {
        self.loaded().settings.allowed_hosts.clone()
    }

    /// Records a request that a page of another site has made.
    pub(crate) fn count_not_allowed(&self) {
        self.0.counters.count_not_allowed();
    }

    /// Records a request that is no valid probe.
    pub(crate) fn count_bad_request(&self) {
        self.0.counters.count_bad_request();
    }

    /// Records a request for which there is no place.
    pub(crate) fn count_busy(&self) {
        self.0.counters.count_busy();
    }

    /// The metrics of the exporter itself.
    pub(crate) fn metrics(&self) -> ExporterMetrics {
        let loaded = self.loaded();
        let held_accounts = loaded.held_accounts().len();
        let blocked_accounts = loaded.blocked_accounts().len();
        let (targets, patterns) = self.size();
        let (counters, kept_connections) = (Arc::clone(&self.0.counters), loaded.kept.count());
        let recorder = loaded.settings.recorder.as_ref().map(ProbeRecorder::metrics);
        ExporterMetrics {
            counters,
            targets,
            patterns,
            blocked_accounts,
            held_accounts,
            kept_connections,
            recorder,
        }
    }

    /// Remembers a store that a reload has replaced: the end of the process waits for it as well.
    fn keep_track(&self, old: Option<&ProbeRecorder>, new: Option<&ProbeRecorder>) {
        let mut former = self.0.former_recorders.lock().unwrap_or_else(PoisonError::into_inner);
        former.retain(|recorder| !recorder.is_closed());
        let is_same = |old: &&ProbeRecorder| new.is_some_and(|new| new.is_same(old));
        former.extend(old.filter(|old| !is_same(old)).map(ProbeRecorder::downgrade));
    }

    /// Writes what is not recorded yet, and ends the recording.
    pub(crate) async fn close_recorders(&self) {
        let current = self.loaded().settings.recorder.as_ref().map(ProbeRecorder::downgrade);
        let former =
            std::mem::take(&mut *self.0.former_recorders.lock().unwrap_or_else(PoisonError::into_inner));
        let mut closing = JoinSet::new();
        for recorder in current.into_iter().chain(former) {
            closing.spawn(async move {
                let path = recorder.path().to_owned();
                // A disk that hangs would keep the process until the service manager kills it.
                if timeout(PATIENCE_FOR_DISK, recorder.close()).await != Ok(true) {
                    tracing::warn!("{}: what was answered last is not recorded", path.display());
                }
            });
        }
        closing.join_all().await;
    }

    /// The start page as HTML.
    pub(crate) fn page(&self) -> Vec<u8> {
        let loaded = self.loaded();
        let status = PageStatus {
            now: SystemTime::now(),
            loaded: self.0.counters.loaded(),
            is_reload_failed: !self.0.counters.is_reload_successful(),
            blocked: loaded.blocked_accounts(),
            held: loaded.held_accounts(),
        };
        page::render(&loaded.allowlist, &loaded.settings, &loaded.cache.last_results(), &status)
    }

    fn loaded(&self) -> Arc<LoadedConfig> {
        Arc::clone(&self.0.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("settings", &self.loaded().settings).finish_non_exhaustive()
    }
}
