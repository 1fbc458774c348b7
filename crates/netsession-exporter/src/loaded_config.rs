use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession::logon_guard::LogonGuard;
use netsession::{Account, ErrorKind, MemoryBudget, ServerMemory};
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::allowlist::{AllowedTarget, Allowlist};
use crate::cache::ResultCache;
use crate::descriptors::{self, DescriptorLimits};
use crate::kept::KeptConnections;
use crate::probe_recorder::Listed;
use crate::query::{Failure, ProbeResult, client, query};
use crate::settings::Settings;

/// Maximum time for a probe, longer than any scrape.
pub(crate) const MAX_BUDGET: Duration = Duration::from_secs(300);

/// A loaded configuration and everything that the next load replaces with it: refused accounts, levels, results and
/// connections. Queries that are running keep the old one until they end.
pub(crate) struct LoadedConfig {
    pub(crate) settings: Settings,
    pub(crate) allowlist: Allowlist,
    pub(crate) guard: LogonGuard,
    memory: ServerMemory,
    pub(crate) cache: ResultCache,
    permits: Semaphore,
    pub(crate) kept: Arc<KeptConnections>,
    pub(crate) limits: DescriptorLimits,
}

impl LoadedConfig {
    pub(crate) fn new(settings: Settings, guard: LogonGuard) -> Self {
        let limits = DescriptorLimits::new(&settings, descriptors::limit());
        Self {
            allowlist: Allowlist::new(&settings),
            guard,
            memory: ServerMemory::default(),
            cache: ResultCache::default(),
            permits: Semaphore::new(limits.servers_at_once.clamp(1, Semaphore::MAX_PERMITS)),
            kept: KeptConnections::new(limits.connections_kept),
            limits,
            settings,
        }
    }

    /// The accounts that a server refused.
    pub(crate) fn blocked_accounts(&self) -> Vec<Account> {
        let accounts = self.allowlist.accounts().into_iter();
        accounts.filter(|account| self.guard.is_blocked(account)).collect()
    }

    /// The accounts of which log-ons are unanswered.
    pub(crate) fn held_accounts(&self) -> Vec<Account> {
        let accounts = self.allowlist.accounts().into_iter();
        accounts.filter(|account| self.guard.is_held(account)).collect()
    }

    /// Queries a server as soon as a slot is free. Ends within `budget` in every case.
    /// With `reuse` over the connection that is kept, if there is one, and the result is recorded: what is asked for a
    /// debug log beside the probes may be older than what is recorded, and has a session of its own.
    pub(crate) async fn query(
        &self,
        target: &AllowedTarget,
        memory: &MemoryBudget,
        budget: Duration,
        reuse: bool,
    ) -> ProbeResult {
        let (result, listed) = self.query_unrecorded(target, memory, budget, reuse).await;
        if let Some(recorder) = self.settings.recorder.as_ref().filter(|_| reuse) {
            let why =
                || result.failure.as_ref().map(|failure| failure.without_server.clone()).unwrap_or_default();
            recorder.record(&target.name.to_string(), listed.ok_or_else(why));
        }
        result
    }

    async fn query_unrecorded(
        &self,
        target: &AllowedTarget,
        memory: &MemoryBudget,
        budget: Duration,
        reuse: bool,
    ) -> (ProbeResult, Option<Listed>) {
        let begun = Instant::now();
        let Ok(Ok(_permit)) = timeout_at(deadline(begun, budget).into(), self.permits.acquire()).await else {
            let reason =
                "timed out before the query started: too many other queries are running (raise concurrency)";
            let text = format!("{}: {reason}", target.name);
            let failure = Some(Failure { text, without_server: reason.into(), advice: None });
            return (ProbeResult { failure, ..ProbeResult::without_query(ErrorKind::TimedOut) }, None);
        };
        let left = budget.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        let kept = reuse.then(|| self.kept.take(&target.name)).flatten();
        let mut client =
            kept.unwrap_or_else(|| client(target, &self.memory, &self.guard, &self.settings, memory));
        let result = query(target, &mut client, &self.settings, left).await;
        if reuse {
            self.kept.put(&target.name, client);
        }
        result
    }
}

/// When a probe or query of this duration ends.
pub(crate) fn deadline(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration.min(MAX_BUDGET)).unwrap_or(now)
}
