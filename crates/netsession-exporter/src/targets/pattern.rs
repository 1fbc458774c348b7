use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use netsession::ServerName;

/// Servers by the look of their names: `*.nas.example.com`, `fs*`, `10.1.*.*`, `fs*.example.com:4455`.
///
/// A `*` stands for any characters within one label, and never for a dot. Upper and lower case are the same. Without
/// a port it is port 445 and no other. A pattern of numbers matches IPv4 addresses and no name, and one of names no
/// address, so that `10.*.*.*` lets no `10.evil.example.com` through; IPv6 addresses need an entry of their own.
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
    of_addresses: bool,
}

impl Pattern {
    /// Whether `server` is one of those meant.
    #[must_use]
    pub fn matches(&self, server: &ServerName) -> bool {
        let host = server.host().to_lowercase();
        let is_address = matches!(host.parse(), Ok(IpAddr::V4(_)));
        // What a resolver may take for a number in another notation is neither.
        let is_name = !is_address && !host.contains(':') && !looks_like_a_number(&host);
        let right_kind = if self.of_addresses { is_address } else { is_name };
        let labels: Vec<_> = host.split('.').collect();
        right_kind
            && server.port() == self.port
            && labels.len() == self.labels.len()
            && self.labels.iter().zip(labels).all(|(pattern, label)| label_matches(pattern, label))
    }
}

/// `010.1`, `0x7f000001`, `10.0.0.5.`: what inet_aton takes, and no name that DNS has at its top.
fn looks_like_a_number(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x"))
}

/// The parts between the stars, one after the other; the first at the start, the last at the end.
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
        // A star is in no server's name: with a digit in its place everything else must be one.
        let stands_for: ServerName =
            text.replace('*', "0").parse().map_err(|_| ParsePatternError::NoServer)?;
        let host = match text.rsplit_once(':') {
            Some((host, _)) if !stands_for.host().contains(':') => host,
            Some(_) => return Err(ParsePatternError::Ipv6),
            None => text,
        };
        let labels: Vec<_> = host.to_lowercase().split('.').map(str::to_owned).collect();
        let is_numeric = |label: &String| label.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
        let has_digit = host.bytes().any(|byte| byte.is_ascii_digit());
        let of_addresses = labels.len() == 4 && has_digit && labels.iter().all(is_numeric);
        let last_is_open = labels.last().is_some_and(|last| last.contains('*'));
        if !of_addresses && labels.len() > 1 && last_is_open {
            return Err(ParsePatternError::OpenDomain);
        }
        Ok(Self { labels, port: stands_for.port(), of_addresses })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.labels.join("."))?;
        if self.port == ServerName::DEFAULT_PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// A text that is no [`Pattern`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePatternError {
    /// Besides the stars it is no server's name.
    #[error("a pattern is the name of a server with * in it, such as fs*.example.com or 10.1.*.*")]
    NoServer,
    /// Addresses of IPv6 have too many notations.
    #[error("there are no patterns of IPv6 addresses: give each server an entry of its own")]
    Ipv6,
    /// Anybody can have a name under some domain.
    #[error("the last part of a domain cannot have a * in it")]
    OpenDomain,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, server: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(&server.parse().unwrap())
    }

    #[test]
    fn a_star_stays_within_its_label() {
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
    fn what_is_no_pattern() {
        for (text, error) in [
            ("", ParsePatternError::NoServer),
            ("fs *", ParsePatternError::NoServer),
            (r"\\fs*", ParsePatternError::NoServer),
            ("smb://fs*", ParsePatternError::NoServer),
            ("fs*/share", ParsePatternError::NoServer),
            ("fs*:*0000000", ParsePatternError::NoServer),
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
    fn it_is_shown_as_it_counts() {
        for (text, shown) in [("FS*:445", "fs*"), ("10.1.*.*:4455", "10.1.*.*:4455")] {
            assert_eq!(text.parse::<Pattern>().unwrap().to_string(), shown);
        }
    }
}
