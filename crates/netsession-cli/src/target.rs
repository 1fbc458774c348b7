//! A server as it is named on the command line.

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use netsession::ServerName;

use crate::output::escape::escaped;

/// A server to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target(ServerName);

impl Target {
    /// `fs1`, `\\fs1`, `fs1:4455`, `fe80::1%eth0`, `[fe80::1]:445`, `smb://fs1:4455`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = escaped(text);
        if text.starts_with('@') {
            bail!(
                "{shown}: there is no such group: groups come from a configuration file, and this version \
                 reads none: name the servers"
            );
        }
        let (server, rest) = split_off_path(text);
        let authority = server.rsplit(['/', '\\']).next().unwrap_or(server);
        if let Some((_, host)) = authority.rsplit_once('@') {
            bail!("{shown}: is a user at a server: type {} and name the user with --login", escaped(host));
        }
        if !rest.trim_matches(['/', '\\']).is_empty() {
            return Err(share(&shown, server));
        }
        server.parse().map(Self).with_context(|| format!("{shown}: is no server"))
    }

    /// Whether another port than that of SMB is named.
    pub(crate) fn has_port(&self) -> bool {
        self.0.port() != ServerName::DEFAULT_PORT
    }

    /// What makes two spellings the same server.
    fn key(&self) -> (String, u16) {
        let host = self.0.host();
        let host = match host.parse::<IpAddr>() {
            Ok(ip) => ip.to_string(),
            // The zone of an address is an interface, whose name has upper and lower case.
            Err(_) if host.contains(':') => host.to_owned(),
            Err(_) => host.to_lowercase(),
        };
        (host, self.0.port())
    }
}

/// As typed, without `\\`, `smb://` and brackets, and with the port only if it is not 445.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The servers to ask, each once, in the order given.
pub(crate) fn parse_all(servers: &[String]) -> Result<Vec<Target>> {
    if servers.is_empty() {
        return Ok(vec![Target::parse("localhost")?]);
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

/// The server, with `\\` or `smb://` if that is in front, and what follows it from the first separator on.
fn split_off_path(text: &str) -> (&str, &str) {
    let prefix = match text.get(..6) {
        Some(scheme) if scheme.eq_ignore_ascii_case("smb://") => 6,
        _ if text.starts_with(r"\\") || text.starts_with("//") => 2,
        _ => 0,
    };
    let bare = text.get(prefix..).unwrap_or_default();
    let end = bare.find(['/', '\\']).map_or(text.len(), |at| at.saturating_add(prefix));
    text.split_at(end)
}

fn share(shown: &str, server: &str) -> anyhow::Error {
    let server: Result<ServerName, _> = server.parse();
    let instead = server.map_or("the name of the server".into(), |server| server.to_string());
    anyhow::anyhow!("{shown}: is a share, and sessions belong to the server: type {instead}")
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
        for text in [
            r"\\fs1\share",
            "//fs1/share",
            "smb://fs1/share",
            r"\\fs1\share\folder",
            "fs1/share",
            r"\\fs1\c$\",
        ] {
            assert_eq!(
                refused(text),
                format!("{text}: is a share, and sessions belong to the server: type fs1")
            );
        }
        insta::assert_snapshot!(refused("smb://fs1:4455/share"), @"smb://fs1:4455/share: is a share, and sessions belong to the server: type fs1:4455");
        insta::assert_snapshot!(refused("/srv/share"), @"/srv/share: is a share, and sessions belong to the server: type the name of the server");
    }

    #[test]
    fn a_group_needs_a_configuration() {
        insta::assert_snapshot!(refused("@fileservers"), @"@fileservers: there is no such group: groups come from a configuration file, and this version reads none: name the servers");
    }

    #[test]
    fn a_user_is_not_part_of_a_server() {
        insta::assert_snapshot!(refused("smb://alice@fs1"), @"smb://alice@fs1: is a user at a server: type fs1 and name the user with --login");
    }

    #[test]
    fn what_is_no_server() {
        for text in [
            "",
            r"\\",
            "smb://",
            "fs1:",
            ":445",
            "fs1:0",
            "fs1:65536",
            "fs1:+1",
            "fs1:http",
            "fs 1",
            "fs1\u{1b}[31m",
            "[fs1]",
            "[fe80::1",
            "[fe80::1]4455",
            "[fe80::1]:",
            "fe80::zz",
            "-fs1",
            "1:2:3",
            "*",
            "fs1,fs2",
            &"a".repeat(256),
        ] {
            assert!(refused(text).contains("is no server"), "{text:?}");
        }
        assert!(!refused("fs1\u{1b}[31m").contains('\u{1b}'));
    }

    #[test]
    fn a_server_named_twice_is_asked_once() {
        let typed =
            ["FS1", "fs1:445", r"\\Fs1", "fs1:4455", "::1", "[0:0::1]:445", "fe80::1%eth0", "fe80::1%ETH0"];
        let targets = parse_all(&typed.map(String::from)).unwrap();
        let shown: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["FS1", "fs1:4455", "::1", "fe80::1%eth0", "fe80::1%ETH0"]);
    }

    #[test]
    fn no_server_is_localhost() {
        assert_eq!(parse_all(&[]).unwrap(), [Target::parse("localhost").unwrap()]);
    }
}
