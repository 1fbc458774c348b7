use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

/// The longest wait for a server that does not answer, where the interval is shorter.
const LONGEST: Duration = Duration::from_secs(30);

/// When a server is asked again.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    random: RandomState,
}

impl Backoff {
    /// The time from the start of a refresh to the start of the next one.
    ///
    /// After failures it doubles, up to 30 s or the interval, and a part of it is random: servers that went together, as
    /// in an outage of the network, are not all asked at the same moment when they are back.
    pub(super) fn after(&mut self, is_ok: bool, interval: Duration) -> Duration {
        if is_ok {
            self.failures = 0;
            return interval;
        }
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1).min(16);
        let longest = interval.max(LONGEST);
        let wait = interval.saturating_mul(factor).min(longest);
        // Between three quarters and all of it.
        let random = u32::try_from(self.random.hash_one(self.failures) % 256).unwrap_or_default();
        let cut = wait.saturating_mul(random) / 1024;
        wait.saturating_sub(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_after_failures_up_to_30_seconds() {
        let mut backoff = Backoff::default();
        let interval = Duration::from_secs(2);
        assert_eq!(backoff.after(true, interval), interval);
        for most in [2, 4, 8, 16, 30, 30, 30] {
            let most = Duration::from_secs(most);
            let wait = backoff.after(false, interval);
            assert!((most * 3 / 4..=most).contains(&wait), "{wait:?} {most:?}");
        }
        assert_eq!(backoff.after(true, interval), interval);
        assert!(backoff.after(false, interval) <= interval);
    }

    #[test]
    fn a_long_interval_is_not_made_longer() {
        let mut backoff = Backoff::default();
        let interval = Duration::from_secs(300);
        for _ in 0..40 {
            assert!(backoff.after(false, interval) <= interval);
        }
    }
}
