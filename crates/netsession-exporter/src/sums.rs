use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher as _;

use netsession::{Level, Session, SessionFold};

use crate::settings::Settings;
use crate::stats::{DurationStats, ListingStats, TopUsage, Usage};

/// The sums of a listing, while its sessions come in: none of them is kept, unless they are recorded.
#[derive(Debug, Clone)]
pub(crate) struct SessionSums {
    sessions: usize,
    clients: DistinctNames,
    users: DistinctNames,
    open_files: u64,
    guests: usize,
    /// In seconds. A median needs them all.
    idle: Vec<u32>,
    connected: Vec<u32>,
    by_user: Option<UsageByName>,
    by_client: Option<UsageByName>,
    /// All sessions, where they are recorded.
    kept: Option<KeptSessions>,
}

impl SessionSums {
    pub(crate) fn new(settings: &Settings) -> Self {
        let by_name = |labels: usize| (labels > 0).then(UsageByName::default);
        Self {
            sessions: 0,
            clients: DistinctNames::default(),
            users: DistinctNames::default(),
            open_files: 0,
            guests: 0,
            idle: Vec::new(),
            connected: Vec::new(),
            by_user: by_name(settings.user_labels),
            by_client: by_name(settings.client_labels),
            kept: settings.recorder.is_some().then(KeptSessions::default),
        }
    }

    /// All sessions, where they are recorded. They are no longer there then.
    pub(crate) fn take_sessions(&mut self) -> Option<Vec<Session>> {
        self.kept.take().map(|kept| kept.sessions)
    }

    /// The numbers of a listing of this level. What the level does not carry is left out.
    pub(crate) fn into_stats(self, level: Level, own_sessions: usize, settings: &Settings) -> ListingStats {
        let has_user = level != Level::L0;
        let has_opens = has_user && level != Level::L10;
        ListingStats {
            level: level.number().unwrap_or_default(),
            sessions: self.sessions,
            own_sessions: has_user.then_some(own_sessions),
            clients: self.clients.count(),
            users: has_user.then(|| self.users.count()),
            open_files: has_opens.then_some(self.open_files),
            guests: has_opens.then_some(self.guests),
            idle: has_user.then(|| DurationStats::new(self.idle, &settings.idle_limits)),
            connected: has_user.then(|| DurationStats::new(self.connected, &settings.connected_limits)),
            by_user: self.by_user.filter(|_| has_user).map(|usage| usage.into_top(settings.user_labels)),
            by_client: self.by_client.map(|usage| usage.into_top(settings.client_labels)),
            files: None,
        }
    }
}

impl SessionFold for SessionSums {
    fn add(&mut self, session: &Session) {
        self.sessions = self.sessions.saturating_add(1);
        if let Some(kept) = &mut self.kept {
            kept.add(session);
        }
        let user = session.user().unwrap_or_default();
        self.clients.add(session.client());
        if !user.is_empty() {
            self.users.add(user);
        }
        let opens = u64::from(session.opens().unwrap_or_default());
        self.open_files = self.open_files.saturating_add(opens);
        if session.flags().is_some_and(|flags| flags.is_guest()) {
            self.guests = self.guests.saturating_add(1);
        }
        let seconds = |duration: std::time::Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
        self.idle.extend(session.idle().map(seconds));
        self.connected.extend(session.connected().map(seconds));
        let usage = Usage { sessions: 1, open_files: opens };
        if let Some(by_user) = &mut self.by_user {
            by_user.add(user, usage);
        }
        if let Some(by_client) = &mut self.by_client {
            by_client.add(session.client(), usage);
        }
    }

    fn held_bytes(&self) -> usize {
        let durations = self.idle.capacity().saturating_add(self.connected.capacity());
        let by_name = [&self.by_user, &self.by_client].into_iter().flatten();
        by_name.map(|usage| usage.bytes).fold(
            durations
                .saturating_mul(size_of::<u32>())
                .saturating_add(self.clients.held_bytes())
                .saturating_add(self.users.held_bytes())
                .saturating_add(self.kept.as_ref().map_or(0, KeptSessions::held_bytes)),
            usize::saturating_add,
        )
    }
}

/// Sessions as they were listed.
#[derive(Debug, Clone, Default)]
struct KeptSessions {
    sessions: Vec<Session>,
    text_bytes: usize,
}

