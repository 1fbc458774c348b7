//! The last result of each target, and at most one query to each target at a time.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use netsession::{ErrorKind, ServerName};
use tokio::sync::watch;
use tokio::time::timeout_at;

use crate::query::ProbeResult;

/// Maximum targets without an entry in the configuration. Their names are chosen by the HTTP client, which could
/// otherwise fill the memory with invented ones.
const MAX_UNLISTED: usize = 20_000;

/// The results of all targets that were probed. A reload makes a new cache, which shows what the one before knows of the
/// targets that stay.
#[derive(Debug, Default)]
pub(crate) struct ResultCache {
    /// Targets with an entry in the configuration. They are never evicted.
    listed: Targets,
    /// Targets that only a pattern allows.
    unlisted: Targets,
}

type Targets = Mutex<HashMap<ServerName, Arc<Mutex<TargetState>>>>;

#[derive(Debug, Default)]
struct TargetState {
    last: Option<CachedResult>,
    /// Receives the result of the query that is running.
    running: Option<watch::Receiver<Option<CachedResult>>>,
}

#[derive(Debug, Clone)]
struct CachedResult {
    result: Arc<ProbeResult>,
    begun: Instant,
    /// The timeout of the query.
    budget: Duration,
    /// The end of the first query with this state: up, or the same kind of error.
    since: SystemTime,
    /// Of the configuration before: shown, and never the answer to a probe.
    is_former: bool,
}

/// The last result of a target, for the start page.
#[derive(Debug, Clone)]
pub(crate) struct LastResult {
    pub(crate) target: String,
    pub(crate) result: Arc<ProbeResult>,
    /// When the target came into this state: up, or the same kind of error.
    pub(crate) since: SystemTime,
}

impl CachedResult {
    /// Whether a query with this longer `budget` could have another result.
    fn is_cut_short(&self, budget: Duration) -> bool {
        self.result.is_timed_out() && self.budget < budget
    }
}

/// The limits of one probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProbeLimits {
    /// Whether the target has an entry in the configuration.
    pub(crate) is_listed: bool,
    /// When Prometheus has to have a response.
    pub(crate) deadline: Instant,
    /// The timeout of a query that this probe starts.
    pub(crate) budget: Duration,
    /// A cached result younger than this is used again.
    pub(crate) min_interval: Duration,
}

impl ResultCache {
    /// The result of a target: of the query that is running, of a recent one, or of a new one that `start` begins.
    ///
    /// A query runs to its end even if the probe that started it is cancelled: others may wait for it. Within a
    /// runtime.
    pub(crate) async fn probe<S, F>(
        &self,
        target: &ServerName,
        limits: ProbeLimits,
        start: S,
    ) -> Arc<ProbeResult>
    where
        S: Fn() -> F,
        F: Future<Output = ProbeResult> + Send + 'static,
    {
        loop {
            let state = self.state(target, limits.is_listed);
            let mut receiver = match cached_or_running(target, &state, limits, &start) {
                Ok(cached) => return cached.result,
                Err(receiver) => receiver,
            };
            let received = timeout_at(limits.deadline.into(), receiver.wait_for(Option::is_some)).await;
            let finished = match received {
                Ok(Ok(finished)) => finished.clone(),
                Err(_) => return Arc::new(ProbeResult::without_query(ErrorKind::TimedOut)),
                // The sender was dropped without a result: the task of the query has panicked.
                Ok(Err(_)) => None,
            };
            match finished {
                None => return Arc::new(ProbeResult::without_query(ErrorKind::Local)),
                // Another probe with a shorter timeout had started the query: start one with the longer timeout.
                Some(cached) if cached.is_cut_short(limits.budget) && Instant::now() < limits.deadline => {}
                Some(cached) => return cached.result,
            }
        }
    }

