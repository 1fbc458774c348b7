use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession_proto::srvs::{RemoteTodRequest, RemoteTodResponse};

use crate::client_method::client_method;
use crate::question::{AskOnce, Question};

/// What time is it on the server? Every user may ask. Specification: \[MS-SRVS\] 3.1.4.21.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Time;

/// The clock of a server.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServerTime {
    /// The server's clock when it answered, to a hundredth of a second; Samba reports whole seconds.
    pub time: SystemTime,
    /// How far the server's clock is ahead of this machine's, in seconds; negative if it is behind. Corrected by half
    /// of the round trip, which bounds its error beside the resolution of `time`, and rounded to milliseconds. Where
    /// Windows asks, its connect and log-on are part of that round trip.
    pub offset_seconds: f64,
    /// The server's time zone in minutes east of UTC; `None` if it is undefined.
    pub timezone_minutes: Option<i32>,
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
            offset_seconds: ((since_1970.as_secs_f64() - here.as_secs_f64()) * 1000.0).round() / 1000.0,
            // The wire's is to the west, and -1 is undefined.
            timezone_minutes: clock.timezone.checked_neg().filter(|_| clock.timezone != -1),
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
        assert!((100.0..=103.0).contains(&answered.offset_seconds), "{answered:?}");
        assert_eq!(answered.timezone_minutes, Some(60));
        let undefined = answer(TimeOfDay { timezone: -1, ..time }, Duration::ZERO);
        assert_eq!(undefined.timezone_minutes, None);
        assert!(undefined.offset_seconds < answered.offset_seconds);
    }
}
