use std::time::Duration;

/// How a store is kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The time between two answers of a server. After three of them and ten seconds an answer leaves a gap.
    pub interval: Duration,
    /// How long intervals are stored after their end; `None`: until the store is full.
    pub retain: Option<Duration>,
    /// Maximum size in bytes; the oldest intervals go first.
    pub max_size: Option<u64>,
}

impl Default for Settings {
    /// A round every 30 seconds, for 90 days, 1 GiB at most.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(30),
            retain: Some(Duration::from_secs(90 * 86_400)),
            max_size: Some(1 << 30),
        }
    }
}

impl Settings {
    /// The time after an answer from which the next one leaves a gap.
    pub(crate) fn late(&self) -> Duration {
        self.interval.saturating_mul(3).saturating_add(Duration::from_secs(10))
    }
}
