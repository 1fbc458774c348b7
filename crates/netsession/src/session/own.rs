use std::net::IpAddr;
use std::time::Duration;

use netsession_proto::query::ClientName;

use super::Session;
use crate::Account;

/// The account and the address of the caller, which identify the caller's own session.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account that was logged on.
    pub(crate) account: Account,
    /// This machine, as the server may show it.
    pub(crate) machine: Machine,
}

/// What is known of this machine.
#[derive(Debug, Clone)]
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "constructed by the Windows backend alone"))]
pub(crate) enum Machine {
    /// Its address towards the server.
    Address(IpAddr),
    /// Its name, where Windows connects and does not report the address.
    Name(String),
}

impl Caller {
    /// The index of the caller's own session, which is the youngest one of the same user from the same address, and the
    /// number of all of these.
    ///
    /// No index if the server shows names instead of addresses, or if two sessions are equally young.
    pub(crate) fn own_sessions(&self, sessions: &[Session]) -> (Option<usize>, usize) {
        let mut youngest: Option<(usize, Duration)> = None;
        let (mut tied, mut count) = (false, 0);
        for (index, session) in sessions.iter().enumerate().filter(|(_, session)| self.is_mine(session)) {
            count += 1;
            let Some(age) = session.connected() else { continue };
            match youngest {
                Some((_, least)) if age > least => {}
                Some((_, least)) if age == least => tied = true,
                _ => {
                    youngest = Some((index, age));
                    tied = false;
                }
            }
        }
        (youngest.filter(|_| !tied).map(|(index, _)| index), count)
    }

    /// Whether a session may be one of the caller.
    pub(crate) fn is_mine(&self, session: &Session) -> bool {
        self.is_from_here(session) && self.is_my_account(session)
    }

    /// Whether a session cannot be told from the caller's own one among all that are listed: what is ended must not be.
    pub(crate) fn may_be_mine(&self, session: &Session, listed: &[Session]) -> bool {
        match &self.machine {
            Machine::Address(_) => {
                // A name cannot be compared with an address. And behind an address translation, the server knows the
                // caller by another address than this machine does: the own session is then any of them.
                let is_named = ClientName::new(session.client()).is_name();
                let is_my_account = self.is_my_account(session);
                is_my_account
                    && (is_named
                        || self.is_from_here(session)
                        || !listed.iter().any(|session| self.is_mine(session)))
            }
            // Windows may have logged on with saved credentials of another account.
            Machine::Name(_) => self.is_my_account(session) || self.is_from_here(session),
        }
    }

    fn is_from_here(&self, session: &Session) -> bool {
        let here = match &self.machine {
            Machine::Address(address) => ClientName::from(*address),
            Machine::Name(name) => ClientName::new(name),
        };
        here.matches(session.client())
    }

