use std::borrow::Cow;
use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::str::FromStr;

/// A server as an administrator names it: a host name or an IP address, with a port or without.
///
/// Accepted are `fs1`, `\\fs1`, `smb://fs1`, `fs1:4455`, `10.0.0.5`, `fe80::1%eth0`, `[fe80::1]` and `[fe80::1]:4455`.
/// Refused are the path of a share, a user in front, a range of addresses, the port 0 and an empty name. `Display` shows the
/// name as typed, without `\\`, `smb://` and brackets, and with the port only if it is not 445: then an IPv6 address keeps its
/// brackets.
///
/// Names are compared without regard to case, and addresses as addresses: `FS1:445` equals `fs1`, and `[0:0::1]` equals
/// `::1`. Their order is that of the texts of the [normalized](Self::normalized) names.
///
/// [`Client::builder`](crate::blocking::Client::builder) takes a name, or a text that it parses.
///
/// ```
/// use netsession::ServerName;
///
/// let server: ServerName = r"\\fs1:4455".parse()?;
/// assert_eq!((server.host(), server.port()), ("fs1", 4455));
/// assert_eq!(server.to_string(), "fs1:4455");
/// assert_eq!("smb://[fe80::1]:445".parse::<ServerName>()?.to_string(), "fe80::1");
/// assert_eq!("FS1:445".parse::<ServerName>()?, "fs1".parse()?);
/// assert!(r"\\fs1\share".parse::<ServerName>().is_err());
/// # Ok::<(), netsession::ParseServerNameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ServerName {
    host: String,
    port: u16,
}

impl ServerName {
    /// The port of SMB over TCP.
    pub const DEFAULT_PORT: u16 = 445;

    /// The host alone: a name or an IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is an IP address, with a scope or without: there are no Kerberos tickets for addresses.
    ///
    /// ```
    /// use netsession::ServerName;
    ///
    /// assert!("[fe80::1%eth0]:4455".parse::<ServerName>()?.is_address());
    /// assert!(!"fs1".parse::<ServerName>()?.is_address());
    /// # Ok::<(), netsession::ParseServerNameError>(())
    /// ```
    #[must_use]
    pub fn is_address(&self) -> bool {
        is_ip(self.host_without_scope())
    }

    /// The same server in one notation for all of its spellings: a name in lower case, an address in its shortest form.
    /// Equal servers are shown equally after it.
    ///
    /// ```
    /// use netsession::ServerName;
    ///
    /// let server: ServerName = "[FE80:0::1%eth0]:445".parse()?;
    /// assert_eq!(server.normalized().to_string(), "fe80::1%eth0");
    /// # Ok::<(), netsession::ParseServerNameError>(())
    /// ```
    #[must_use]
    pub fn normalized(&self) -> Self {
        Self { host: self.normalized_host().into_owned(), port: self.port }
    }

    /// Borrowed for most names, as they are typed: a map looks for one with many comparisons.
    fn normalized_host(&self) -> Cow<'_, str> {
        // The scope of an address is an interface, whose name has upper and lower case.
        let (address, scope) = match self.host.split_once('%') {
            Some((address, scope)) => (address, Some(scope)),
            None => (self.host.as_str(), None),
        };
        match (address.parse::<IpAddr>(), scope) {
            // `::ffff:10.0.0.5` is reached over IPv4, as 10.0.0.5.
            (Ok(address), None) => address.to_canonical().to_string().into(),
            (Ok(address), Some(scope)) => format!("{address}%{scope}").into(),
            (Err(_), _) if self.host.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
                self.host.to_lowercase().into()
            }
            (Err(_), _) => self.host.as_str().into(),
        }
    }

    /// The text of the normalized name, by which names are compared.
    fn normalized_text(&self) -> Cow<'_, str> {
        match self.port {
            Self::DEFAULT_PORT => self.normalized_host(),
            _ => self.normalized().to_string().into(),
        }
    }

    /// The host without the scope of a link-local address, which means something on this machine only.
    pub(crate) fn host_without_scope(&self) -> &str {
        match self.host.split_once('%') {
            Some((address, _)) if is_ip(address) => address,
            _ => &self.host,
        }
    }
}

