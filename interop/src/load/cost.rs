//! What one of many equal questions costs.

use std::time::Duration;

/// One of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    /// Of the server, with its helpers.
    pub(super) server_cpu: Duration,
}

/// The upper one of the two in the middle; 0 of none.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
