//! Servers as they are typed: `fs1`, `\\fs1`, `fs1:4455`, `fe80::1%eth0`, `[fe80::1]:445`, `smb://fs1:4455`.

use std::net::IpAddr;

use anyhow::{Context as _, Result, bail};
use netsession::ServerName;

use crate::text::escaped;

/// The server in a text. The error of a share, a user or a range says what to type instead.
pub(crate) fn parse(text: &str) -> Result<ServerName> {
    let shown = escaped(text);
    let (server, rest) = split_off_path(text);
    let authority = server.rsplit(['/', '\\']).next().unwrap_or(server);
    if let Some((_, host)) = authority.rsplit_once('@') {
        bail!("{shown}: is a user at a server: type {} and name the user with --login", escaped(host));
    }
    if !rest.trim_matches(['/', '\\']).is_empty() {
        return Err(share(&shown, server, rest));
    }
    server.parse().with_context(|| format!("{shown}: is no server"))
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
    anyhow::anyhow!("{shown}: is a share, not a server: type {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        parse(text).unwrap().to_string()
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
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
            assert_eq!(refused(text), format!("{text}: is a share, not a server: type fs1"));
        }
        insta::assert_snapshot!(refused("smb://fs1:4455/share"), @"smb://fs1:4455/share: is a share, not a server: type fs1:4455");
        insta::assert_snapshot!(refused("10.0.0.5/share"), @"10.0.0.5/share: is a share, not a server: type 10.0.0.5");
        insta::assert_snapshot!(refused("10.0.0.0/24"), @"10.0.0.0/24: is a range of addresses: name each server, none is looked for");
        insta::assert_snapshot!(refused("/srv/share"), @"/srv/share: is a share, not a server: type the name of the server");
    }

    #[test]
    fn a_user_in_front_of_a_server_is_refused() {
        insta::assert_snapshot!(refused("smb://alice@fs1"), @"smb://alice@fs1: is a user at a server: type fs1 and name the user with --login");
    }

    #[test]
    fn malformed_servers_are_refused() {
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
}
