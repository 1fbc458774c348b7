use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The names that are being looked up, up to a limit.
///
/// Each has a thread, which outlives its deadline when no name server answers. Without a limit, a caller of an exporter
/// could exhaust this machine with invented names.
#[derive(Debug)]
pub(super) struct Lookups {
    now: Arc<AtomicUsize>,
    max: usize,
}

/// A permit for one lookup, until it is dropped.
#[derive(Debug)]
pub(super) struct Lookup(Arc<AtomicUsize>);

impl Lookups {
    pub(super) fn with_limit(max: usize) -> Self {
        Self { now: Arc::default(), max }
    }

    /// A permit, below the limit.
    pub(super) fn begin(&self) -> Option<Lookup> {
        let room = |now: usize| (now < self.max).then(|| now.saturating_add(1));
        self.now.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).ok()?;
        Some(Lookup(Arc::clone(&self.now)))
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_holds_and_permits_return() {
        let lookups = Lookups::with_limit(2);
        let (first, second) = (lookups.begin().unwrap(), lookups.begin().unwrap());
        assert!(lookups.begin().is_none());
        drop(first);
        let third = lookups.begin().unwrap();
        assert!(lookups.begin().is_none());
        drop((second, third));
        assert_eq!(lookups.now.load(Ordering::Acquire), 0);
    }
}