    fn is_my_account(&self, session: &Session) -> bool {
        session.user().is_some_and(|user| self.account.may_be_shown_as(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, Listing};

    impl Caller {
        fn own_session(&self, sessions: &[Session]) -> Option<usize> {
            self.own_sessions(sessions).0
        }
    }

    fn session(client: &str, user: &str, time: u64) -> Session {
        Session::builder(client).user(user).connected(Duration::from_secs(time)).build()
    }

    fn caller(domain: &str, user: &str) -> Caller {
        Caller {
            account: Account::new(user).in_domain(domain),
            machine: Machine::Address([10, 0, 0, 5].into()),
        }
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
    fn session_that_cannot_be_told_from_the_own_one_may_be_it() {
        let caller = caller("LAB", "admin");
        let own = session("10.0.0.5", "admin", 0);
        for (client, user, with_own, alone) in [
            ("10.0.0.5", "admin", true, true),
            ("WS-01", "admin", true, true),
            (r"\\ws1.lab.example", r"LAB\Admin", true, true),
            // The own session is known by its address, or it is behind an address translation.
            ("10.0.0.6", "admin", false, true),
            ("10.0.0.6", r"OTHER\admin", false, false),
            ("WS-01", "alice", false, false),
            ("10.0.0.5", "alice", false, false),
        ] {
            let other = session(client, user, 5);
            assert_eq!(
                caller.may_be_mine(&other, &[own.clone(), other.clone()]),
                with_own,
                "{client} {user}"
            );
            assert_eq!(caller.may_be_mine(&other, std::slice::from_ref(&other)), alone, "{client} {user}");
        }
    }

    #[test]
    fn windows_knows_the_name_of_the_machine_and_maybe_not_the_account() {
        let caller = Caller { account: Account::new("admin"), machine: Machine::Name("WS-01".to_owned()) };
        for (client, user, may_be_mine) in [
            ("10.0.0.6", "admin", true),
            (r"\\ws-01", "alice", true),
            ("ws-01.lab.example", "alice", true),
            ("10.0.0.6", "alice", false),
            ("WS-02", "alice", false),
        ] {
            let session = session(client, user, 5);
            assert_eq!(caller.may_be_mine(&session, &[]), may_be_mine, "{client} {user}");
        }
    }

    #[test]
    fn other_domain_is_other_user() {
        let sessions = [session("10.0.0.5", r"LAB\admin", 1)];
        assert_eq!(caller("LAB", "admin").own_session(&sessions), Some(0));
        assert_eq!(caller("", "admin").own_session(&sessions), Some(0));
        assert_eq!(caller("OTHER", "admin").own_session(&sessions), None);
        assert_eq!(caller("", "admin@lab.example.com").own_session(&sessions), Some(0));
    }

    /// A domain controller shows the short name of its domain, a member of it with another `winbind separator` joins it
    /// in another way.
    #[test]
    fn own_session_is_found_with_any_realm_and_separator() {
        for login in [
            ("HG.TEST", "admin"),
            ("hg.test", "Admin"),
            ("HGLAB", "admin"),
            ("", "admin@HG.TEST"),
            ("", "admin"),
        ] {
            for shown in
                [r"HGLAB\admin", "HGLAB+admin", "HGLAB/admin", "hglab#admin", "admin", "admin@hg.test"]
            {
                let sessions = [session("10.0.0.5", r"HGLAB\bob", 0), session("10.0.0.5", shown, 1)];
                assert_eq!(caller(login.0, login.1).own_session(&sessions), Some(1), "{login:?} {shown}");
            }
        }
        // Separators that names may have count where the domain of the login is the one shown.
        for shown in ["HGLAB_admin", "HGLAB-admin", "HGLAB.admin"] {
            let sessions = [session("10.0.0.5", shown, 1)];
            assert_eq!(caller("HGLAB", "admin").own_session(&sessions), Some(0), "{shown}");
        }
        for shown in [r"OTHER\admin", "OTHER+admin", "OTHER_admin", r"HGLAB\admin2", "xadmin"] {
            let sessions = [session("10.0.0.5", shown, 1)];
            assert_eq!(caller("HGLAB", "admin").own_session(&sessions), None, "{shown}");
        }
    }

    /// Samba with `hostname lookups = yes`.
    #[test]
    fn localhost_is_a_loopback_address() {
        let caller = |address: &str| Caller {
            account: Account::new("admin"),
            machine: Machine::Address(address.parse().unwrap()),
        };
        let sessions = [session("localhost", "admin", 1)];
        assert_eq!(caller("127.0.0.1").own_session(&sessions), Some(0));
        assert_eq!(caller("::1").own_session(&sessions), Some(0));
        assert_eq!(caller("10.0.0.5").own_session(&sessions), None);
    }

    #[test]
    fn two_of_same_age_cannot_be_told() {
        let mut sessions = vec![session("10.0.0.5", "admin", 1), session("10.0.0.5", "admin", 1)];
        assert_eq!(caller("", "admin").own_session(&sessions), None);
        sessions.push(session("10.0.0.5", "admin", 0));
        assert_eq!(caller("", "admin").own_session(&sessions), Some(2));
    }

    #[test]
    fn all_of_the_account_from_here_are_counted() {
        let sessions = vec![
            session("10.0.0.5", "admin", 1),
            session("10.0.0.5", r"LAB\admin", 1),
            session("10.0.0.5", "alice", 1),
            session("10.0.0.6", "admin", 1),
            session("WS-01", "admin", 1),
        ];
        let listing = Listing::from_parts("fs1", Level::L502, Level::L502, 1, sessions);
        let listing = listing.with_caller(&caller("LAB", "admin"));
        assert_eq!((listing.own(), listing.own_sessions()), (None, 2));
    }

    #[test]
    fn level_without_times_cannot_tell() {
        let session = Session::builder("10.0.0.5").build();
        assert_eq!(caller("", "admin").own_session(&[session]), None);
    }
}
