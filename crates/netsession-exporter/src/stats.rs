use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use netsession::{Level, Listing, Session};

use crate::settings::Settings;

/// The numbers of a listing. Names are in it only if the configuration asks for them as labels.
///
/// Fields that the level does not carry are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingStats {
    pub(crate) level: u32,
    pub(crate) sessions: usize,
    pub(crate) clients: usize,
    pub(crate) users: Option<usize>,
    pub(crate) open_files: Option<u64>,
    pub(crate) guests: Option<usize>,
    pub(crate) idle: Option<DurationStats>,
    pub(crate) connected: Option<DurationStats>,
    pub(crate) by_user: Option<TopUsage>,
    pub(crate) by_client: Option<TopUsage>,
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
    pub(crate) fn new(listing: &Listing, settings: &Settings) -> Self {
        let level = listing.level();
        let has_user = level != Level::L0;
        let has_opens = has_user && level != Level::L10;
        let sessions = listing.sessions();
        let users = || sessions.iter().filter_map(Session::user).filter(|user| !user.is_empty());
        let opens = sessions.iter().filter_map(Session::opens).map(u64::from);
        let guests =
            || sessions.iter().filter(|session| session.flags().is_some_and(|flags| flags.is_guest()));
        Self {
            level: level.number().unwrap_or_default(),
            sessions: sessions.len(),
            clients: distinct(sessions.iter().map(Session::client)),
            users: has_user.then(|| distinct(users())),
            open_files: has_opens.then(|| opens.fold(0, u64::saturating_add)),
            guests: has_opens.then(|| guests().count()),
            idle: has_user.then(|| {
                DurationStats::new(sessions.iter().filter_map(Session::idle), &settings.idle_limits)
            }),
            connected: has_user.then(|| {
                DurationStats::new(sessions.iter().filter_map(Session::connected), &settings.connected_limits)
            }),
            by_user: (has_user && settings.user_labels > 0).then(|| {
                TopUsage::new(sessions, settings.user_labels, |session| session.user().unwrap_or_default())
            }),
            by_client: (settings.client_labels > 0)
                .then(|| TopUsage::new(sessions, settings.client_labels, Session::client)),
        }
    }

    /// Whether the level carries open files.
    pub(crate) fn has_opens(&self) -> bool {
        self.open_files.is_some()
    }
}

/// Ignores case, because servers differ in how they write the same name.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(str::to_lowercase).collect::<HashSet<_>>().len()
}

impl DurationStats {
    fn new(durations: impl Iterator<Item = Duration>, limits: &[Duration]) -> Self {
        let mut durations: Vec<_> = durations.collect();
        durations.sort_unstable();
        let above = |limit: &Duration| {
            let first = durations.partition_point(|duration| duration <= limit);
            (*limit, durations.len().saturating_sub(first))
        };
        let at = |place: usize| durations.get(place).copied();
        let middle = durations.len() / 2;
        let median = match durations.len() % 2 {
            0 => at(middle.wrapping_sub(1)).zip(at(middle)).map(|(a, b)| a.saturating_add(b) / 2),
            _ => at(middle),
        };
        Self { longer: limits.iter().map(above).collect(), median, longest: durations.last().copied() }
    }
}

impl TopUsage {
    /// Maximum bytes of a label, so that a server with long names does not fill the database of Prometheus.
    const MAX_NAME: usize = 256;

    fn new<'a>(sessions: &'a [Session], max: usize, name: impl Fn(&'a Session) -> &'a str) -> Self {
        let mut usages: BTreeMap<String, Usage> = BTreeMap::new();
        let mut remainder = Usage::default();
        for session in sessions {
            let name = name(session);
            let has_no_label = name.is_empty() || name.len() > Self::MAX_NAME;
            let usage =
                if has_no_label { &mut remainder } else { usages.entry(name.to_lowercase()).or_default() };
            usage.add(Usage { sessions: 1, open_files: session.opens().unwrap_or_default().into() });
        }
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
    fn add(&mut self, other: Self) {
        self.sessions = self.sessions.saturating_add(other.sessions);
        self.open_files = self.open_files.saturating_add(other.open_files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn median_and_limits() {
        let spread = |durations: &[u64]| {
            DurationStats::new(durations.iter().map(|each| seconds(*each)), &[seconds(10), seconds(0)])
        };
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
        let usage = TopUsage::new(&sessions, 2, |session| session.user().unwrap_or_default());
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