impl PartialEq for ServerName {
    fn eq(&self, other: &Self) -> bool {
        self.port == other.port && self.normalized_host() == other.normalized_host()
    }
}

impl Eq for ServerName {}

impl Ord for ServerName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.normalized_text().cmp(&other.normalized_text())
    }
}

impl PartialOrd for ServerName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for ServerName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.normalized_host(), self.port).hash(state);
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        match (*port, host.contains(':')) {
            (Self::DEFAULT_PORT, _) => f.write_str(host),
            // `fe80::1:4455` would be another address.
            (port, true) => write!(f, "[{host}]:{port}"),
            (port, false) => write!(f, "{host}:{port}"),
        }
    }
}

impl FromStr for ServerName {
    type Err = ParseServerNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|(problem, meant)| ParseServerNameError {
            input: text.into(),
            problem,
            meant: meant.map(Box::new),
        })
    }
}

impl TryFrom<&str> for ServerName {
    type Error = ParseServerNameError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for ServerName {
    type Error = ParseServerNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<&String> for ServerName {
    type Error = ParseServerNameError;

    fn try_from(text: &String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<&Self> for ServerName {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

/// The server, or what is wrong; then also the server that was most likely meant.
fn parse(text: &str) -> Result<ServerName, (ServerNameProblem, Option<ServerName>)> {
    let bare = without_scheme(text);
    let (authority, path) = bare.split_at(bare.find(['/', '\\']).unwrap_or(bare.len()));
    if let Some((_, host)) = authority.rsplit_once('@') {
        return Err((ServerNameProblem::User, parse_authority(host).ok()));
    }
    if path.trim_matches(['/', '\\']).is_empty() {
        return parse_authority(authority).map_err(|problem| (problem, None));
    }
    let has_prefix = path.strip_prefix('/').is_some_and(|bits| bits.bytes().all(|bit| bit.is_ascii_digit()));
    if has_prefix && is_ip(authority) {
        return Err((ServerNameProblem::Range, None));
    }
    Err((ServerNameProblem::Share, parse_authority(authority).ok()))
}

fn without_scheme(text: &str) -> &str {
    match text.split_at_checked(6) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("smb://") => rest,
        _ => text.strip_prefix(r"\\").or_else(|| text.strip_prefix("//")).unwrap_or(text),
    }
}

fn parse_authority(text: &str) -> Result<ServerName, ServerNameProblem> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(ServerNameProblem::Brackets)?;
            if !is_ip(host.split('%').next().unwrap_or(host)) {
                return Err(ServerNameProblem::Brackets);
            }
            match port.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if port.is_empty() => (host, None),
                None => return Err(ServerNameProblem::Brackets),
            }
        }
        None => match text.split_once(':') {
            // More than one colon without brackets is an IPv6 address, and has no port.
            Some((_, rest)) if rest.contains(':') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    check_host(host)?;
    let port = match port {
        None => ServerName::DEFAULT_PORT,
        Some(port) => parse_port(port)?,
    };
    Ok(ServerName { host: host.to_owned(), port })
}

fn check_host(host: &str) -> Result<(), ServerNameProblem> {
    if host.is_empty() {
        return Err(ServerNameProblem::Empty);
    }
    let address = host.split('%').next().unwrap_or(host);
    if host.contains(':') && !is_ip(address) {
        return Err(ServerNameProblem::Address);
    }
    // RFC 1123 and what people use beyond it; 255 is the limit of DNS.
    let odd = |c: char| c.is_control() || c.is_whitespace() || "@[]\"<>|*?,;".contains(c);
    if host.len() > 255 || host.contains(odd) || host.starts_with('-') {
        return Err(ServerNameProblem::Host);
    }
    Ok(())
}

fn parse_port(port: &str) -> Result<u16, ServerNameProblem> {
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if digits && number != 0 => Ok(number),
        _ => Err(ServerNameProblem::Port),
    }
}

fn is_ip(text: &str) -> bool {
    IpAddr::from_str(text).is_ok()
}

/// A text that is not a server name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ParseServerNameError {
    input: Box<str>,
    problem: ServerNameProblem,
    meant: Option<Box<ServerName>>,
}