    /// The last result of each target that has one.
    pub(crate) fn last_results(&self) -> Vec<LastResult> {
        let last = |(target, state): (ServerName, Arc<Mutex<TargetState>>)| {
            let CachedResult { result, since, .. } = lock(&state).last.clone()?;
            Some(LastResult { target: target.to_string(), result, since })
        };
        self.states().into_iter().filter_map(last).collect()
    }

    /// Shows the results of the cache before this one until the next probe, and knows since when each target is in its
    /// state. `is_listed` says whether a target has an entry in the configuration, and is `None` for one that is gone.
    pub(crate) fn show_former(&self, former: &Self, is_listed: impl Fn(&ServerName) -> Option<bool>) {
        for (target, state) in former.states() {
            let Some(last) = lock(&state).last.clone() else { continue };
            if let Some(is_listed) = is_listed(&target) {
                let state = self.state(&target, is_listed);
                lock(&state).last = Some(CachedResult { is_former: true, ..last });
            }
        }
    }

    fn states(&self) -> Vec<(ServerName, Arc<Mutex<TargetState>>)> {
        let all = |targets: &Targets| -> Vec<_> {
            lock(targets).iter().map(|(target, state)| (target.clone(), Arc::clone(state))).collect()
        };
        [all(&self.listed), all(&self.unlisted)].concat()
    }

    fn state(&self, target: &ServerName, is_listed: bool) -> Arc<Mutex<TargetState>> {
        let mut targets = lock(if is_listed { &self.listed } else { &self.unlisted });
        if let Some(state) = targets.get(target) {
            return Arc::clone(state);
        }
        if !is_listed && targets.len() >= MAX_UNLISTED {
            // A second reference belongs to a probe or a query that uses the state. No new one can appear meanwhile:
            // references are handed out under this lock alone.
            targets.retain(|_, state| Arc::strong_count(state) > 1);
        }
        Arc::clone(targets.entry(target.clone()).or_default())
    }
}

/// A recent result, or the receiver of the query that is running. If neither is there, starts a query.
fn cached_or_running<S, F>(
    target: &ServerName,
    state: &Arc<Mutex<TargetState>>,
    limits: ProbeLimits,
    start: &S,
) -> Result<CachedResult, watch::Receiver<Option<CachedResult>>>
where
    S: Fn() -> F,
    F: Future<Output = ProbeResult> + Send + 'static,
{
    let mut locked = lock(state);
    if let Some(receiver) = &locked.running {
        return Err(receiver.clone());
    }
    let now = Instant::now();
    if let Some(last) = &locked.last
        && !last.is_former
        && now.saturating_duration_since(last.begun) < limits.min_interval
        && !last.is_cut_short(limits.budget)
    {
        return Ok(last.clone());
    }
    let (sender, receiver) = watch::channel(None);
    locked.running = Some(receiver.clone());
    let query = start();
    drop(locked);
    let running = RunningQuery { target: target.clone(), state: Arc::clone(state), sender };
    tokio::spawn(async move {
        let result = query.await;
        running.finish(result, now, limits.budget);
    });
    Err(receiver)
}

/// The query to a target that is running. Its drop clears [`TargetState::running`], also when the task panics, so
/// that the next probe can start a query.
struct RunningQuery {
    target: ServerName,
    state: Arc<Mutex<TargetState>>,
    sender: watch::Sender<Option<CachedResult>>,
}

impl RunningQuery {
    fn finish(self, result: ProbeResult, begun: Instant, budget: Duration) {
        let mut state = lock(&self.state);
        let before = state.last.take();
        log_change(&self.target, before.as_ref(), &result);
        let since = before.filter(|before| before.result.is_same_state(&result)).map(|before| before.since);
        let since = since.unwrap_or(result.finished);
        let cached = CachedResult { result: Arc::new(result), begun, budget, since, is_former: false };
        state.last = Some(cached.clone());
        drop(state);
        self.sender.send_replace(Some(cached));
    }
}

