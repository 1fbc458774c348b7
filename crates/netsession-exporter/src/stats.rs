use std::collections::BTreeMap;
use std::time::Duration;

use crate::file_stats::FileStats;

/// The numbers of a listing. Names are in it only if the configuration asks for them as labels.
///
/// Fields that the level does not carry are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingStats {
    pub(crate) level: u32,
    pub(crate) sessions: usize,
    /// Those of the exporter itself. 0 where the server shows names instead of addresses.
    pub(crate) own_sessions: Option<usize>,
    pub(crate) clients: usize,
    pub(crate) users: Option<usize>,
    pub(crate) open_files: Option<u64>,
    pub(crate) guests: Option<usize>,
    pub(crate) idle: Option<DurationStats>,
    pub(crate) connected: Option<DurationStats>,
    pub(crate) by_user: Option<TopUsage>,
    pub(crate) by_client: Option<TopUsage>,
    /// `None` unless the configuration asks for files, and where the server does not list them.
    pub(crate) files: Option<FileStats>,
}

/// Statistics of some durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DurationStats {
    /// For each limit, the number of durations above it.
    pub(crate) longer: Vec<(Duration, usize)>,
    /// `None` if there is no session.
    pub(crate) median: Option<Duration>,
    pub(crate) longest: Option<Duration>,
}

/// The users or clients with the most sessions. Names are in lower case, because servers differ in how they write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopUsage {
    pub(crate) top: Vec<(String, Usage)>,
    /// All others together.
    pub(crate) remainder: Usage,
}

/// What one user or client uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) sessions: usize,
    pub(crate) open_files: u64,
}

impl ListingStats {
    /// Whether the level carries open files.
    pub(crate) fn has_opens(&self) -> bool {
        self.open_files.is_some()
    }
}

impl DurationStats {
    /// Of durations in whole seconds.
    pub(crate) fn new(mut durations: Vec<u32>, limits: &[Duration]) -> Self {
        durations.sort_unstable();
        let duration = |seconds: u32| Duration::from_secs(seconds.into());
        let above = |limit: &Duration| {
            let first = durations.partition_point(|seconds| duration(*seconds) <= *limit);
            (*limit, durations.len().saturating_sub(first))
        };
        let at = |place: usize| durations.get(place).copied().map(duration);
        let middle = durations.len() / 2;
        let median = match durations.len() % 2 {
            0 => at(middle.wrapping_sub(1)).zip(at(middle)).map(|(a, b)| a.saturating_add(b) / 2),
            _ => at(middle),
        };
        Self {
            longer: limits.iter().map(above).collect(),
            median,
            longest: durations.last().copied().map(duration),
        }
    }
}

impl TopUsage {
    /// Maximum bytes of a label, so that a server with long names does not fill the database of Prometheus.
    const MAX_NAME: usize = 256;

    /// Whether a name becomes a label.
    pub(crate) fn has_label(name: &str) -> bool {
        !name.is_empty() && name.len() <= Self::MAX_NAME
    }

    /// The `max` names with the most sessions; what has no label is in `remainder` already.
    pub(crate) fn new(usages: BTreeMap<String, Usage>, mut remainder: Usage, max: usize) -> Self {
        let mut top: Vec<_> = usages.into_iter().collect();
        // The sort is stable: names with the same number of sessions stay in alphabetical order.
        top.sort_by_key(|(_, usage)| std::cmp::Reverse(usage.sessions));
        for (_, usage) in top.drain(max.min(top.len())..) {
            remainder.add(usage);
        }
        Self { top, remainder }
    }
}

impl Usage {
    pub(crate) fn add(&mut self, other: Self) {
        self.sessions = self.sessions.saturating_add(other.sessions);
        self.open_files = self.open_files.saturating_add(other.open_files);
    }
}

#[cfg(test)]
mod tests {
    use netsession::{Level, Listing, Session};

    use super::*;
    use crate::settings::Settings;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn median_and_limits() {
        let spread = |durations: &[u32]| DurationStats::new(durations.to_vec(), &[seconds(10), seconds(0)]);
        let empty = spread(&[]);
        assert_eq!((empty.median, empty.longest), (None, None));
        assert_eq!(empty.longer, [(seconds(10), 0), (seconds(0), 0)]);
        let odd = spread(&[30, 10, 0]);
        assert_eq!((odd.median, odd.longest), (Some(seconds(10)), Some(seconds(30))));
        assert_eq!(odd.longer, [(seconds(10), 1), (seconds(0), 2)], "longer than the limit, not equal to it");
        assert_eq!(spread(&[1, 4]).median, Some(Duration::from_millis(2500)));
    }

    fn session(user: &str, opens: u32) -> Session {
        Session::builder("10.0.0.5")
            .user(user)
            .opens(opens)
            .connected(Duration::from_secs(1))
            .idle(Duration::ZERO)
            .flags(netsession::SessionFlags::default())
            .build()
    }

    #[test]
    fn remainder_sums_all_others() {
        let long = "x".repeat(300);
        let sessions: Vec<_> = [("b", 1), ("a", 2), ("c", 4), ("C", 8), ("", 16), (&long, 32)]
            .into_iter()
            .map(|(user, opens)| session(user, opens))
            .collect();
        let listing = Listing::builder("fs1", Level::L1).sessions(sessions).build();
        let settings = Settings { user_labels: 2, ..Settings::default() };
        let usage = ListingStats::new(&listing, &settings).by_user.unwrap();
        let top: Vec<_> = usage.top.iter().map(|(name, usage)| (name.as_str(), usage.open_files)).collect();
        assert_eq!(top, [("c", 12), ("a", 2)]);
        assert_eq!(usage.remainder, Usage { sessions: 3, open_files: 49 });
    }

    #[test]
    fn fields_outside_the_level_are_none() {
        let listing = |level| Listing::builder("fs1", level).sessions([session("a", 1)]).build();
        let stats =
            |level| ListingStats::new(&listing(level), &Settings { user_labels: 5, ..Settings::default() });
        let carried = |stats: &ListingStats| {
            [
                stats.users.is_some(),
                stats.by_user.is_some(),
                stats.idle.is_some() && stats.connected.is_some(),
                stats.open_files.is_some(),
                stats.guests.is_some(),
            ]
        };
        assert_eq!(carried(&stats(Level::L0)), [false; 5]);
        assert_eq!(carried(&stats(Level::L10)), [true, true, true, false, false]);
        for level in [Level::L1, Level::L2, Level::L502] {
            assert_eq!(carried(&stats(level)), [true; 5]);
        }
    }
}
