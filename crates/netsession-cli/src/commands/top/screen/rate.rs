//! Changes over the last minutes.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of one bar of the sparkline.
const BAR: Duration = Duration::from_secs(10);
/// Bars that are kept.
const BARS: usize = 60;
/// Bars of a minute.
const MINUTE: usize = 6;

/// How many changes there were in each 10 s of the last 10 minutes.
#[derive(Debug, Default, Clone)]
pub(super) struct Rate {
    /// The number of the last bar since 1970.
    last: u64,
    /// The latest at the end.
    bars: VecDeque<u32>,
}

impl Rate {
    pub(super) fn add(&mut self, changes: usize, time: SystemTime) {
        if changes == 0 {
            return;
        }
        let number = bar_number(time);
        let first = number.saturating_sub(u64::try_from(BARS).unwrap_or_default().saturating_sub(1));
        if self.bars.is_empty() || self.last < first {
            self.bars.clear();
            self.last = number;
            self.bars.push_back(0);
        }
        while self.last < number {
            self.last = self.last.saturating_add(1);
            self.bars.push_back(0);
        }
        while self.bars.len() > BARS {
            self.bars.pop_front();
        }
        // A clock that was set back counts for the latest bar.
        if let Some(bar) = self.bars.back_mut() {
            *bar = bar.saturating_add(u32::try_from(changes).unwrap_or(u32::MAX));
        }
    }

    /// The latest bars, the one of `now` at the end.
    pub(super) fn bars(&self, number: usize, now: SystemTime) -> Vec<u32> {
        let since = bar_number(now).saturating_sub(self.last);
        let after = usize::try_from(since).unwrap_or(usize::MAX).min(number);
        let mut bars: Vec<u32> = self.bars.iter().copied().collect();
        bars.extend(std::iter::repeat_n(0, after));
        let missing = number.saturating_sub(bars.len());
        let mut all = vec![0; missing];
        all.extend(bars.iter().skip(bars.len().saturating_sub(number)));
        all
    }

    /// Changes in the last minute.
    pub(super) fn per_minute(&self, now: SystemTime) -> u64 {
        self.bars(MINUTE, now).into_iter().map(u64::from).sum()
    }
}

fn bar_number(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / BAR.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
    }

    #[test]
    fn each_bar_is_ten_seconds() {
        let mut rate = Rate::default();
        assert_eq!((rate.bars(3, at(0)), rate.per_minute(at(0))), (vec![0, 0, 0], 0));
        rate.add(2, at(3));
        rate.add(1, at(9));
        rate.add(4, at(21));
        assert_eq!(rate.bars(4, at(25)), [0, 3, 0, 4]);
        assert_eq!(rate.bars(2, at(25)), [0, 4]);
        assert_eq!(rate.bars(4, at(45)), [0, 4, 0, 0]);
        assert_eq!(rate.per_minute(at(59)), 7);
        assert_eq!(rate.per_minute(at(61)), 4, "the first bar is a minute ago");
        assert_eq!(rate.per_minute(at(4000)), 0);
    }

    #[test]
    fn ten_minutes_are_kept_whatever_the_clock_does() {
        let mut rate = Rate::default();
        for second in 0..4000 {
            rate.add(1, at(second));
        }
        assert_eq!(rate.bars.len(), BARS);
        rate.add(5, at(10));
        assert_eq!(rate.bars(1, at(3999)), [15], "the clock was set back");
        rate.add(1, at(1_000_000_000));
        assert_eq!(rate.bars.len(), 1, "no loop over the years between");
    }
}
