//! A server as it is named on the command line.

mod list;

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use netsession::ServerName;

use crate::config::Config;
use crate::output::escape::escaped;
pub(crate) use list::List;

/// A server to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target(ServerName);

impl Target {
    /// `fs1`, `\\fs1`, `fs1:4455`, `fe80::1%eth0`, `[fe80::1]:445`, `smb://fs1:4455`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = escaped(text);
        let (server, rest) = split_off_path(text);
        let authority = server.rsplit(['/', '\\']).next().unwrap_or(server);
        if let Some((_, host)) = authority.rsplit_once('@') {
            bail!("{shown}: is a user at a server: type {} and name the user with --login", escaped(host));
        }
        if !rest.trim_matches(['/', '\\']).is_empty() {
            return Err(share(&shown, server, rest));
        }
        server.parse().map(Self).with_context(|| format!("{shown}: is no server"))
    }

    /// Whether another port than that of SMB is named.
    pub(crate) fn has_port(&self) -> bool {
        self.0.port() != ServerName::DEFAULT_PORT
    }

    /// Whether it is named by an IP address.
    pub(crate) fn is_address(&self) -> bool {
        let host = self.0.host();
        host.contains(':') || host.parse::<IpAddr>().is_ok()
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

/// The servers to ask, each once, in the order given, those of a list last; a group stands for its servers.
pub(crate) fn parse_all(servers: &[String], list: Option<&List>, config: &Config) -> Result<Vec<Target>> {
    if servers.is_empty() && list.is_none() {
        return Ok(vec![Target::parse("localhost")?]);
    }
    let mut seen = HashSet::new();
    let mut targets = Vec::new();
    let mut add = |server: &str| -> Result<()> {
        let mut new = |target: &Target| seen.insert(target.key());
        match server.strip_prefix('@') {
            Some(group) => {
                let members = config.members(group).with_context(|| escaped(server).into_owned())?;
                targets.extend(members.into_iter().filter(|target| new(target)).cloned());
            }
            None => targets.extend(Some(Target::parse(server)?).filter(new)),
        }
        Ok(())
    };
    servers.iter().try_for_each(|server| add(server))?;
    for (server, line) in list.iter().flat_map(|list| list.servers()) {
        add(server).with_context(|| list.map(|list| list.place(line)).unwrap_or_default())?;
    }
    if targets.is_empty() {
        bail!("the groups that are named have no server");
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

fn share(shown: &str, server: &str, rest: &str) -> anyhow::Error {
    let has_prefix = rest.strip_prefix('/').is_some_and(|bits| bits.bytes().all(|bit| bit.is_ascii_digit()));
    if has_prefix && server.parse::<IpAddr>().is_ok() {
        return anyhow::anyhow!("{shown}: is a range of addresses: name each server, none is looked for");
    }
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
        insta::assert_snapshot!(refused("10.0.0.5/share"), @"10.0.0.5/share: is a share, and sessions belong to the server: type 10.0.0.5");
        insta::assert_snapshot!(refused("10.0.0.0/24"), @"10.0.0.0/24: is a range of addresses: name each server, none is looked for");
        insta::assert_snapshot!(refused("/srv/share"), @"/srv/share: is a share, and sessions belong to the server: type the name of the server");
    }

    #[test]
    fn a_group_stands_for_its_servers() {
        let config = "[groups]\nall = ['fs1', '@some', 'fs2:445']\nsome = ['FS2', 'fs3']\nnone = []\n";
        let (config, faults) = Config::parse(config, std::path::Path::new("/"));
        assert_eq!(faults, []);
        let asked = |servers: &[&str]| {
            let servers: Vec<_> = servers.iter().map(|server| (*server).to_owned()).collect();
            parse_all(&servers, None, &config)
                .map(|targets| targets.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(asked(&["@all"]).unwrap(), ["fs1", "FS2", "fs3"]);
        assert_eq!(asked(&["fs3", "@some"]).unwrap(), ["fs3", "FS2"]);
        let unknown = format!("{:#}", asked(&["@fileservers"]).unwrap_err());
        assert_eq!(unknown, "@fileservers: there is no such group: the configuration has @all, @none, @some");
        assert!(asked(&["@none"]).is_err());
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
        let targets = parse_all(&typed.map(String::from), None, &Config::default()).unwrap();
        let shown: Vec<_> = targets.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["FS1", "fs1:4455", "::1", "fe80::1%eth0", "fe80::1%ETH0"]);
    }

    #[test]
    fn no_server_is_localhost() {
        assert_eq!(parse_all(&[], None, &Config::default()).unwrap(), [Target::parse("localhost").unwrap()]);
    }
}
