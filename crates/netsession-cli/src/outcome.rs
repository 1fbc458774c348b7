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
    use netsession::Level;
    use netsession_proto::client::{Cause, Failure, Step};
    use netsession_proto::erref::Win32Error;
    use netsession_proto::srvs::{self, SessionInfo};

    use super::*;

    /// A session as a server sends it at level 502.
    pub(crate) fn info(client: &str, user: &str, opens: u32, time: u32, idle: u32) -> SessionInfo {
        SessionInfo {
            client: format!(r"\\{client}"),
            user: Some(user.into()),
            opens: Some(opens),
            time: Some(time),
            idle_time: Some(idle),
            flags: Some(0),
            client_type: Some(String::new()),
            transport: Some(r"\Device\NetbiosSmb".into()),
        }
    }

    pub(crate) fn few() -> Vec<SessionInfo> {
        vec![
            info("10.0.0.9", "admin", 1, 2, 0),
            info("10.0.0.5", r"LAB\alice", 3, 7500, 45),
            info("[fe80::1:2:3:4]", r"LAB\bob", 120, 273_600, 90_000),
        ]
    }

    pub(crate) fn answer(level: srvs::Level, sessions: Vec<SessionInfo>) -> Answer {
        let sessions = sessions.into_iter().map(|session| session.reduced_to(level).into()).collect();
        let level = Level::from(level);
        Answer { listing: Listing::from_parts("fs1", level, level, 1, sessions), names: None }
    }

    pub(crate) fn answered(server: &str, answer: Answer) -> Outcome {
        Outcome { server: server.into(), result: Ok(answer) }
    }

    pub(crate) fn denied(server: &str) -> Outcome {
        failed(server, Failure { step: Step::Enumerate, cause: Cause::Refused(Win32Error(5)) })
    }

    pub(crate) fn failed(server: &str, failure: Failure) -> Outcome {
        Outcome { server: server.into(), result: Err(Error::from_failure(server, None, failure)) }
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
        let mut answer = answer(srvs::Level::L1, sessions);
        answer.listing = answer.listing.with_own(Some(3));
        let rows = answer.rows();
        let order: Vec<_> =
            rows.iter().map(|row| (row.session.client(), row.session.user().unwrap())).collect();
        assert_eq!(order, [("c", "c"), ("a", "z"), ("b", "a"), ("b", "x"), ("d", "d")]);
        assert_eq!(rows.iter().position(|row| row.is_own), Some(0));
    }

    #[test]
    fn an_address_may_have_a_zone() {
        let sessions = vec![info("[fe80::1%eth0]", "x", 0, 0, 0), info("WS-01", "x", 0, 0, 0)];
        let answer = answer(srvs::Level::L1, sessions);
        let addresses: Vec<_> = answer.listing.iter().map(client_address).collect();
        assert_eq!(addresses, ["fe80::1".parse().ok(), None]);
    }
}