impl ParseServerNameError {
    /// The text, as given.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }

    /// The mistake.
    #[must_use]
    pub fn problem(&self) -> ServerNameProblem {
        self.problem
    }

    /// The server without what does not belong to it: that of a share, or the one behind a user.
    ///
    /// ```
    /// use netsession::ServerName;
    ///
    /// let error = r"\\fs1\share".parse::<ServerName>().unwrap_err();
    /// assert_eq!(error.meant().unwrap().host(), "fs1");
    /// ```
    #[must_use]
    pub fn meant(&self) -> Option<&ServerName> {
        self.meant.as_deref()
    }
}

/// A [`ServerName`] needs no parsing.
impl From<Infallible> for ParseServerNameError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The mistake in a text that is not a server name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerNameProblem {
    /// There is no host.
    #[error("the name of the server is empty")]
    Empty,
    /// What follows the server is the path of a share.
    #[error("a server is wanted, not the path of a share")]
    Share,
    /// A user stands in front of the server.
    #[error("a server is wanted, without a user")]
    User,
    /// A range of addresses.
    #[error("a server is wanted, not a range of addresses")]
    Range,
    /// A bracket is missing, or what stands between them is no IPv6 address.
    #[error("brackets belong around an IPv6 address, with nothing but a port behind them")]
    Brackets,
    /// Colons as in an IPv6 address, but none.
    #[error("not a valid IPv6 address")]
    Address,
    /// A character that no host name has, or too many of them.
    #[error("not a valid host name")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
}

/// The server that a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Server {
    /// No server is named. Only the Windows backend can ask it: its call takes a null pointer for this machine.
    ThisMachine,
    Named(ServerName),
}

impl Server {
    pub(crate) fn name(&self) -> Option<&ServerName> {
        match self {
            Self::ThisMachine => None,
            Self::Named(name) => Some(name),
        }
    }

    /// Its name or address, without the port.
    pub(crate) fn host(&self) -> &str {
        self.name().map_or("localhost", ServerName::host)
    }
}

