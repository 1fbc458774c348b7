//! What became of asking a server.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;

use netsession::{Error, Listing, Session};

/// A server that was asked.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The server as it is shown.
    pub(crate) server: String,
    pub(crate) result: Result<Answer, Error>,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) listing: Listing,
    /// DNS names of the clients, where they were asked for.
    pub(crate) names: Option<HashMap<IpAddr, String>>,
}

/// A session, and what is known beside it.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) session: &'a Session,
    pub(crate) client_name: Option<&'a str>,
    /// Whether it is the session of whoever asks.
    pub(crate) is_own: bool,
}

impl Answer {
    /// The sessions: longest idle first, then by client and user.
    pub(crate) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows: Vec<_> =
            self.listing.iter().zip(0..).map(|(session, index)| self.row(session, index)).collect();
        rows.sort_by_key(|row| (Reverse(row.session.idle()), row.session.client(), row.session.user()));
        rows
    }

    fn row<'a>(&'a self, session: &'a Session, index: usize) -> Row<'a> {
        let name = self.names.as_ref().and_then(|names| names.get(&client_address(session)?));
        Row { session, client_name: name.map(String::as_str), is_own: self.listing.own() == Some(index) }
    }
}

/// The address of a client, if that is what the server shows of it.
pub(crate) fn client_address(session: &Session) -> Option<IpAddr> {
    let client = session.client();
    client.split_once('%').map_or(client, |(address, _)| address).parse().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use netsession::{ErrorKind, Level, SessionBuilder, SessionFlags};

    use super::*;

    /// A session as a server sends it at level 502.
    pub(crate) fn info(client: &str, user: &str, opens: u32, time: u32, idle: u32) -> SessionBuilder {
        Session::builder(format!(r"\\{client}"))
            .user(user)
            .opens(opens)
            .connected(Duration::from_secs(time.into()))
            .idle(Duration::from_secs(idle.into()))
            .flags(SessionFlags::default())
            .client_type("")
            .transport(r"\Device\NetbiosSmb")
    }

    pub(crate) fn few() -> Vec<SessionBuilder> {
        vec![
            info("10.0.0.9", "admin", 1, 2, 0),
            info("10.0.0.5", r"LAB\alice", 3, 7500, 45),
            info("[fe80::1:2:3:4]", r"LAB\bob", 120, 273_600, 90_000),
        ]
    }

    pub(crate) fn answer(level: Level, sessions: Vec<SessionBuilder>) -> Answer {
        answer_with_own(level, sessions, None)
    }

    /// The caller's own session is the one with this index.
    pub(crate) fn answer_with_own(level: Level, sessions: Vec<SessionBuilder>, own: Option<usize>) -> Answer {
        let sessions = sessions.into_iter().map(|session| session.reduced_to(level).build());
        Answer { listing: Listing::builder("fs1", level).sessions(sessions).own(own).build(), names: None }
    }

    /// Every level that a listing can have.
    pub(crate) fn levels() -> impl Iterator<Item = Level> {
        Level::ALL.iter().copied().filter(|level| *level != Level::Auto)
    }

    pub(crate) fn answered(server: &str, answer: Answer) -> Outcome {
        Outcome { server: server.into(), result: Ok(answer) }
    }

    pub(crate) fn denied(server: &str) -> Outcome {
        failed(server, ErrorKind::AccessDenied)
    }

    pub(crate) fn failed(server: &str, kind: ErrorKind) -> Outcome {
        Outcome { server: server.into(), result: Err(Error::for_testing(kind, server)) }
    }

    #[test]
    fn longest_idle_first_then_client_and_user() {
        let sessions = vec![
            info("b", "x", 0, 9, 1),
            info("b", "a", 0, 9, 1),
            info("a", "z", 0, 9, 1),
            info("c", "c", 0, 9, 10),
            info("d", "d", 0, 9, 0),
        ];
        let answer = answer_with_own(Level::L1, sessions, Some(3));
        let rows = answer.rows();
        let order: Vec<_> =
            rows.iter().map(|row| (row.session.client(), row.session.user().unwrap())).collect();
        assert_eq!(order, [("c", "c"), ("a", "z"), ("b", "a"), ("b", "x"), ("d", "d")]);
        assert_eq!(rows.iter().position(|row| row.is_own), Some(0));
    }

    #[test]
    fn an_address_may_have_a_zone() {
        let sessions = vec![info("[fe80::1%eth0]", "x", 0, 0, 0), info("WS-01", "x", 0, 0, 0)];
        let answer = answer(Level::L1, sessions);
        let addresses: Vec<_> = answer.listing.iter().map(client_address).collect();
        assert_eq!(addresses, ["fe80::1".parse().ok(), None]);
    }
}
