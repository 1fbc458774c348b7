use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many names are looked up at the same time.
///
/// Each has a thread, which outlives its deadline where name servers say nothing. Without a limit, whoever can have
/// names asked for could fill this machine with them.
#[derive(Debug)]
pub(super) struct Lookups {
    now: Arc<AtomicUsize>,
    most: usize,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Lookup(Arc<AtomicUsize>);

impl Lookups {
    pub(super) fn at_most(most: usize) -> Self {
        Self { now: Arc::default(), most }
    }

    /// One more, if there is room.
    pub(super) fn begin(&self) -> Option<Lookup> {
        let room = |now: usize| (now < self.most).then(|| now.saturating_add(1));
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
    fn no_more_than_is_said_and_room_again_after_each() {
        let lookups = Lookups::at_most(2);
        let (first, second) = (lookups.begin().unwrap(), lookups.begin().unwrap());
        assert!(lookups.begin().is_none());
        drop(first);
        let third = lookups.begin().unwrap();
        assert!(lookups.begin().is_none());
        drop((second, third));
        assert_eq!(lookups.now.load(Ordering::Acquire), 0);
    }
}
