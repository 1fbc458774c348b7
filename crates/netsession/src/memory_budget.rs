use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// How much memory the answers of servers may take together, as they come in and as they are held afterwards.
///
/// The limits of a [`Client`](crate::blocking::Client) bound one answer; this one bounds all of them. A server whose
/// answer would go beyond it fails with [`ErrorKind::Limit`](crate::ErrorKind::Limit), and the others go on. Clones
/// are the same budget.
///
/// What is counted: bytes from the server that are not decoded yet, and the sessions of a [`Listing`](crate::Listing)
/// until it is dropped. Buffers of a fixed size, up to some hundred KiB for each connection, are not.
///
/// ```
/// use netsession::{MemoryBudget, blocking::Client};
///
/// let budget = MemoryBudget::new(64 << 20);
/// let builder = Client::builder("fs1.example.com").memory_budget(&budget);
/// assert_eq!((budget.limit(), budget.used()), (64 << 20, 0));
/// ```
#[derive(Clone)]
pub struct MemoryBudget(Arc<Budget>);

struct Budget {
    limit: AtomicUsize,
    used: AtomicUsize,
}

impl MemoryBudget {
    /// Of the process, where no other one is set: 1 GiB.
    const DEFAULT: usize = 1 << 30;

    /// A budget of its own, of this many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Budget { limit: AtomicUsize::new(bytes), used: AtomicUsize::new(0) }))
    }

    /// The budget of this process, which is the default of every client: 1 GiB.
    #[must_use]
    pub fn of_this_process() -> &'static Self {
        static BUDGET: OnceLock<MemoryBudget> = OnceLock::new();
        BUDGET.get_or_init(|| Self::new(Self::DEFAULT))
    }

    /// Bytes that may be used.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit.load(Ordering::Relaxed)
    }

    /// Changes the limit. What is held already stays.
    pub fn set_limit(&self, bytes: usize) {
        self.0.limit.store(bytes, Ordering::Relaxed);
    }

    /// Bytes that are used now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The use of one answer, which begins with nothing.
    pub(crate) fn begin(&self) -> MemoryUse {
        MemoryUse { budget: self.clone(), bytes: 0 }
    }
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget").field("limit", &self.limit()).field("used", &self.used()).finish()
    }
}

/// The part of a budget that one answer uses. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct MemoryUse {
    budget: MemoryBudget,
    bytes: usize,
}

impl MemoryUse {
    /// The answer takes this many bytes now.
    ///
    /// # Errors
    ///
    /// The limit, which the answers would exceed together. Nothing changes.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), usize> {
        let Budget { limit, used } = self.budget.0.as_ref();
        if let Some(more) = bytes.checked_sub(self.bytes) {
            let limit = limit.load(Ordering::Relaxed);
            used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(more).filter(|sum| more == 0 || *sum <= limit)
            })
            .map_err(|_| limit)?;
        } else {
            used.fetch_sub(self.bytes.saturating_sub(bytes), Ordering::Relaxed);
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Takes all of it over, and leaves nothing.
    pub(crate) fn split_off(&mut self) -> Self {
        Self { budget: self.budget.clone(), bytes: std::mem::take(&mut self.bytes) }
    }
}

impl Drop for MemoryUse {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The part of a [`MemoryBudget`] that a [`Listing`](crate::Listing) uses, for code that takes its sessions out and
/// keeps them. Clones are the same part; it is given back when the last one is dropped.
#[derive(Debug, Clone, Default)]
pub struct MemoryShare(
    #[expect(dead_code, reason = "its drop gives the memory back")] Option<Arc<MemoryUse>>,
);

impl MemoryShare {
    pub(crate) fn new(used: MemoryUse) -> Self {
        Self(Some(Arc::new(used)))
    }
}

/// Two listings with the same sessions are equal, whatever holds them.
impl PartialEq for MemoryShare {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for MemoryShare {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_share_one_limit() {
        let budget = MemoryBudget::new(100);
        let (mut one, mut other) = (budget.begin(), budget.begin());
        assert_eq!(one.set(60), Ok(()));
        assert_eq!(other.set(41), Err(100));
        assert_eq!((other.set(40), budget.used()), (Ok(()), 100));
        assert_eq!(other.set(41), Err(100), "and what it has stays");
        assert_eq!((one.set(10), budget.used()), (Ok(()), 50));
        drop(one);
        assert_eq!((other.set(100), budget.used()), (Ok(()), 100));
        let share = MemoryShare::new(other);
        let clone = share.clone();
        drop(share);
        assert_eq!(budget.used(), 100);
        drop(clone);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_lower_limit_takes_nothing_away() {
        let budget = MemoryBudget::new(100);
        let mut one = budget.begin();
        one.set(80).unwrap();
        budget.set_limit(50);
        assert_eq!((one.set(81), one.set(80), one.set(70)), (Err(50), Ok(()), Ok(())));
    }
}
