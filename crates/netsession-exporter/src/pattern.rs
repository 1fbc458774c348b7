use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use netsession::ServerName;

/// A pattern of server names or IPv4 addresses: `*.nas.example.com`, `fs*`, `10.1.*.*`, `fs*.example.com:4455`.
///
/// A `*` matches any characters within one label, but not a dot. Case is ignored. A pattern without a port matches
/// port 445 only. A pattern of numbers matches IPv4 addresses only, and any other pattern matches names only, so that
/// `10.*.*.*` does not match `10.evil.example.com`. There are no patterns of IPv6 addresses.
///
/// ```
/// use netsession_exporter::Pattern;
///
/// let pattern: Pattern = "fs*.example.com".parse()?;
/// assert!(pattern.matches(&"FS1.example.com".parse().unwrap()));
/// assert!(!pattern.matches(&"fs1.evil.example.com".parse().unwrap()));
/// assert!(!pattern.matches(&"fs1.example.com:8445".parse().unwrap()));
/// # Ok::<(), netsession_exporter::ParsePatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    labels: Vec<String>,
    port: u16,
    matches_addresses: bool,
}

impl Pattern {
    /// Whether the pattern matches `server`.
    #[must_use]
    pub fn matches(&self, server: &ServerName) -> bool {
        let server = server.normalized();
        let host = server.host();
        let is_address = matches!(host.parse(), Ok(IpAddr::V4(_)));
        // Resolvers read some names as addresses in another notation: these match no pattern.
        let is_name = !is_address && !host.contains(':') && !is_legacy_address(host);
        let is_right_kind = if self.matches_addresses { is_address } else { is_name };
        let labels: Vec<_> = host.split('.').collect();
        is_right_kind
            && server.port() == self.port
            && labels.len() == self.labels.len()
            && self.labels.iter().zip(labels).all(|(pattern, label)| label_matches(pattern, label))
    }
}

/// Whether `inet_aton` may read it as an IPv4 address: `010.1` (octal), `0x7f000001`, `10.0.0.5.`. No top-level domain
/// is a number.
fn is_legacy_address(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x"))
}

/// Whether a name in DNS can have labels that match these: none of them is empty, but the one behind a dot at the end, or
/// longer than 63 bytes (RFC 1035 2.3.4).
fn are_possible(labels: &[String]) -> bool {
    const LONGEST: usize = 63;
    let shortest = |label: &String| label.bytes().filter(|byte| *byte != b'*').count();
    without_final_dot(labels).iter().all(|label| !label.is_empty() && shortest(label) <= LONGEST)
}

/// The labels without the empty one behind a dot at the end, which names in DNS may have.
fn without_final_dot(labels: &[String]) -> &[String] {
    match labels {
        [named @ .., last] if last.is_empty() && !named.is_empty() => named,
        all => all,
    }
}

/// Matches the text before the first star, then each part between two stars, then the text after the last star.
fn label_matches(pattern: &str, label: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == label };
    let Some(mut left) = label.strip_prefix(start) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    true
}

