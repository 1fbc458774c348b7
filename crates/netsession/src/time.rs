use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse};

use crate::client_method::client_method;
use crate::question::{AskOnce, Question};

/// What time is it on the server? Every user may ask. Specification: \[MS-SRVS\] 3.1.4.21.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time;

/// The clock of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerTime {
    /// The server's clock when it answered, to a hundredth of a second; Samba reports whole seconds.
    pub time: SystemTime,
    /// How far the server's clock is off from this machine's. Corrected by half of the round trip, which bounds its error
    /// beside the resolution of `time`, and rounded to milliseconds. Where Windows asks, its connect and log-on are part
    /// of that round trip.
    pub offset: ClockOffset,
    /// How far the server's local time is off from UTC, in whole minutes: east of Greenwich it is ahead. `None` if it is
    /// undefined.
    pub timezone: Option<ClockOffset>,
}

/// How far a clock is off from another one.
///
/// ```
/// use std::time::Duration;
///
/// use netsession::ClockOffset;
///
/// assert_eq!(ClockOffset::Behind(Duration::from_millis(1_250)).as_secs_f64(), -1.25);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockOffset {
    /// It shows a later time, or the same.
    Ahead(Duration),
    /// It shows an earlier time.
    Behind(Duration),
}

impl ClockOffset {
    fn between(clock: Duration, other: Duration) -> Self {
        match clock.checked_sub(other) {
            Some(ahead) => Self::Ahead(to_millis(ahead)),
            None => Self::Behind(to_millis(other.saturating_sub(clock))),
        }
    }

    /// The wire's time zone is to the west, and -1 is undefined (\[MS-SRVS\] 2.2.4.105).
    fn of_timezone(west: i32) -> Option<Self> {
        let minutes = Duration::from_secs(u64::from(west.unsigned_abs()).saturating_mul(60));
        match west {
            -1 => None,
            ..=0 => Some(Self::Ahead(minutes)),
            1.. => Some(Self::Behind(minutes)),
        }
    }

    /// In seconds, to the millisecond; negative if it is behind.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        let seconds = |duration: Duration| (duration.as_secs_f64() * 1000.0).round() / 1000.0;
        match self {
            Self::Ahead(ahead) => seconds(ahead),
            Self::Behind(behind) => -seconds(behind),
        }
    }

    /// In whole minutes; negative if it is behind.
    #[must_use]
    pub fn as_minutes(self) -> i64 {
        let minutes = |duration: Duration| i64::try_from(duration.as_secs() / 60).unwrap_or(i64::MAX);
        match self {
            Self::Ahead(ahead) => minutes(ahead),
            Self::Behind(behind) => minutes(behind).saturating_neg(),
        }
    }
}

fn to_millis(exact: Duration) -> Duration {
    let half = exact.saturating_add(Duration::from_micros(500));
    Duration::from_millis(u64::try_from(half.as_millis()).unwrap_or(u64::MAX))
}

client_method!(
    /// What time it is on the server.
    time, Time, ServerTime
);

impl Question for Time {
    type Answer = ServerTime;
}

impl AskOnce for Time {
    type Call = RemoteTodRequest;
    type Output = ServerTime;

    fn call(&self, server: Option<String>) -> RemoteTodRequest {
        RemoteTodRequest { server }
    }

    fn answer(&self, response: Option<RemoteTodResponse>, took: Duration) -> ServerTime {
        let clock = response.map(|response| response.time).unwrap_or_default();
        // At most 99 hundredths, by the specification.
        let nanos = clock.hundredths.min(99).saturating_mul(10_000_000);
        let since_1970 = Duration::new(clock.elapsed.into(), nanos);
        let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let here = here.saturating_sub(took / 2);
        ServerTime {
            time: UNIX_EPOCH.checked_add(since_1970).unwrap_or(UNIX_EPOCH),
            offset: ClockOffset::between(since_1970, here),
            timezone: ClockOffset::of_timezone(clock.timezone),
        }
    }
}

#[cfg(test)]
mod tests {
    use netsession_proto::erref::Win32Error;
    use netsession_proto::srvs::TimeOfDay;

    use super::*;

    fn answer(time: TimeOfDay, took: Duration) -> ServerTime {
        AskOnce::answer(&Time, Some(RemoteTodResponse { time, code: Win32Error::SUCCESS }), took)
    }

    #[test]
    fn offset_is_the_server_less_here_at_the_middle_of_the_round_trip() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let elapsed = u32::try_from(now.as_secs()).unwrap() + 100;
        let time = TimeOfDay { elapsed, hundredths: 50, timezone: -60 };
        let answered = answer(time, Duration::from_secs(4));
        // 100.5 s ahead of now, which is 2 s after the middle.
        assert!((100.0..=103.0).contains(&answered.offset.as_secs_f64()), "{answered:?}");
        assert_eq!(answered.timezone, Some(ClockOffset::Ahead(Duration::from_secs(3_600))));
        let undefined = answer(TimeOfDay { timezone: -1, ..time }, Duration::ZERO);
        assert_eq!(undefined.timezone, None);
        assert!(undefined.offset.as_secs_f64() < answered.offset.as_secs_f64());
    }

    #[test]
    fn offset_has_its_sign_and_is_rounded() {
        let at = Duration::from_micros;
        let between = |clock, other| ClockOffset::between(at(clock), at(other));
        let millis = |millis| Duration::from_millis(millis);
        assert_eq!(between(7_000_600, 5_000_000), ClockOffset::Ahead(millis(2_001)));
        assert_eq!(between(5_000_000, 7_000_400), ClockOffset::Behind(millis(2_000)));
        assert_eq!(between(5, 5), ClockOffset::Ahead(Duration::ZERO));
        assert_eq!(between(500_123_000, 0).as_secs_f64(), 500.123);
        assert_eq!(between(0, 500_123_000).as_secs_f64(), -500.123);
    }

    #[test]
    fn timezone_of_the_wire_is_to_the_west() {
        let minutes = |west| ClockOffset::of_timezone(west).map(ClockOffset::as_minutes);
        for (west, expected) in [(-60, Some(60)), (0, Some(0)), (300, Some(-300)), (-1, None), (1, Some(-1))]
        {
            assert_eq!(minutes(west), expected, "{west}");
        }
        assert_eq!(minutes(i32::MIN), Some(1 << 31));
    }
}
