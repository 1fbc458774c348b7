use std::net::IpAddr;

use super::client_name::{ClientName, Computer, bare_client};
use super::user_name::{UserName, split_user};
use crate::client::InvalidRequest;
use crate::srvs::SessionInfo;

/// The longest name that a server must take, in UTF-16 units with the terminating null
/// (\[MS-SRVS\] 3.1.4.5).
const MAX_NAME: usize = 1024;

/// Which sessions are wanted. It is sent to the server and applied again to its answer, because Samba,
/// illumos and others ignore it.
///
/// ```
/// use netsession_proto::query::SessionFilter;
/// use netsession_proto::srvs::SessionInfo;
///
/// let filter = SessionFilter::new(None, Some(r"LAB\alice"))?;
/// let session = SessionInfo { user: Some("Alice".into()), ..SessionInfo::default() };
/// assert!(filter.matches(&session), "this server shows no domain");
/// # Ok::<(), netsession_proto::client::InvalidRequest>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    client: Option<ClientName>,
    user: Option<UserName>,
    sent_client: Option<String>,
    sent_user: Option<String>,
}

impl SessionFilter {
    /// Only the sessions from this computer (a name or an IP address, with or without `\\\\` and brackets) and of
    /// this user (`user`, `DOMAIN\\user`, `DOMAIN/user` or `user@REALM`). An empty name is no filter.
    ///
    /// # Errors
    /// A name is longer than a server must take.
    pub fn new(client: Option<&str>, user: Option<&str>) -> Result<Self, InvalidRequest> {
        let client = client.filter(|name| !name.is_empty());
        let user = user.filter(|name| !name.is_empty());
        let filter = Self {
            client: client.map(ClientName::new),
            user: user.map(UserName::new),
            sent_client: client.and_then(decorated_client),
            sent_user: user.map(|user| split_user(user).1.to_owned()),
        };
        for (sent, error) in [
            (filter.sent_client(), InvalidRequest::LongClient),
            (filter.sent_user(), InvalidRequest::LongUser),
        ] {
            within_limit(sent.unwrap_or_default(), error)?;
        }
        Ok(filter)
    }

    /// Whether there is a filter at all.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.client.is_some() || self.user.is_some()
    }

    /// The client as it is sent to the server: `\\10.0.0.5`, `\\[fe80::1]`, `\\NAME`. `localhost` is not sent: a server
    /// lists the address that it stands for.
    #[must_use]
    pub fn sent_client(&self) -> Option<&str> {
        self.sent_client.as_deref()
    }

    /// The user as it is sent to the server: without the domain, which servers do not expect here.
    #[must_use]
    pub fn sent_user(&self) -> Option<&str> {
        self.sent_user.as_deref()
    }

    /// Whether an answer must carry the user for the filter to be applied to it.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        self.user.is_some()
    }

    /// Whether a session is wanted.
    #[must_use]
    pub fn matches(&self, session: &SessionInfo) -> bool {
        self.matches_client(&session.client) && self.matches_user(session.user.as_deref())
    }

    /// Whether a client is wanted, as the server writes it.
    #[must_use]
    pub fn matches_client(&self, shown: &str) -> bool {
        self.client.as_ref().is_none_or(|client| client.matches(shown))
    }

    /// Whether a user is wanted, as the server writes it; `None` where the server says none.
    #[must_use]
    pub fn matches_user(&self, shown: Option<&str>) -> bool {
        self.user.as_ref().is_none_or(|user| shown.is_some_and(|shown| user.matches(shown)))
    }

    pub(super) fn client(&self) -> Option<&ClientName> {
        self.client.as_ref()
    }

    /// Whether a user that the server lists may be the wanted one behind an unusual separator.
    pub(super) fn may_mean_user(&self, shown: &str) -> bool {
        self.user.as_ref().is_some_and(|user| user.may_be_part_of(shown))
    }
}

