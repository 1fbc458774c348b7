use std::collections::HashSet;

use netsession::Session;

use crate::outcome::Answer;

/// How much there is in a listing, or in several.
#[derive(Debug, Default)]
struct Summary {
    sessions: usize,
    /// In lower case: servers differ in how they write the same user.
    users: HashSet<String>,
    opens: u64,
    /// How many sessions did not tell, because their level does not carry it.
    without_user: usize,
    without_opens: usize,
}

impl Summary {
    fn of<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Self {
        let mut summary = Self::default();
        answers.into_iter().flat_map(|answer| &answer.listing).for_each(|session| summary.add(session));
        summary
    }

    fn add(&mut self, session: &Session) {
        self.sessions = self.sessions.saturating_add(1);
        match session.user() {
            // Nobody's name is no user.
            Some("") => {}
            Some(user) => {
                self.users.insert(user.to_lowercase());
            }
            None => self.without_user = self.without_user.saturating_add(1),
        }
        match session.opens() {
            Some(opens) => self.opens = self.opens.saturating_add(opens.into()),
            None => self.without_opens = self.without_opens.saturating_add(1),
        }
    }

    /// `3 sessions, 2 users, 7 open files`: a sum that lacks something is left out.
    fn text(&self) -> String {
        if self.sessions == 0 {
            return "no sessions".into();
        }
        let users = (self.without_user == 0).then(|| count(self.users.len(), "user"));
        let opens = (self.without_opens == 0).then(|| count(self.opens, "open file"));
        [Some(count(self.sessions, "session")), users, opens]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The line under the table of one server.
pub(super) fn of_server(answer: &Answer) -> String {
    format!("{} (level {})", Summary::of([answer]).text(), answer.listing.level())
}

/// The line under the tables of several servers, some of which may have failed.
pub(super) fn of_all(answers: &[&Answer], failed: usize) -> String {
    let servers = answers.len().saturating_add(failed);
    let failed = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
    format!("{}{failed}: {}", count(servers, "server"), Summary::of(answers.iter().copied()).text())
}

/// `1 session`, `2 sessions`.
fn count(number: impl ToString, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
