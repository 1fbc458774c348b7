use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use netsession::{Level, Listing, Session};

use crate::Settings;

/// What is said of a listing: numbers, and no names but those that the configuration asks for.
///
/// What the level does not carry is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) level: u32,
    pub(crate) sessions: usize,
    pub(crate) clients: usize,
    pub(crate) users: Option<usize>,
    pub(crate) open_files: Option<u64>,
    pub(crate) guests: Option<usize>,
    pub(crate) idle: Option<Spread>,
    pub(crate) connected: Option<Spread>,
    pub(crate) by_user: Option<Shares>,
    pub(crate) by_client: Option<Shares>,
}

/// How some durations are spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spread {
    /// For each limit, how many are above it.
    pub(crate) longer: Vec<(Duration, usize)>,
    /// Of no session there is no median.
    pub(crate) median: Option<Duration>,
    pub(crate) longest: Option<Duration>,
}

/// Who has how much, up to a number of names, which are in lower case: servers differ in how they write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shares {
    pub(crate) named: Vec<(String, Share)>,
    /// Everybody else together.
    pub(crate) rest: Share,
}

/// What is one user's or client's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) sessions: usize,
    pub(crate) open_files: u64,
}

impl Summary {
    pub(crate) fn of(listing: &Listing, settings: &Settings) -> Self {
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
            idle: has_user
                .then(|| Spread::of(sessions.iter().filter_map(Session::idle), &settings.idle_limits)),
            connected: has_user.then(|| {
                Spread::of(sessions.iter().filter_map(Session::connected), &settings.connected_limits)
            }),
            by_user: (has_user && settings.user_labels > 0).then(|| {
                Shares::of(sessions, settings.user_labels, |session| session.user().unwrap_or_default())
            }),
            by_client: (settings.client_labels > 0)
                .then(|| Shares::of(sessions, settings.client_labels, Session::client)),
        }
    }

    /// Whether the level carries open files.
    pub(crate) fn has_opens(&self) -> bool {
        self.open_files.is_some()
    }
}

/// Without regard to case: servers differ in how they write the same name.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(str::to_lowercase).collect::<HashSet<_>>().len()
}

impl Spread {
    fn of(durations: impl Iterator<Item = Duration>, limits: &[Duration]) -> Self {
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

impl Shares {
    /// No label is longer: a server that sends long names fills no database.
    const LONGEST_NAME: usize = 256;

    fn of<'a>(sessions: &'a [Session], most: usize, name: impl Fn(&'a Session) -> &'a str) -> Self {
        let mut shares: BTreeMap<String, Share> = BTreeMap::new();
        let mut rest = Share::default();
        for session in sessions {
            let name = name(session);
            let nameless = name.is_empty() || name.len() > Self::LONGEST_NAME;
            let share = if nameless { &mut rest } else { shares.entry(name.to_lowercase()).or_default() };
            share.add(Share { sessions: 1, open_files: session.opens().unwrap_or_default().into() });
        }
        let mut named: Vec<_> = shares.into_iter().collect();
        // Stable, so that those with the same number are in the order of their names.
        named.sort_by_key(|(_, share)| std::cmp::Reverse(share.sessions));
        for (_, share) in named.drain(most.min(named.len())..) {
            rest.add(share);
        }
        Self { named, rest }
    }
}

impl Share {
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
    fn medians_and_limits() {
        let spread = |durations: &[u64]| {
            Spread::of(durations.iter().map(|each| seconds(*each)), &[seconds(10), seconds(0)])
        };
        let empty = spread(&[]);
        assert_eq!((empty.median, empty.longest), (None, None));
        assert_eq!(empty.longer, [(seconds(10), 0), (seconds(0), 0)]);
        let odd = spread(&[30, 10, 0]);
        assert_eq!((odd.median, odd.longest), (Some(seconds(10)), Some(seconds(30))));
        assert_eq!(odd.longer, [(seconds(10), 1), (seconds(0), 2)], "longer, not as long");
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
    fn the_rest_is_summed() {
        let long = "x".repeat(300);
        let sessions: Vec<_> = [("b", 1), ("a", 2), ("c", 4), ("C", 8), ("", 16), (&long, 32)]
            .into_iter()
            .map(|(user, opens)| session(user, opens))
            .collect();
        let shares = Shares::of(&sessions, 2, |session| session.user().unwrap_or_default());
        let named: Vec<_> =
            shares.named.iter().map(|(name, share)| (name.as_str(), share.open_files)).collect();
        assert_eq!(named, [("c", 12), ("a", 2)]);
        assert_eq!(shares.rest, Share { sessions: 3, open_files: 49 });
    }

    #[test]
    fn what_the_level_does_not_carry_is_not_there() {
        let listing = |level| Listing::builder("fs1", level).sessions([session("a", 1)]).build();
        let of = |level| Summary::of(&listing(level), &Settings { user_labels: 5, ..Settings::default() });
        let carried = |summary: &Summary| {
            [
                summary.users.is_some(),
                summary.by_user.is_some(),
                summary.idle.is_some() && summary.connected.is_some(),
                summary.open_files.is_some(),
                summary.guests.is_some(),
            ]
        };
        assert_eq!(carried(&of(Level::L0)), [false; 5]);
        assert_eq!(carried(&of(Level::L10)), [true, true, true, false, false]);
        for level in [Level::L1, Level::L2, Level::L502] {
            assert_eq!(carried(&of(level)), [true; 5]);
        }
    }
}