impl KeptSessions {
    /// What the allocation of the texts of a session costs.
    const ALLOCATION: usize = 16;

    fn add(&mut self, session: &Session) {
        let texts = [session.user(), session.client_type(), session.transport()].into_iter().flatten();
        let bytes = texts.map(str::len).fold(session.client().len(), usize::saturating_add);
        self.text_bytes = self.text_bytes.saturating_add(bytes).saturating_add(Self::ALLOCATION);
        self.sessions.push(session.clone());
    }

    fn held_bytes(&self) -> usize {
        self.sessions.capacity().saturating_mul(size_of::<Session>()).saturating_add(self.text_bytes)
    }
}

/// How many different names there are, without regard to case: servers differ in how they write the same name.
///
/// Only hashes of them are kept. Their key is random, so that no server can choose names that collide; two of a million
/// names do so once in 40 million listings.
#[derive(Debug, Clone, Default)]
struct DistinctNames {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl DistinctNames {
    fn add(&mut self, name: &str) {
        self.hashes.insert(self.hasher.hash_one(name.to_lowercase()));
    }

    fn count(&self) -> usize {
        self.hashes.len()
    }

    fn held_bytes(&self) -> usize {
        // A hash, the byte that says whether it is there, and an eighth more places than the capacity.
        self.hashes.capacity().saturating_mul(size_of::<u64>().saturating_add(1)).saturating_mul(8) / 7
    }
}

/// What each name uses.
#[derive(Debug, Clone, Default)]
struct UsageByName {
    usages: BTreeMap<String, Usage>,
    /// Of names without a label.
    remainder: Usage,
    /// Of memory, about.
    bytes: usize,
}

impl UsageByName {
    /// Beside its letters: the entry in a map that is two thirds full, and the allocation.
    const EACH_NAME: usize = 96;

    fn add(&mut self, name: &str, usage: Usage) {
        if !TopUsage::has_label(name) {
            return self.remainder.add(usage);
        }
        let name = name.to_lowercase();
        let length = name.len();
        let entry = self.usages.entry(name).or_insert_with(|| {
            self.bytes = self.bytes.saturating_add(length).saturating_add(Self::EACH_NAME);
            Usage::default()
        });
        entry.add(usage);
    }

    fn into_top(self, max: usize) -> TopUsage {
        TopUsage::new(self.usages, self.remainder, max)
    }
}

#[cfg(test)]
impl ListingStats {
    /// The numbers of a listing that is there as a whole.
    pub(crate) fn new(listing: &netsession::Listing, settings: &Settings) -> Self {
        let mut sums = SessionSums::new(settings);
        listing.iter().for_each(|session| sums.add(session));
        sums.into_stats(listing.level(), 0, settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_takes_a_few_bytes() {
        const COUNT: usize = 100_000;
        let mut sums = SessionSums::new(&Settings::default());
        for number in 0..COUNT {
            let client = Session::builder(format!("10.0.{}.{}", number / 250, number % 250));
            sums.add(&client.user(format!("user{number}")).idle(std::time::Duration::from_secs(1)).build());
        }
        assert_eq!((sums.clients.count(), sums.users.count()), (COUNT, COUNT));
        assert!(sums.held_bytes() < COUNT * 40, "{}", sums.held_bytes());
    }

    #[test]
    fn names_that_become_labels_are_counted() {
        let mut sums = SessionSums::new(&Settings { user_labels: 1, ..Settings::default() });
        let before = sums.held_bytes();
        for number in 0..1_000 {
            sums.add(&Session::builder("x").user(format!("{number:0200}")).build());
        }
        assert!(sums.held_bytes() > before + 200 * 1_000);
    }

    /// Sessions are kept for a store alone.
    #[test]
    fn no_session_is_kept_without_a_store() {
        let session = Session::builder("10.0.0.5").user("alice").build();
        let mut sums = SessionSums::new(&Settings::default());
        sums.add(&session);
        assert_eq!(sums.take_sessions(), None);
        let before = sums.held_bytes();
        sums.kept = Some(KeptSessions::default());
        sums.add(&session);
        assert!(sums.held_bytes() >= before + size_of::<Session>() + "10.0.0.5alice".len());
        assert_eq!(sums.take_sessions(), Some(vec![session]));
    }
}
