use std::collections::HashMap;

use netsession_proto::query::SessionFilter;

use crate::Session;

/// The sessions of a server by user: which computer a user's file is open on.
#[derive(Debug)]
pub(super) struct ClientsByUser<'a> {
    /// By the name without its domain, in lower case.
    sessions: HashMap<String, Vec<&'a Session>>,
    known: HashMap<Box<str>, Option<&'a str>>,
}

impl<'a> ClientsByUser<'a> {
    pub(super) fn new(sessions: &'a [Session]) -> Self {
        let mut by_name: HashMap<String, Vec<&Session>> = HashMap::new();
        for session in sessions {
            by_name.entry(bare_name(session.user().unwrap_or_default())).or_default().push(session);
        }
        Self { sessions: by_name, known: HashMap::new() }
    }

    /// The computer of the only session of this user; `None` if there are several, or none.
    pub(super) fn only_client(&mut self, user: &str) -> Option<&'a str> {
        if let Some(known) = self.known.get(user) {
            return *known;
        }
        let filter = SessionFilter::new(None, Some(user)).ok().filter(|_| !user.is_empty());
        let candidates = self.sessions.get(&bare_name(user)).map(Vec::as_slice).unwrap_or_default();
        let mut of_user = candidates
            .iter()
            .filter(|session| filter.as_ref().is_some_and(|filter| filter.matches_user(session.user())));
        let only = match (of_user.next(), of_user.next()) {
            (Some(session), None) => Some(session.client()),
            _ => None,
        };
        self.known.insert(user.into(), only);
        only
    }
}

/// Without the domain in front, whichever separator it has, in lower case.
fn bare_name(user: &str) -> String {
    user.rsplit(['\\', '/', '+']).next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_is_told_where_one_session_has_the_user() {
        let session = |client: &str, user: &str| Session::builder(client).user(user).build();
        let sessions = [
            session("10.0.0.5", r"LAB\alice"),
            session("10.0.0.6", "Bob"),
            session("10.0.0.7", "bob"),
            session("10.0.0.8", r"OTHER\carol"),
            session("10.0.0.9", r"LAB\carol"),
            session("10.0.0.10", ""),
        ];
        let mut clients = ClientsByUser::new(&sessions);
        for (user, client) in [
            ("ALICE", Some("10.0.0.5")),
            (r"LAB\alice", Some("10.0.0.5")),
            (r"OTHER\alice", None),
            ("bob", None),
            ("carol", None),
            (r"LAB\carol", Some("10.0.0.9")),
            ("nobody", None),
            ("", None),
        ] {
            assert_eq!(clients.only_client(user), client, "{user}");
            assert_eq!(clients.only_client(user), client, "{user}, remembered");
        }
    }
}