impl Drop for RunningQuery {
    fn drop(&mut self) {
        lock(&self.state).running = None;
    }
}

/// Logs one line when a target begins to fail, fails for another reason, still fails after a reload, or recovers, and none
/// for each probe.
fn log_change(target: &ServerName, before: Option<&CachedResult>, now: &ProbeResult) {
    let is_former = before.is_some_and(|before| before.is_former);
    let before = before.and_then(|before| before.result.stats.as_ref().err());
    match (before, now.stats.as_ref().err(), &now.failure) {
        (before, Some(kind), Some(failure)) if is_former || before != Some(kind) => {
            tracing::warn!(%kind, "{}", failure.text);
        }
        (Some(_), None, _) => tracing::info!(server = target.to_string(), "recovered"),
        _ => {}
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while a lock is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn name(text: &str) -> ServerName {
        text.parse().unwrap()
    }

    fn limits(budget: Duration, min_interval: Duration) -> ProbeLimits {
        ProbeLimits { is_listed: true, deadline: Instant::now() + budget, budget, min_interval }
    }

    fn report(kind: ErrorKind) -> ProbeResult {
        ProbeResult::without_query(kind)
    }

    /// Queries that take this long and fail, counted.
    fn queries(
        count: &Arc<AtomicUsize>,
        duration: Duration,
        kind: ErrorKind,
    ) -> impl Fn() -> std::pin::Pin<Box<dyn Future<Output = ProbeResult> + Send>> + use<> {
        let count = Arc::clone(count);
        move || {
            count.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                tokio::time::sleep(duration).await;
                report(kind)
            })
        }
    }

    #[tokio::test]
    async fn simultaneous_probes_share_one_query_that_outlives_the_first() {
        let (cache, count) = (Arc::new(ResultCache::default()), Arc::<AtomicUsize>::default());
        let gate = Arc::new(Semaphore::new(0));
        let probe = |target: &'static str| {
            let (cache, count, gate) = (Arc::clone(&cache), Arc::clone(&count), Arc::clone(&gate));
            let start = move || {
                count.fetch_add(1, Ordering::Relaxed);
                let gate = Arc::clone(&gate);
                async move {
                    gate.acquire().await.unwrap().forget();
                    report(ErrorKind::Closed)
                }
            };
            tokio::spawn(async move {
                cache.probe(&name(target), limits(SECOND * 120, Duration::ZERO), start).await.stats.clone()
            })
        };
        let probes: Vec<_> = (0..100).map(|_| probe("fs1")).collect();
        // All run on this thread, in turn, each until it waits.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(count.load(Ordering::Relaxed), 1, "they have not begun");
        probes[0].abort();
        // One for each query that is right.
        gate.add_permits(3);
        for probe in probes.into_iter().skip(1) {
            assert_eq!(probe.await.unwrap(), Err(ErrorKind::Closed));
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
        probe("fs1").await.unwrap().unwrap_err();
        probe("fs2").await.unwrap().unwrap_err();
        assert_eq!(count.load(Ordering::Relaxed), 3, "a later probe and another target have their own query");
        assert_eq!(cache.last_results().len(), 2);
    }

    #[tokio::test]
    async fn recent_result_is_used_again() {
        let (cache, count) = (Arc::new(ResultCache::default()), Arc::<AtomicUsize>::default());
        for (min_interval, expected) in [(SECOND * 60, 1), (SECOND * 60, 1), (Duration::ZERO, 2)] {
            let start = queries(&count, Duration::ZERO, ErrorKind::Closed);
            cache.probe(&name("fs1"), limits(SECOND, min_interval), start).await;
            assert_eq!(count.load(Ordering::Relaxed), expected);
        }
    }

    /// A probe with little time has no result; a probe with more time is not given that time-out.
    #[tokio::test]
    async fn short_deadline_does_not_affect_other_probes() {
        let (cache, count) = (Arc::new(ResultCache::default()), Arc::<AtomicUsize>::default());
        let start = queries(&count, SECOND / 10, ErrorKind::TimedOut);
        let short = cache.probe(&name("fs1"), limits(SECOND / 100, SECOND * 60), start).await;
        assert!(short.is_timed_out());
        let start = queries(&count, Duration::ZERO, ErrorKind::Closed);
        let long = cache.probe(&name("fs1"), limits(SECOND * 5, SECOND * 60), start).await;
        assert_eq!((long.stats.clone(), count.load(Ordering::Relaxed)), (Err(ErrorKind::Closed), 2));
    }

    #[tokio::test]
    async fn former_results_are_shown_and_answer_no_probe() {
        let (former, count) = (ResultCache::default(), Arc::<AtomicUsize>::default());
        let probe = async |cache: &ResultCache, target, kind| {
            let start = queries(&count, Duration::ZERO, kind);
            cache.probe(&name(target), limits(SECOND * 60, SECOND * 60), start).await;
        };
        for target in ["stays", "changes", "gone"] {
            probe(&former, target, ErrorKind::Closed).await;
        }
        // An hour ago.
        let before = SystemTime::now() - SECOND * 3600;
        for (_, state) in former.states() {
            lock(&state).last.as_mut().unwrap().since = before;
        }
        let cache = ResultCache::default();
        // Reloads one after the other, with and without a probe between them.
        let between = ResultCache::default();
        between.show_former(&former, |target| (*target != name("gone")).then_some(true));
        cache.show_former(&between, |_| Some(true));
        let since = |target: &str| {
            let all = cache.last_results();
            all.into_iter().find(|last| last.target == target).map(|last| last.since)
        };
        assert_eq!([since("stays"), since("changes"), since("gone")], [Some(before), Some(before), None]);
        probe(&cache, "stays", ErrorKind::Closed).await;
        probe(&cache, "changes", ErrorKind::TimedOut).await;
        assert_eq!(count.load(Ordering::Relaxed), 5, "each has asked the server");
        assert!(since("stays") == Some(before) && since("changes") > Some(before));
        probe(&cache, "stays", ErrorKind::Closed).await;
        assert_eq!(count.load(Ordering::Relaxed), 5, "its own result is recent");
    }

    #[tokio::test]
    async fn query_that_never_ends_blocks_no_probe() {
        let cache = Arc::new(ResultCache::default());
        let hang = || async { std::future::pending::<ProbeResult>().await };
        let late = cache.probe(&name("fs1"), limits(SECOND / 100, Duration::ZERO), hang).await;
        assert!(late.is_timed_out());
        let state = cache.state(&name("fs2"), true);
        lock(&state).running = Some(watch::channel(None).1);
        let sender = watch::channel(None).0;
        drop(RunningQuery { target: name("fs2"), state: Arc::clone(&state), sender });
        assert!(lock(&state).running.is_none());
    }

    #[tokio::test]
    async fn invented_targets_do_not_evict_configured_ones() {
        let (cache, count) = (ResultCache::default(), Arc::<AtomicUsize>::default());
        let probe = async |target, is_listed| {
            let limits = ProbeLimits { is_listed, ..limits(SECOND, SECOND * 60) };
            cache.probe(&name(target), limits, queries(&count, Duration::ZERO, ErrorKind::Closed)).await;
            count.load(Ordering::Relaxed)
        };
        assert_eq!((probe("fs1", true).await, probe("other", false).await), (1, 2));
        let held = cache.state(&name("held"), false);
        for number in 0..=MAX_UNLISTED {
            cache.state(&name(&format!("invented-{number}")), false);
        }
        assert!(lock(&cache.unlisted).len() < MAX_UNLISTED);
        assert!(Arc::ptr_eq(&held, &cache.state(&name("held"), false)), "a probe still uses it");
        assert_eq!((probe("fs1", true).await, probe("other", false).await), (2, 3), "fs1 is still cached");
    }
}
