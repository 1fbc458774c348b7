use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use netsession::Session;

use crate::output::PartialSums;
use crate::text::count;

/// How many sessions, users and open files there are.
#[derive(Debug, Default)]
pub(crate) struct SessionTotals {
    sessions: usize,
    /// Hashes of the names in lower case: servers differ in how they write the same user. The names of a million users
    /// would be 60 MB. The key is random: two of a million collide once in 40 million runs.
    users: HashSet<u64>,
    hasher: RandomState,
    opens: u64,
    /// How many sessions have no user or no open files, because their level does not carry it.
    without_user: usize,
    without_opens: usize,
}

impl SessionTotals {
    pub(super) fn add(&mut self, session: &Session) {
        self.sessions = self.sessions.saturating_add(1);
        match session.user() {
            // A session without a log-on has an empty name, which is no user.
            Some("") => {}
            Some(user) => {
                self.users.insert(self.hasher.hash_one(user.to_lowercase()));
            }
            None => self.without_user = self.without_user.saturating_add(1),
        }
        match session.opens() {
            Some(opens) => self.opens = self.opens.saturating_add(opens.into()),
            None => self.without_opens = self.without_opens.saturating_add(1),
        }
    }

    /// `3 sessions, 2 users, 7 open files`
    pub(super) fn text(&self, partial: PartialSums) -> String {
        if self.sessions == 0 {
            return "no sessions".into();
        }
        let sum = |without: usize, text: String| match (without, partial) {
            (0, _) => Some(text),
            (_, PartialSums::AtLeast) => Some(format!("at least {text}")),
            (_, PartialSums::Omit) => None,
        };
        let users = sum(self.without_user, count(self.users.len(), "user"));
        let opens = sum(self.without_opens, count(self.opens, "open file"));
        let sums = [Some(count(self.sessions, "session")), users, opens];
        sums.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
