use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use netsession::ErrorKind;
use netsession::logon_guard::LogonGuard;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::answer::Answer;
use crate::board::{Board, Wanted};
use crate::metrics::Own;
use crate::query::{Asked, query};
use crate::targets::{Allowed, Entry, Refused};
use crate::{Settings, page};

/// Whoever has less time than this for an answer gets none, and the server has this much all the same: the answer
/// is for others, too.
const SHORTEST: Duration = Duration::from_secs(1);
/// More than any scrape waits.
pub(crate) const LONGEST: Duration = Duration::from_secs(300);
/// By how much a question ends before whoever waits for its answer.
const HEAD_START: Duration = Duration::from_millis(50);
/// No more questions are under way or wait for their turn.
const MOST_QUESTIONS: usize = 20_000;

/// Answers probes. Clones are the same exporter.
#[derive(Clone)]
pub struct Exporter(Arc<Inner>);

struct Inner {
    loaded: RwLock<Arc<Loaded>>,
    own: Own,
}

/// What belongs to one load of the configuration. Nothing of it outlives the next but what is under way.
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    pub(crate) allowed: Allowed,
    pub(crate) guard: LogonGuard,
    pub(crate) board: Arc<Board>,
    permits: Semaphore,
    /// Questions that are asked or wait for their turn.
    questions: Arc<AtomicUsize>,
}

/// Why there is no answer to a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    Refused(Refused),
    /// Too many questions are under way.
    Busy,
}

impl Exporter {
    /// An exporter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let questions = Arc::default();
        let loaded = RwLock::new(Arc::new(Loaded::new(settings, Arc::clone(&questions))));
        Self(Arc::new(Inner { loaded, own: Own::new(questions) }))
    }

    /// From now on these settings count. Accounts that were refused are tried again, and levels looked for anew.
    pub fn reload(&self, settings: Settings) {
        let questions = Arc::clone(&self.loaded().questions);
        *self.0.loaded.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Loaded::new(settings, questions));
        self.0.own.reloaded(true);
    }

    /// The new settings are wrong, and the old ones stay.
    pub fn reload_failed(&self) {
        self.0.own.reloaded(false);
    }

    /// How many targets have an entry of their own, and how many patterns there are.
    pub(crate) fn size(&self) -> (usize, usize) {
        let loaded = self.loaded();
        (loaded.allowed.names().count(), loaded.settings.patterns.len())
    }

    /// How long a probe may take where Prometheus does not say.
    pub(crate) fn default_timeout(&self) -> Duration {
        self.loaded().settings.timeout
    }

    /// Asks a target, or shares the answer of whoever is asking it.
    pub(crate) async fn probe(&self, target: &str, budget: Duration) -> Result<Arc<Answer>, NoAnswer> {
        let loaded = self.loaded();
        let own = &self.0.own;
        let entry = loaded.allowed.find(target).map_err(|refused| {
            own.refused(refused);
            NoAnswer::Refused(refused)
        })?;
        if loaded.questions.load(Ordering::Relaxed) >= MOST_QUESTIONS {
            own.busy();
            return Err(NoAnswer::Busy);
        }
        let _probing = own.probing();
        let wanted = Wanted {
            is_named: entry.is_named,
            deadline: later(Instant::now(), budget),
            // A little less, so that what the server came to is told, and not just that time is up.
            budget: budget.saturating_sub((budget / 20).min(HEAD_START)).clamp(SHORTEST, LONGEST),
            min_interval: loaded.settings.min_interval,
        };
        let ask = |known| {
            let (loaded, entry) = (Arc::clone(&loaded), entry.clone());
            let questioning = own.questioning();
            async move {
                let asked = loaded.ask(&entry, known, wanted.budget).await;
                drop(questioning);
                asked
            }
        };
        let answer = loaded.board.answer(&entry.key, wanted, ask).await;
        own.probed(&answer);
        Ok(answer)
    }

    /// How many descriptors may be open, where the system tells.
    pub(crate) fn descriptors(&self) -> Option<u64> {
        crate::metrics::most_descriptors()
    }

    /// Somebody asked for something that is no probe.
    pub(crate) fn bad_request(&self) {
        self.0.own.bad_request();
    }

    pub(crate) fn own_metrics(&self) -> crate::metrics::Exposition {
        let loaded = self.loaded();
        let accounts = loaded.allowed.accounts();
        let blocked = accounts.iter().filter(|account| loaded.guard.is_blocked(account)).count();
        self.0.own.exposition(blocked, self.size())
    }

    pub(crate) fn page(&self) -> Vec<u8> {
        let loaded = self.loaded();
        page::render(&loaded.allowed, &loaded.settings, loaded.board.last(), std::time::SystemTime::now())
    }

    fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.0.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Loaded {
    fn new(settings: Settings, questions: Arc<AtomicUsize>) -> Self {
        Self {
            allowed: Allowed::new(&settings),
            guard: LogonGuard::default(),
            board: Arc::default(),
            permits: Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            questions,
            settings,
        }
    }

    /// Asks when it is its turn; whatever happens, there is an answer when the budget is spent.
    async fn ask(&self, entry: &Entry, known: Option<netsession::Level>, budget: Duration) -> Asked {
        let begun = Instant::now();
        let Ok(Ok(_permit)) = timeout_at(later(begun, budget).into(), self.permits.acquire()).await else {
            let error = format!("{}: timed out waiting for its turn: raise concurrency", entry.key);
            let answer = Answer::without_server(ErrorKind::TimedOut);
            return Asked { answer, level: known, error: Some(error) };
        };
        let left = budget.saturating_sub(begun.elapsed()).max(Duration::from_millis(1));
        query(entry, known, &self.guard, &self.settings, left).await
    }
}

fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by.min(LONGEST)).unwrap_or(now)
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("settings", &self.loaded().settings).finish_non_exhaustive()
    }
}
