use std::net::IpAddr;

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
    client: Option<Client>,
    user: Option<User>,
    sent_client: Option<String>,
    sent_user: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Client {
    Address(IpAddr),
    Name(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    domain: Option<String>,
    name: String,
}

/// The name in lower case, for a case-insensitive comparison.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

impl SessionFilter {
    /// Only the sessions from this computer (a name or an IP address, with or without `\\\\` and brackets) and of
    /// this user (`user` or `DOMAIN\\user`). An empty name is no filter.
    ///
    /// # Errors
    /// A name is longer than a server must take.
    pub fn new(client: Option<&str>, user: Option<&str>) -> Result<Self, InvalidRequest> {
        let client = client.filter(|name| !name.is_empty());
        let user = user.filter(|name| !name.is_empty());
        let filter = Self {
            client: client.map(Client::new),
            user: user.map(User::new),
            sent_client: client.map(decorated_client),
            sent_user: user.map(|user| bare_user(user).1.to_owned()),
        };
        for (sent, error) in [
            (filter.sent_client(), InvalidRequest::LongClient),
            (filter.sent_user(), InvalidRequest::LongUser),
        ] {
            if sent.is_some_and(|name| name.encode_utf16().count() >= MAX_NAME) {
                return Err(error);
            }
        }
        Ok(filter)
    }

    /// Whether there is a filter at all.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.client.is_some() || self.user.is_some()
    }

    /// The client as it is sent to the server: `\\10.0.0.5`, `\\[fe80::1]`, `\\NAME`.
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
        self.client.as_ref().is_none_or(|client| *client == Client::new(shown))
    }

    /// Whether a user is wanted, as the server writes it; `None` where the server says none.
    #[must_use]
    pub fn matches_user(&self, shown: Option<&str>) -> bool {
        self.user.as_ref().is_none_or(|user| shown.is_some_and(|shown| user.matches(shown)))
    }
}

impl Client {
    /// Names and addresses are compared without backslashes and brackets, which only some servers add.
    fn new(name: &str) -> Self {
        let name = bare_client(name);
        client_address(name).map_or_else(|| Self::Name(folded(name)), Self::Address)
    }
}

impl User {
    fn new(user: &str) -> Self {
        let (domain, name) = bare_user(user);
        Self { domain: domain.map(folded), name: folded(name) }
    }

    /// A user without a domain matches any domain; with one both must match, unless the server shows none.
    fn matches(&self, shown: &str) -> bool {
        let shown = Self::new(shown);
        self.name == shown.name
            && match (&self.domain, &shown.domain) {
                (Some(wanted), Some(shown)) => wanted == shown,
                _ => true,
            }
    }
}

/// A client without leading backslashes and without the brackets of an IPv6 address.
fn bare_client(name: &str) -> &str {
    let name = name.trim_start_matches('\\');
    name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name)
}

/// A client without backslashes and brackets as an address, if it is one. The scope (`%eth0`) is left out: it is valid
/// only on the machine that wrote it.
#[must_use]
pub fn client_address(bare: &str) -> Option<IpAddr> {
    let address = bare.split_once('%').map_or(bare, |(address, _)| address);
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn decorated_client(name: &str) -> String {
    let bare = bare_client(name);
    match client_address(bare) {
        Some(IpAddr::V6(address)) => format!(r"\\[{address}]"),
        Some(IpAddr::V4(address)) => format!(r"\\{address}"),
        None => format!(r"\\{bare}"),
    }
}

/// The domain, if there is one, and the name.
fn bare_user(user: &str) -> (Option<&str>, &str) {
    match user.split_once('\\') {
        Some((domain, name)) => (Some(domain).filter(|domain| !domain.is_empty()), name),
        None => (None, user),
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
        assert_eq!(filter("", r"LAB\Alice").sent_user().unwrap(), "Alice");
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
