use std::collections::{BTreeMap, HashSet};

use netsession::Session;

use crate::outcome::{Answer, Outcome};

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

    /// As [`text`](Self::text), but of a sum that lacks something it is said that there are at least so many.
    fn at_least(&self) -> String {
        if self.sessions == 0 {
            return "no sessions".into();
        }
        let some = |without: usize, what: String| match without {
            0 => what,
            _ => format!("at least {what}"),
        };
        let users = some(self.without_user, count(self.users.len(), "user"));
        let opens = some(self.without_opens, count(self.opens, "open file"));
        format!("{}, {users}, {opens}", count(self.sessions, "session"))
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

/// What a listing of several servers came to.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    answered: usize,
    /// How many failed, by the kind of their error.
    failed: BTreeMap<&'static str, usize>,
    summary: Summary,
}

impl Sweep {
    /// One more server is done.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        match &outcome.result {
            Ok(answer) => {
                self.answered = self.answered.saturating_add(1);
                answer.listing.iter().for_each(|session| self.summary.add(session));
            }
            Err(error) => {
                let failed = self.failed.entry(error.kind().as_str()).or_default();
                *failed = failed.saturating_add(1);
            }
        }
    }

    pub(crate) fn has_failures(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Two lines for stderr: the servers, and what they have.
    pub(crate) fn text(&self) -> String {
        let failed: usize = self.failed.values().sum();
        let servers = count(self.answered.saturating_add(failed), "server");
        let mut text = format!("netsession: {servers}: {} answered", self.answered);
        if failed > 0 {
            let mut kinds: Vec<_> = self.failed.iter().map(|(kind, number)| (*number, *kind)).collect();
            // The most frequent first.
            kinds.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
            let kinds: Vec<_> = kinds.iter().map(|(number, kind)| format!("{number} {kind}")).collect();
            text += &format!(", {failed} failed ({})", kinds.join(", "));
        }
        format!("{text}\n  {}\n", self.summary.at_least())
    }
}

/// `1 session`, `2 sessions`.
fn count(number: impl ToString, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use netsession::{ErrorKind, Level};

    use super::*;
    use crate::outcome::tests::{answer, answered, denied, failed, info};

    fn text(outcomes: &[Outcome]) -> String {
        let mut sweep = Sweep::default();
        outcomes.iter().for_each(|outcome| sweep.add(outcome));
        sweep.text()
    }

    #[test]
    fn what_a_sweep_came_to() {
        let one = |user: &str| answered("fs1", answer(Level::L1, vec![info("a", user, 3, 9, 1)]));
        let timeout = || failed("fs4", ErrorKind::TimedOut);
        let outcomes = [one("alice"), denied("fs2"), one("ALICE"), timeout(), timeout()];
        insta::assert_snapshot!(text(&outcomes), @r"
        netsession: 5 servers: 2 answered, 3 failed (2 timeout, 1 access_denied)
          2 sessions, 1 user, 6 open files
        ");
    }

    #[test]
    fn sums_that_lack_something_say_so() {
        let level = |level| answered("fs1", answer(level, vec![info("a", "bob", 3, 9, 1)]));
        insta::assert_snapshot!(text(&[level(Level::L1), level(Level::L10), level(Level::L0)]), @r"
        netsession: 3 servers: 3 answered
          3 sessions, at least 1 user, at least 3 open files
        ");
        insta::assert_snapshot!(text(&[answered("fs1", answer(Level::L1, vec![]))]), @r"
        netsession: 1 server: 1 answered
          no sessions
        ");
    }
}