/// The name of a share, as [`ConnectionEnumRequest`](crate::srvs::ConnectionEnumRequest) takes it.
///
/// # Errors
/// It is longer than a server must take the name of a computer, for which \[MS-SRVS\] 3.1.4.1 has the same parameter.
pub fn sendable_share(name: &str) -> Result<&str, InvalidRequest> {
    within_limit(name, InvalidRequest::LongShare)
}

fn within_limit(name: &str, error: InvalidRequest) -> Result<&str, InvalidRequest> {
    if name.encode_utf16().count() < MAX_NAME { Ok(name) } else { Err(error) }
}

fn decorated_client(name: &str) -> Option<String> {
    let bare = bare_client(name);
    match ClientName::new(bare).computer() {
        Computer::Localhost => None,
        Computer::Address(IpAddr::V6(address)) => Some(format!(r"\\[{address}]")),
        Computer::Address(IpAddr::V4(address)) => Some(format!(r"\\{address}")),
        // As it was written.
        Computer::Named(_) => Some(format!(r"\\{bare}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(client: &str, user: &str) -> SessionFilter {
        SessionFilter::new(Some(client), Some(user)).unwrap()
    }

    fn session(client: &str, user: &str) -> SessionInfo {
        SessionInfo { client: client.into(), user: Some(user.into()), ..SessionInfo::default() }
    }

    #[test]
    fn users_match_without_regard_to_case_and_domains_only_where_both_have_one() {
        for (wanted, shown, matches) in [
            ("alice", "alice", true),
            ("ALICE", "lab\\Alice", true),
            ("LAB\\alice", "alice", true),
            ("LAB\\alice", "lab\\ALICE", true),
            ("LAB\\alice", "other\\alice", false),
            ("alice", "alice2", false),
            ("lab", "lab\\alice", false),
            ("\\alice", "lab\\alice", true),
            ("ÄRZTE", "lab\\ärzte", true),
        ] {
            assert_eq!(filter("", wanted).matches(&session("x", shown)), matches, "{wanted} {shown}");
        }
    }

    #[test]
    fn clients_match_by_address_where_both_are_one() {
        for (wanted, shown, matches) in [
            ("10.0.0.5", r"\\10.0.0.5", true),
            (r"\\10.0.0.5", "10.0.0.5", true),
            ("10.0.0.5", r"\\10.0.0.50", false),
            ("fe80::1", r"\\[fe80::1]", true),
            ("[fe80:0:0::1]", "fe80::1", true),
            ("::ffff:10.0.0.5", "10.0.0.5", true),
            ("fe80::1%eth0", r"\\[fe80::1]", true),
            ("ws7", r"\\WS7", true),
            ("ws7", r"\\WS70", false),
        ] {
            assert_eq!(filter(wanted, "").matches(&session(shown, "u")), matches, "{wanted} {shown}");
        }
    }

    #[test]
    fn the_server_is_told_what_it_expects() {
        assert_eq!(filter("10.0.0.5", "").sent_client().unwrap(), r"\\10.0.0.5");
        assert_eq!(filter("[fe80::1]", "").sent_client().unwrap(), r"\\[fe80::1]");
        assert_eq!(filter("::ffff:10.0.0.5", "").sent_client().unwrap(), r"\\10.0.0.5");
        for user in [r"LAB\Alice", "LAB/Alice", "LAB+Alice", "Alice@lab.example", "Alice"] {
            assert_eq!(filter("", user).sent_user().unwrap(), "Alice", "{user}");
        }
        assert_eq!(filter("localhost", "").sent_client(), None);
        assert!(filter("localhost", "").is_some());
        assert!(!filter("", "").is_some());
    }

    #[test]
    fn a_name_that_no_server_takes_is_refused_before_it_is_sent() {
        let user = |length| SessionFilter::new(None, Some(&"x".repeat(length)));
        assert!(user(1023).is_ok());
        assert_eq!(user(1024), Err(InvalidRequest::LongUser));
        let client = |length| SessionFilter::new(Some(&"x".repeat(length)), None);
        assert!(client(1021).is_ok());
        assert_eq!(client(1022), Err(InvalidRequest::LongClient));
    }
}
