//! The present, and the time zone of the user.

use std::cell::OnceCell;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// The moment at which a command was started, for all of it.
#[derive(Debug, Clone)]
pub(crate) struct LocalClock {
    timestamp: Timestamp,
    zone: OnceCell<TimeZone>,
}

impl LocalClock {
    pub(crate) fn now() -> Self {
        Self { timestamp: Timestamp::now(), zone: OnceCell::new() }
    }

    pub(crate) const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The zone is looked for when it is needed first: that lists every folder of zones of the system, and data in UTC need
    /// none.
    pub(crate) fn zone(&self) -> &TimeZone {
        self.zone.get_or_init(TimeZone::system)
    }

    /// The present as people read it.
    pub(crate) fn zoned(&self) -> ZonedDateTime {
        self.zoned_at(self.timestamp)
    }

    /// A moment in the zone.
    pub(crate) fn zoned_at(&self, time: Timestamp) -> ZonedDateTime {
        time.to_zoned_datetime(self.zone().clone())
    }
}

impl From<ZonedDateTime> for LocalClock {
    fn from(now: ZonedDateTime) -> Self {
        Self { timestamp: now.timestamp(), zone: now.time_zone().clone().into() }
    }
}
