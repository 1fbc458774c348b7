//! A server as it is named on the command line.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use anyhow::{Result, bail};

use crate::output::escape::escaped;

/// The port of SMB over TCP.
const SMB: u16 = 445;

/// The longest name that DNS has, and far longer than any address.
const LONGEST_NAME: usize = 253;

/// A server to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Name or address, as typed, without brackets.
    host: String,
    port: u16,
}

impl Target {
    /// The server that is meant when none is named.
    pub(crate) fn localhost() -> Self {
        Self { host: "localhost".into(), port: SMB }
    }

    /// `fs1`, `\\fs1`, `fs1:4455`, `fe80::1%eth0`, `[fe80::1]:445`, `smb://fs1:4455`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = escaped(text);
        if let Some(group) = text.strip_prefix('@') {
            bail!(
                "{shown}: there is no group `{}`: groups come from a configuration file, and none is read; \
                 name the servers",
                escaped(group)
            );
        }
        let bare = without_prefix(text);
        let (authority, share) = match bare.find(['/', '\\']) {
            Some(at) => bare.split_at(at),
            None => (bare, ""),
        };
        if !share.trim_matches(['/', '\\']).is_empty() {
            bail!(
                "{shown}: is a share, and sessions belong to the server: type {}",
                if authority.is_empty() { "its name".into() } else { escaped(authority) }
            );
        }
        if let Some((_, host)) = authority.rsplit_once('@') {
            bail!("{shown}: is a user at a server: type {} and name the user with --login", escaped(host));
        }
        let Some((host, port)) = host_and_port(authority) else {
            bail!("{shown}: is no server: use a name or an address, fs1, fs1:4455, fe80::1 or [fe80::1]:4455");
        };
        Ok(Self { host: host.into(), port })
    }

    /// What the library is given: `fs1`, `fs1:4455`, `[fe80::1]:4455`.
    pub(crate) fn address(&self) -> String {
        self.to_string()
    }

    /// What makes two spellings the same server.
    fn key(&self) -> (String, u16) {
        let host = match self.host.parse::<IpAddr>() {
            Ok(ip) => ip.to_string(),
            // The zone of an address is an interface, whose name has upper and lower case.
            Err(_) if self.host.contains(':') => self.host.clone(),
            Err(_) => self.host.to_lowercase(),
        };
        (host, self.port)
    }
}

/// As typed, without `\\`, `smb://` and brackets, and with the port only if it is not 445. An IPv6 address
/// with a port keeps its brackets: `fe80::1:4455` would be another address.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        match (*port, host.contains(':')) {
            (SMB, _) => f.write_str(host),
            (port, true) => write!(f, "[{host}]:{port}"),
            (port, false) => write!(f, "{host}:{port}"),
        }
    }
}

/// The servers to ask, each once, in the order given.
pub(crate) fn parse_all(servers: &[String]) -> Result<Vec<Target>> {
    if servers.is_empty() {
        return Ok(vec![Target::localhost()]);
    }
    let mut seen = HashSet::new();
    let mut targets = Vec::new();
    for server in servers {
        let target = Target::parse(server)?;
        if seen.insert(target.key()) {
            targets.push(target);
        }
    }
    Ok(targets)
}

fn without_prefix(text: &str) -> &str {
    if let Some((scheme, rest)) = text.split_at_checked(6)
        && scheme.eq_ignore_ascii_case("smb://")
    {
        return rest;
    }
    text.strip_prefix(r"\\").or_else(|| text.strip_prefix("//")).unwrap_or(text)
}

fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        let port = match after.strip_prefix(':') {
            Some(port) => parse_port(port)?,
            None if after.is_empty() => SMB,
            None => return None,
        };
        return is_ipv6(address).then_some((address, port));
    }
    if is_ipv6(authority) {
        return Some((authority, SMB));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None => (authority, SMB),
    };
    is_name(host).then_some((host, port))
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "any"));
    address.parse::<Ipv6Addr>().is_ok() && is_name(zone)
}

fn is_name(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "[]?#\"<>|*,;".contains(c);
    !text.is_empty() && text.len() <= LONGEST_NAME && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Target::parse(text).unwrap().to_string()
    }

    fn refused(text: &str) -> String {
        Target::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_spelling_of_a_server() {
        for (typed, expected) in [
            ("fs1", "fs1"),
            (r"\\fs1", "fs1"),
            (r"\\fs1\", "fs1"),
            ("//fs1", "fs1"),
            ("FS1.Example.com", "FS1.Example.com"),
            ("fs1:445", "fs1"),
            ("fs1:4455", "fs1:4455"),
            ("10.0.0.5", "10.0.0.5"),
            ("10.0.0.5:4455", "10.0.0.5:4455"),
            ("fe80::1", "fe80::1"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("[fe80::1]", "fe80::1"),
            ("[fe80::1%eth0]:4455", "[fe80::1%eth0]:4455"),
            ("[fe80::1]:445", "fe80::1"),
            (r"\\[fe80::1]:4455", "[fe80::1]:4455"),
            ("smb://fs1", "fs1"),
            ("SMB://fs1/", "fs1"),
            ("smb://fs1:4455", "fs1:4455"),
            ("smb://[::1]:4455/", "[::1]:4455"),
            ("bücher", "bücher"),
        ] {
            assert_eq!(shown(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_share_is_refused_with_what_to_type() {
        for text in [r"\\fs1\share", "//fs1/share", "smb://fs1/share", r"\\fs1\share\folder", "fs1/share", r"\\fs1\c$\"]
        {
            assert_eq!(refused(text), format!("{text}: is a share, and sessions belong to the server: type fs1"));
        }
        insta::assert_snapshot!(refused("smb://fs1:4455/share"), @"smb://fs1:4455/share: is a share, and sessions belong to the server: type fs1:4455");
        insta::assert_snapshot!(refused("/srv/share"), @"/srv/share: is a share, and sessions belong to the server: type its name");
    }

    #[test]
    fn a_group_needs_a_configuration() {
        insta::assert_snapshot!(refused("@fileservers"), @"@fileservers: there is no group `fileservers`: groups come from a configuration file, and none is read; name the servers");
    }

    #[test]
    fn a_user_is_not_part_of_a_server() {
        insta::assert_snapshot!(refused("smb://alice@fs1"), @"smb://alice@fs1: is a user at a server: type fs1 and name the user with --login");
    }

    #[test]
    fn what_is_no_server() {
        for text in [
            "", r"\\", "smb://", "fs1:", ":445", "fs1:0", "fs1:65536", "fs1:+1", "fs1:http", "fs 1", "fs1\u{1b}[31m", "[fs1]",
            "[fe80::1", "[fe80::1]4455", "[fe80::1]:", "fe80::1%", "fe80::zz", "1:2:3", "*", "fs1,fs2", &"a".repeat(254),
        ] {
            assert!(refused(text).contains("is no server"), "{text:?}");
        }
        assert!(!refused("fs1\u{1b}[31m").contains('\u{1b}'));
    }

    #[test]
    fn a_server_named_twice_is_asked_once() {
        let typed = ["FS1", "fs1:445", r"\\Fs1", "fs1:4455", "::1", "[0:0::1]:445", "fe80::1%eth0", "fe80::1%ETH0"];
        let targets = parse_all(&typed.map(String::from)).unwrap();
        let shown: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["FS1", "fs1:4455", "::1", "fe80::1%eth0", "fe80::1%ETH0"]);
    }

    #[test]
    fn no_server_is_localhost() {
        assert_eq!(parse_all(&[]).unwrap(), [Target::localhost()]);
    }
}
