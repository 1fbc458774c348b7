//! A clock that is never set, and that goes on while the machine sleeps.

use std::time::{Duration, Instant};

/// Two clocks are not read at the same moment: a busy machine reads the second one later.
const READ_APART: Duration = Duration::from_millis(500);

/// A clock that is never set, for [`Round::uptime`](crate::Round::uptime): the time since it was made.
///
/// On Linux it goes on while the machine sleeps, as the wall clock does: after a sleep there is a gap, and no clock that
/// was set. On other systems it is [`Instant`], which goes on in sleep on Windows, and stops on macOS.
#[derive(Debug)]
pub struct Uptime {
    begun: Instant,
    /// How long the machine had slept when the clock was made.
    slept_before: Duration,
    /// When this clock was read last, and how long the machine had slept since it was made.
    read: (Instant, Duration),
}

impl Uptime {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        let now = Instant::now();
        Self { begun: now, slept_before: read_slept(), read: (now, Duration::ZERO) }
    }

    /// The time of this clock.
    #[must_use]
    pub fn now(&self) -> Duration {
        let slept = read_slept().saturating_sub(self.slept_before);
        Instant::now().saturating_duration_since(self.begun).saturating_add(slept)
    }

    /// The time of this clock at a moment a short while ago. `None` if the machine slept meanwhile, or may have:
    /// [`Instant`] does not say on which side of a sleep it is.
    pub fn reading_at(&mut self, moment: Instant) -> Option<Duration> {
        let slept = read_slept().saturating_sub(self.slept_before);
        self.reading_when(moment, Instant::now(), slept)
    }

    /// As [`reading_at`](Self::reading_at), given the time of now and how long the machine has slept since the clock was made.
    fn reading_when(&mut self, moment: Instant, now: Instant, slept: Duration) -> Option<Duration> {
        let (read, slept_then) = std::mem::replace(&mut self.read, (now, slept));
        let slept = if slept.abs_diff(slept_then) < READ_APART {
            slept
        } else if moment <= read {
            slept_then
        } else {
            return None;
        };
        Some(moment.saturating_duration_since(self.begun).saturating_add(slept))
    }
}

/// How long the machine has slept since it was started: what one of these clocks has more than the other one.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn read_slept() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    // In this order: the difference is never too small to be one.
    let awake = read(ClockId::Monotonic);
    read(ClockId::Boottime).saturating_sub(awake)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn read_slept() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn sleep_counts() {
        let mut uptime = Uptime::start();
        let begun = uptime.begun;
        let mut at = |moment: u64, now: u64, slept| {
            uptime.reading_when(begun + seconds(moment), begun + seconds(now), slept)
        };
        assert_eq!(at(30, 30, Duration::ZERO), Some(seconds(30)));
        // The answer came in before the sleep or after it: unknown.
        assert_eq!(at(60, 61, HOUR), None);
        assert_eq!(at(90, 91, HOUR), Some(seconds(90) + HOUR));
        assert_eq!(at(90, 92, HOUR), Some(seconds(90) + HOUR));
        // It waited since before the clock was read last, and so since before the sleep.
        assert_eq!(at(89, 95, HOUR * 2), Some(seconds(89) + HOUR));
        assert_eq!(at(120, 121, HOUR * 2), Some(seconds(120) + HOUR * 2));
    }

    #[test]
    fn clock_goes_on() {
        let mut uptime = Uptime::start();
        let before = uptime.now();
        let between = uptime.reading_at(Instant::now()).unwrap();
        assert!(uptime.now() >= before);
        // Not the time since the machine was started.
        assert!(between < HOUR, "{between:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_how_long_it_has_slept() {
        let since_boot = Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::Boottime));
        assert!(read_slept() <= since_boot.unwrap());
    }
}
