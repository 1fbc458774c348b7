//! Times as the store keeps them: whole seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What fits into five bytes: the year 36812. A time beyond it is most likely damage.
pub(crate) const MAX_SECONDS: u64 = (1 << 40) - 1;

/// Whole seconds since 1970; a time before it counts as 1970.
pub(crate) fn from_time(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).min(MAX_SECONDS)
}

pub(crate) fn to_time(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds.min(MAX_SECONDS))).unwrap_or(UNIX_EPOCH)
}
