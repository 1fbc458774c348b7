use std::net::IpAddr;
use std::time::Duration;

use netsession_proto::query::client_address;

use super::Session;
use crate::Account;

/// The account and the address of the caller, which identify the caller's own session.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The account that was logged on.
    pub(crate) account: Account,
    /// This machine's address towards the server.
    pub(crate) address: IpAddr,
}

impl Caller {
    /// The index of the caller's own session: the youngest one of the same user from the same address.
    ///
    /// `None` if the server shows names instead of addresses, or if two sessions are equally young.
    pub(crate) fn own_session(&self, sessions: &[Session]) -> Option<usize> {
        let mut youngest: Option<(usize, Duration)> = None;
        let mut tied = false;
        for (index, session) in sessions.iter().enumerate() {
            let Some(age) = session.connected().filter(|_| self.is_mine(session)) else { continue };
            match youngest {
                Some((_, least)) if age > least => {}
                Some((_, least)) if age == least => tied = true,
                _ => {
                    youngest = Some((index, age));
                    tied = false;
                }
            }
        }
        youngest.filter(|_| !tied).map(|(index, _)| index)
    }

    /// Whether a session may be one of the caller.
    pub(crate) fn is_mine(&self, session: &Session) -> bool {
        client_address(session.client()) == Some(self.address.to_canonical())
            && session.user().is_some_and(|user| self.account.may_be_shown_as(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(client: &str, user: &str, time: u64) -> Session {
        Session::builder(client).user(user).connected(Duration::from_secs(time)).build()
    }

    fn caller(domain: &str, user: &str) -> Caller {
        Caller { account: Account::new(user).in_domain(domain), address: IpAddr::from([10, 0, 0, 5]) }
    }

    #[test]
    fn youngest_of_same_user_and_address() {
        let sessions = [
            session("10.0.0.5", "admin", 100),
            session("10.0.0.6", "admin", 0),
            session("10.0.0.5", "alice", 0),
            session("::ffff:10.0.0.5", "ADMIN", 1),
            session("10.0.0.5", r"LAB\admin", 50),
            session("WS-01", "admin", 0),
        ];
        assert_eq!(caller("LAB", "Admin").own_session(&sessions), Some(3));
        assert_eq!(caller("OTHER", "Admin").own_session(&sessions), Some(3));
        assert_eq!(caller("", "bob").own_session(&sessions), None);
    }

    #[test]
    fn other_domain_is_other_user() {
        let sessions = [session("10.0.0.5", r"LAB\admin", 1)];
        assert_eq!(caller("LAB", "admin").own_session(&sessions), Some(0));
        assert_eq!(caller("", "admin").own_session(&sessions), Some(0));
        assert_eq!(caller("OTHER", "admin").own_session(&sessions), None);
        assert_eq!(caller("", "admin@lab.example.com").own_session(&sessions), Some(0));
    }

    #[test]
    fn two_of_same_age_cannot_be_told() {
        let mut sessions = vec![session("10.0.0.5", "admin", 1), session("10.0.0.5", "admin", 1)];
        assert_eq!(caller("", "admin").own_session(&sessions), None);
        sessions.push(session("10.0.0.5", "admin", 0));
        assert_eq!(caller("", "admin").own_session(&sessions), Some(2));
    }

    #[test]
    fn level_without_times_cannot_tell() {
        let session = Session::builder("10.0.0.5").build();
        assert_eq!(caller("", "admin").own_session(&[session]), None);
    }
}
