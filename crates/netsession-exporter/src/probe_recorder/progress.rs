//! How far the store is written: the thread that writes counts, and the metrics show it.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Shared by what records and by the thread that writes.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Of the results that the thread has not taken yet, about.
    waiting_bytes: AtomicUsize,
    waiting_results: AtomicU64,
    lost_results: AtomicU64,
    failed_writes: AtomicU64,
    is_failing: AtomicBool,
}

/// The metrics of the exporter about the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RecorderMetrics {
    /// Results of probes that are not in the file yet.
    pub(crate) waiting_results: u64,
    /// Results that were left out.
    pub(crate) lost_results: u64,
    pub(crate) failed_writes: u64,
    /// Whether the last write failed, or the store is gone.
    pub(crate) is_failing: bool,
}

impl Progress {
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Ordering::Relaxed)
    }

    /// A result on its way to the thread.
    pub(super) fn add(&self, bytes: usize) {
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.waiting_results.fetch_add(1, Ordering::Relaxed);
    }

    /// The thread has taken a result.
    pub(super) fn take(&self, bytes: usize) {
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn count_lost(&self, results: u64) {
        self.lost_results.fetch_add(results, Ordering::Relaxed);
    }

    /// A write of everything that was taken.
    pub(super) fn count_write(&self, is_written: bool, results: u64) {
        self.is_failing.store(!is_written, Ordering::Relaxed);
        if is_written {
            self.waiting_results.fetch_sub(results, Ordering::Relaxed);
        } else {
            self.failed_writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The store is gone, and with it what was taken and not written.
    pub(super) fn give_up(&self, results: u64) {
        self.count_write(false, 0);
        self.drop_results(results);
    }

    /// Results that were taken, and will never be written.
    pub(super) fn drop_results(&self, results: u64) {
        self.waiting_results.fetch_sub(results, Ordering::Relaxed);
        self.count_lost(results);
    }

    pub(super) fn metrics(&self) -> RecorderMetrics {
        RecorderMetrics {
            waiting_results: self.waiting_results.load(Ordering::Relaxed),
            lost_results: self.lost_results.load(Ordering::Relaxed),
            failed_writes: self.failed_writes.load(Ordering::Relaxed),
            is_failing: self.is_failing.load(Ordering::Relaxed),
        }
    }
}
