use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How far behind its time it may catch up: timers are no finer than some milliseconds.
const SLACK: Duration = Duration::from_millis(10);

/// Limits the starts per second, evenly spaced.
#[derive(Debug)]
pub(crate) struct Pace {
    gap: Option<Duration>,
    next: Instant,
}

impl Pace {
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        let gap = per_second.map(|number| Duration::from_secs(1) / number.get());
        Self { gap, next: Instant::now() }
    }

    /// Waits until the next start is allowed.
    pub(crate) async fn wait(&self) {
        if self.gap.is_some() {
            sleep_until(self.next).await;
        }
    }

    /// The next one goes.
    pub(crate) fn taken(&mut self) {
        let Some(gap) = self.gap else { return };
        let now = Instant::now();
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        self.next = self.next.max(earliest).checked_add(gap).unwrap_or(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn time_for(count: u32, per_second: Option<u32>) -> Duration {
        let begun = Instant::now();
        let mut pace = Pace::new(per_second.and_then(NonZeroU32::new));
        for _ in 0..count {
            pace.wait().await;
            pace.taken();
        }
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn connections_are_spread_evenly() {
        assert_eq!(time_for(1_000, None).await, Duration::ZERO);
        assert_eq!(time_for(11, Some(10)).await, Duration::from_secs(1));
        let fast = time_for(4_001, Some(4_000)).await;
        assert!((Duration::from_millis(980)..=Duration::from_millis(1_010)).contains(&fast), "{fast:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_not_made_up_for() {
        let mut pace = Pace::new(NonZeroU32::new(10));
        tokio::time::sleep(Duration::from_secs(60)).await;
        let begun = Instant::now();
        for _ in 0..11 {
            pace.wait().await;
            pace.taken();
        }
        assert!(begun.elapsed() >= Duration::from_millis(980), "{:?}", begun.elapsed());
    }
}
