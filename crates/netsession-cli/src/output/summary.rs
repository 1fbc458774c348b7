use std::collections::HashSet;

use netsession::Session;

use crate::outcome::Answer;

/// How much there is in a listing, or in several.
#[derive(Debug, Default)]
pub(super) struct Summary {
    sessions: usize,
    /// In lower case: servers differ in how they write the same user. None where no level told.
    users: Option<HashSet<String>>,
    opens: Option<u64>,
}

impl Summary {
    pub(super) fn add(&mut self, answer: &Answer) {
        for session in &answer.listing {
            self.add_session(session);
        }
    }

    fn add_session(&mut self, session: &Session) {
        self.sessions = self.sessions.saturating_add(1);
        if let Some(user) = session.user() {
            let users = self.users.get_or_insert_default();
            if !user.is_empty() {
                users.insert(user.to_lowercase());
            }
        }
        if let Some(opens) = session.opens() {
            self.opens = Some(self.opens.unwrap_or_default().saturating_add(opens.into()));
        }
    }

    /// `3 sessions, 2 users, 7 open files`: what is not known is left out.
    pub(super) fn text(&self) -> String {
        if self.sessions == 0 {
            return "no sessions".into();
        }
        let users = self.users.as_ref().map(|users| count(users.len(), "user"));
        let opens = self.opens.map(|opens| count(opens, "open file"));
        [Some(count(self.sessions, "session")), users, opens].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The line under the table of one server.
pub(super) fn of_server(answer: &Answer) -> String {
    let mut summary = Summary::default();
    summary.add(answer);
    format!("{} (level {})", summary.text(), answer.listing.level())
}

/// The line under the tables of several servers, some of which may have failed.
pub(super) fn of_all(answers: &[&Answer], failed: usize) -> String {
    let mut summary = Summary::default();
    for answer in answers {
        summary.add(answer);
    }
    let servers = answers.len().saturating_add(failed);
    let failed = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
    format!("{}{failed}: {}", count(servers, "server"), summary.text())
}

/// `1 session`, `2 sessions`.
fn count(number: impl ToString, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