/// As in listings and errors.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ThisMachine => f.write_str("localhost"),
            Self::Named(name) => name.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(String, u16, String), ServerNameProblem> {
        let name = text.parse::<ServerName>().map_err(|error| error.problem())?;
        Ok((name.host().to_owned(), name.port(), name.to_string()))
    }

    #[test]
    fn accepted_names() {
        for (text, host, port, shown) in [
            ("fs1", "fs1", 445, "fs1"),
            (r"\\fs1", "fs1", 445, "fs1"),
            ("//fs1", "fs1", 445, "fs1"),
            ("smb://fs1", "fs1", 445, "fs1"),
            ("SMB://fs1:4455/", "fs1", 4455, "fs1:4455"),
            (r"\\fs1\", "fs1", 445, "fs1"),
            ("FS1.example.com:445", "FS1.example.com", 445, "FS1.example.com"),
            ("10.0.0.5:4455", "10.0.0.5", 4455, "10.0.0.5:4455"),
            ("fe80::1%eth0", "fe80::1%eth0", 445, "fe80::1%eth0"),
            ("::1", "::1", 445, "::1"),
            ("[::1]", "::1", 445, "::1"),
            ("[fe80::1%2]:4455", "fe80::1%2", 4455, "[fe80::1%2]:4455"),
            ("fs_1", "fs_1", 445, "fs_1"),
            ("bücher", "bücher", 445, "bücher"),
        ] {
            assert_eq!(parse(text), Ok((host.into(), port, shown.into())), "{text:?}");
        }
    }

    #[test]
    fn refused_names() {
        use ServerNameProblem::{Address, Brackets, Empty, Host, Port, Range, Share, User};
        for (text, error) in [
            ("", Empty),
            (r"\\", Empty),
            (":445", Empty),
            (r"\\fs1\share", Share),
            ("smb://fs1/share", Share),
            ("smb://[::1]/share", Share),
            ("fs1:445/share", Share),
            ("[::1", Brackets),
            ("[::1]4455", Brackets),
            ("[fs1]:445", Brackets),
            ("a:b:c", Address),
            ("fs 1", Host),
            ("user@fs1", User),
            ("smb://user@fs1/share", User),
            ("10.0.0.0/24", Range),
            ("[::1]x/share", Share),
            ("-fs1", Host),
            ("fs1\u{7}", Host),
            ("fs1:", Port),
            ("fs1:0", Port),
            ("fs1:+1", Port),
            ("fs1:65536", Port),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn error_keeps_the_text() {
        let error = r"\\fs1\share".parse::<ServerName>().unwrap_err();
        assert_eq!(error.input(), r"\\fs1\share");
        assert_eq!(error.to_string(), ServerNameProblem::Share.to_string());
    }

    #[test]
    fn every_spelling_of_a_server_is_equal() {
        let server = |text: &str| text.parse::<ServerName>().unwrap();
        for (one, other, is_same) in [
            ("FS1", r"\\fs1:445", true),
            ("fs1", "fs1:4455", false),
            ("::1", "[0:0::1]:445", true),
            ("FE80::A", "fe80:0::000a", true),
            ("fe80::1%eth0", "FE80:0::1%eth0", true),
            ("fe80::1%eth0", "fe80::1%ETH0", false),
            ("fe80::1%eth0", "fe80::1", false),
            ("::ffff:10.0.0.5", "10.0.0.5", true),
            ("BÜCHER", "bücher", true),
            // Resolvers differ in what it is.
            ("010.0.0.5", "10.0.0.5", false),
        ] {
            let (one, other) = (server(one), server(other));
            assert_eq!(one == other, is_same, "{one} {other}");
            assert_eq!(one.cmp(&other).is_eq(), is_same, "{one} {other}");
            let (one, other) = (one.normalized().to_string(), other.normalized().to_string());
            assert_eq!(one == other, is_same, "{one} {other}");
        }
    }

    /// As a list of names is sorted: `fs1:4455` does not follow `fs1`.
    #[test]
    fn order_is_that_of_the_normalized_texts() {
        let sorted = [
            "10.0.0.5",
            "0::1",
            "[::1]:4455",
            "[FE80::1]:9",
            "fe80:0::1",
            "FS1",
            "fs1-a",
            "fs10",
            "Fs1:4455",
        ];
        let mut servers = sorted.map(|text| text.parse::<ServerName>().unwrap());
        servers.reverse();
        servers.sort();
        assert_eq!(servers, sorted.map(|text| text.parse().unwrap()));
    }

    #[test]
    fn address_is_one_with_port_and_scope_too() {
        let is_address = |text: &str| text.parse::<ServerName>().unwrap().is_address();
        for text in ["10.0.0.5", "10.0.0.5:4455", "::1", "[::1]:4455", "fe80::1%eth0", "::ffff:10.0.0.5"] {
            assert!(is_address(text), "{text}");
        }
        // Resolvers differ in how they read the second and the third.
        for text in ["fs1", "10.0.0", "010.0.0.5", "10.0.0.5.example.com", "fs1%eth0"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn scope_is_not_sent_to_the_server() {
        let host = |text: &str| text.parse::<ServerName>().unwrap().host_without_scope().to_owned();
        assert_eq!(host("fe80::1%eth0"), "fe80::1");
        assert_eq!(host("fs1"), "fs1");
    }
}