impl FromStr for Pattern {
    type Err = ParsePatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(['\\', '/']) {
            return Err(ParsePatternError::NoServer);
        }
        if text.rsplit_once(':').is_some_and(|(_, port)| port.contains('*')) && text.matches(':').count() == 1
        {
            return Err(ParsePatternError::OpenPort);
        }
        // No server name contains a star. With a digit in its place the pattern must be a valid name.
        let stands_for: ServerName =
            text.replace('*', "0").parse().map_err(|_| ParsePatternError::NoServer)?;
        let host = match text.rsplit_once(':') {
            Some((host, _)) if !stands_for.host().contains(':') => host,
            Some(_) => return Err(ParsePatternError::Ipv6),
            None => text,
        };
        // The scope of an IPv6 address; no host name has a percent sign.
        if host.contains('%') {
            return Err(ParsePatternError::Ipv6);
        }
        let labels: Vec<_> = host.to_lowercase().split('.').map(str::to_owned).collect();
        let is_numeric = |label: &String| label.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
        let has_digit = host.bytes().any(|byte| byte.is_ascii_digit());
        let named = without_final_dot(&labels);
        let matches_addresses = named.len() == 4 && has_digit && named.iter().all(is_numeric);
        if matches_addresses && named.len() < labels.len() {
            // No address ends in a dot.
            return Err(ParsePatternError::MatchesNothing);
        }
        let last_is_open = named.last().is_some_and(|last| last.contains('*'));
        if !matches_addresses && named.len() > 1 && last_is_open {
            return Err(ParsePatternError::OpenDomain);
        }
        let can_match = if matches_addresses {
            labels.iter().all(|label| (0..=u8::MAX).any(|number| label_matches(label, &number.to_string())))
        } else {
            // The star of the last label stands for nothing here, and for a letter: what is a number with both is one
            // with everything.
            !is_legacy_address(&host.replace('*', "")) || !is_legacy_address(&host.replace('*', "z"))
        };
        if !can_match || !are_possible(&labels) {
            return Err(ParsePatternError::MatchesNothing);
        }
        Ok(Self { labels, port: stands_for.port(), matches_addresses })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.labels.join("."))?;
        if self.port == ServerName::DEFAULT_PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// The text is not a valid [`Pattern`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePatternError {
    /// It is not a server name with `*` in it.
    #[error(
        "not a valid pattern: write the name of a server with * in it, such as fs*.example.com or 10.1.*.*"
    )]
    NoServer,
    /// An IPv6 address has too many notations.
    #[error("patterns of IPv6 addresses are not supported: add an entry for each server")]
    Ipv6,
    /// A port is one number.
    #[error("the port of a pattern cannot contain *: write a pattern for each port")]
    OpenPort,
    /// A number above 255 or with a zero in front in an address, a name that ends in a number, or a part of a name that is
    /// empty or too long.
    #[error(
        "no server can match it: an address is four numbers from 0 to 255, no name ends in a number, and each part of a \
         name has 1 to 63 characters"
    )]
    MatchesNothing,
    /// Anyone can register a name in some top-level domain.
    #[error("the last part of a domain name cannot contain *")]
    OpenDomain,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, server: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(&server.parse().unwrap())
    }

    #[test]
    fn star_matches_within_one_label() {
        for (pattern, server) in [
            ("fs1", "FS1"),
            ("fs*", "fs1"),
            ("*", "anything"),
            ("*.Example.com", "nas.example.COM"),
            ("fs*-a*.example.com", "fs12-ab.example.com"),
            ("fs*:4455", "fs1:4455"),
            ("10.1.*.*", "10.1.2.3"),
            ("10.1.*.5*", "10.1.2.53"),
            ("fs*", r"\\fs1"),
            ("a*a", "aa"),
            ("10.1.*.*", "::ffff:10.1.2.3"),
            ("10.1.*.25*", "10.1.2.25"),
            ("5*", "5a"),
            ("0*", "0a"),
            ("fs*.example.com.", "fs1.example.com."),
        ] {
            assert!(matches(pattern, server), "{pattern} {server}");
        }
        for (pattern, server) in [
            ("fs*", "fs1.evil.example"),
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", "example.com"),
            ("fs*", "fs1:4455"),
            ("fs*:4455", "fs1"),
            ("10.*.*.*", "10.evil.example.com"),
            ("10.*.*.*", "10.a.b.c"),
            ("10.*.*.*", "010.0.0.8"),
            ("*", "10"),
            ("*", "0x0a000008"),
            ("*", "::1"),
            ("*.*.*.com", "10.0.0.5"),
            ("10.1.*.*", "10.2.0.1"),
            ("a*a", "a"),
        ] {
            assert!(!matches(pattern, server), "{pattern} {server}");
        }
    }

    #[test]
    fn invalid_patterns() {
        let long_label = format!("{}*.example.com", "x".repeat(64));
        for (text, error) in [
            ("", ParsePatternError::NoServer),
            ("fs *", ParsePatternError::NoServer),
            (r"\\fs*", ParsePatternError::NoServer),
            ("smb://fs*", ParsePatternError::NoServer),
            ("fs*/share", ParsePatternError::NoServer),
            ("fs*:*0000000", ParsePatternError::OpenPort),
            ("fs*:*", ParsePatternError::OpenPort),
            ("10.1.*.*:55*", ParsePatternError::OpenPort),
            ("10.1.*.300*", ParsePatternError::MatchesNothing),
            ("10.1.*.256", ParsePatternError::MatchesNothing),
            ("10.01.*.*", ParsePatternError::MatchesNothing),
            ("fs*.5", ParsePatternError::MatchesNothing),
            ("10.1.*.*.", ParsePatternError::MatchesNothing),
            ("fs.*.", ParsePatternError::OpenDomain),
            ("10.1.5", ParsePatternError::MatchesNothing),
            ("*.10.1.0.5", ParsePatternError::MatchesNothing),
            ("0x*", ParsePatternError::MatchesNothing),
            ("5", ParsePatternError::MatchesNothing),
            ("fs*..example.com", ParsePatternError::MatchesNothing),
            (".fs*.example.com", ParsePatternError::MatchesNothing),
            (long_label.as_str(), ParsePatternError::MatchesNothing),
            ("*%lo", ParsePatternError::Ipv6),
            ("*%lo.example.com", ParsePatternError::Ipv6),
            ("10.1.*.*%eth0", ParsePatternError::Ipv6),
            ("fs*%", ParsePatternError::Ipv6),
            ("fe80::*%lo", ParsePatternError::Ipv6),
            ("fe80::*", ParsePatternError::Ipv6),
            ("[fe80::*]:445", ParsePatternError::Ipv6),
            ("fs.*", ParsePatternError::OpenDomain),
            ("*.*.*.*", ParsePatternError::OpenDomain),
            ("10.*", ParsePatternError::OpenDomain),
        ] {
            assert_eq!(text.parse::<Pattern>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn display_is_normalized() {
        for (text, shown) in [("FS*:445", "fs*"), ("10.1.*.*:4455", "10.1.*.*:4455")] {
            assert_eq!(text.parse::<Pattern>().unwrap().to_string(), shown);
        }
    }
}
